"""Settings, names and upstream outputs of a use case's stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import pulumi

from components.identity.use_cases.use_case import UseCase
from components.identity.workloads.package_permissions import Packages
from settings.data.intake import INTAKE
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.source_repositories import SourceRepositories, source_of
from settings.derived.stack_graph import StackIdentity
from settings.derived.tags import CONTRIBUTORS_TAG, contributors_value
from settings.derived.use_case_names import UseCaseNames
from settings.organization.images.image_settings import ImageSettings, base_accounts, repository_arns
from settings.organization.minimum_gate import MinimumGate
from settings.organization.packages import PYPI
from settings.team.delivery import DeliverySettings
from settings.types.aws.bucket_names import PROMOTIONS, organization_bucket_name
from settings.types.kinds import Environment, InferenceKind, ReleasedTo, environments_in, released_to_in
from settings.types.naming import named
from stacks.shared.outputs import EnvironmentOutputs, OrganizationOutputs, TeamOutputs, ToolingOutputs
from stacks.shared.references import read


class BatchIntakes(NamedTuple):
    """The intakes of an environment that fill inputs of batch inference of the use case."""

    state_machines: Sequence[str]
    """Names of their state machines."""
    dead_letter_queue: str
    """Name of their queue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseContext:
    """The context of a use case's stack."""

    delivery: DeliverySettings
    source: SourceRepositories | None
    """Repositories at a source provider; None if people push to CodeCommit."""
    use_case: UseCase
    organization_name: str
    organization: OrganizationOutputs
    tooling: ToolingOutputs
    development: EnvironmentOutputs
    artifact_bucket_arn: pulumi.Output[str]
    minimum_gates: Mapping[str, MinimumGate]
    released_to: Mapping[ReleasedTo, EnvironmentOutputs]
    """Outputs of the environments to which models are released. Their accounts read the models and images."""
    reader_account_ids: Mapping[Environment, pulumi.Input[str]]
    """Account id of each of these environments, without those that share an account with another one."""
    approvers: Mapping[str, Sequence[str]]
    """User names of those who may approve promotions, by stage. Empty if the use case has no promotion pipeline."""
    notified: Sequence[str]
    """E-mail addresses of the people who are told of promotions."""
    log_retention_days: int
    """Days to keep the logs of builds."""
    promotion_image: str
    """Tag of the image with which promotions run; empty without promotions."""
    owner: str
    """E-mail address of the team, which follows alarms of deployed models."""
    models_call_aws: bool
    """Whether models call AWS services during inference."""
    judged_by: Mapping[str, str]
    """Settings of the organization and of the team as JSON text, by which the policies judge releases."""
    inference: Sequence[InferenceKind]
    """How released models predict."""
    intakes: Mapping[Environment, BatchIntakes]
    """Intakes that fill inputs of batch inference, by environment."""
    predicts_on_events: bool
    """Whether events can ask released models for predictions."""
    images: ImageSettings
    """Base and build images of image builds, and the findings that keep an image from production."""
    studios: Sequence[tuple[pulumi.Output[str], Sequence[Environment]]]
    """Id of each account of the team from whose Studios people push to CodeCommit, with their environments."""
    packages: Packages | None
    """Repository from which builds install packages; None if the organization has none."""
    tracking: Mapping[str, str]
    """Environment variables by which builds log to the tracking server; none if it does not admit their role."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> UseCaseContext:
        """Returns the context, from the settings and the outputs of the stacks that this one depends on.

        Raises: ValueError for a use case without a delivery, which has no stack.
        """
        team, name = stack.team or "", stack.use_case or ""
        settings = foundation.teams[team].use_cases[name]
        delivery = settings.delivery
        if delivery is None:
            raise ValueError(f"{stack.name}: the use case has no delivery")
        tooling = read(ToolingOutputs, StackIdentity("tooling"))
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        environments = released_to_in(foundation.organization.phase)
        released_to = {
            environment: read(EnvironmentOutputs, StackIdentity(environment, team)) for environment in environments
        }
        by_account = {foundation.account_of(environment, team): environment for environment in reversed(environments)}
        return cls(
            delivery=delivery,
            source=source_of(foundation.organization, team, name, delivery),
            use_case=UseCase(team=team, name=name, region=foundation.organization.home_region),
            organization_name=foundation.organization.name,
            organization=organization,
            tooling=tooling,
            development=read(EnvironmentOutputs, StackIdentity("development", team)),
            minimum_gates=foundation.minimum_gates_of(team, name),
            artifact_bucket_arn=pulumi.Output.concat("arn:aws:s3:::", tooling.artifact_bucket),
            released_to=released_to,
            reader_account_ids={
                environment: released_to[environment].account_id for environment in sorted(by_account.values())
            },
            approvers=foundation.approvers_of(team, name),
            notified=delivery.notified or (foundation.teams[team].owner,),
            log_retention_days=foundation.organization.log_retention_days,
            promotion_image=foundation.organization.promotion_image or "",
            owner=foundation.teams[team].owner,
            models_call_aws=settings.models_call_aws,
            judged_by=_judged_by(foundation, team, name),
            inference=settings.inference,
            intakes=dict(_batch_intakes(foundation, team, name)),
            predicts_on_events=settings.predicts_on_events,
            images=foundation.organization.images,
            studios=_studios(foundation, team, name, delivery),
            packages=_packages(foundation, tooling, organization),
            tracking=_tracking(foundation, UseCase(team=team, name=name, region=foundation.organization.home_region)),
        )

    @property
    def is_monitored(self) -> bool:
        """Whether released models answer at once, so that their requests are compared with the data of training."""
        return bool(self.approvers) and "real-time" in self.inference

    @property
    def base_accounts(self) -> Sequence[str]:
        """Ids of the accounts whose registries have base images of the use case."""
        return base_accounts(self.use_case.region, self.images.base)

    @property
    def scan_rules(self) -> Mapping[str, object]:
        """Which findings in images promotions refuse, and the waivers of the use case."""
        waivers = [waiver for waiver in self.images.waivers if waiver.use_case == self.names.folder]
        return {
            "refused": self.images.refused_severity,
            "waivers": [waiver.model_dump(exclude={"use_case"}) for waiver in waivers],
        }

    @property
    def build_image_repositories(self) -> Sequence[str]:
        """ARN of the ECR repository of the image of builds; empty for one that CodeBuild provides."""
        return repository_arns(self.images.build_image)

    @property
    def pulled_repositories(self) -> Sequence[str]:
        """ARNs of the ECR repositories of the organization's base image and of the image of builds."""
        return repository_arns(self.images.base, self.images.build_image)

    @property
    def source_bucket(self) -> pulumi.Output[str]:
        """Name of the bucket of the promotion pipeline's artifacts.

        Each use case has its own: in a shared one, CodePipeline names folders by the first 20 characters of the
        pipeline, which are not unique.
        """
        return self.bucket_name(PROMOTIONS, sha256(self.use_case.prefix.encode()).hexdigest()[:8])

    @property
    def source_bucket_arn(self) -> pulumi.Output[str]:
        return pulumi.Output.concat("arn:aws:s3:::", self.source_bucket)

    def bucket_name(self, purpose: str, *digits: str) -> pulumi.Output[str]:
        """Returns the name of a bucket of the organization in the tooling account."""
        return self.tooling.account_id.apply(
            lambda account_id: organization_bucket_name(
                self.organization_name, purpose, *digits, account_id=account_id, region=self.use_case.region
            )
        )

    @property
    def names(self) -> UseCaseNames:
        return self.use_case.names

    @property
    def package_variables(self) -> Mapping[str, pulumi.Input[str]]:
        """Environment variables that tell a build where to install packages from."""
        return self.packages.variables if self.packages is not None else {}

    @property
    def contributors_tag(self) -> Mapping[str, str]:
        """Tag of the repositories by which the permissions of people who sign in to the tooling account are decided."""
        people = self.delivery.contributors
        return {CONTRIBUTORS_TAG: contributors_value(people)} if people else {}


def _tracking(foundation: Foundation, use_case: UseCase) -> Mapping[str, str]:
    server = foundation.organization.tracking_server
    if server is None or not server.admits(use_case.role_name("integration")):
        return {}
    return server.client_variables


def _batch_intakes(foundation: Foundation, team: str, use_case: str) -> Iterator[tuple[Environment, BatchIntakes]]:
    for environment in environments_in(foundation.organization.phase):
        settings = foundation.environment_of(team, environment)
        label = named("role", settings.stack, INTAKE)
        machines = [
            named("state machine", label, name)
            for name, intake in settings.intake.items()
            if intake.use_case == use_case and intake.batch_inference
        ]
        if machines:
            yield settings.environment, BatchIntakes(machines, f"{label}-dead-letters")


def _studios(
    foundation: Foundation, team: str, use_case: str, delivery: DeliverySettings
) -> list[tuple[pulumi.Output[str], Sequence[Environment]]]:
    if source_of(foundation.organization, team, use_case, delivery) is not None:
        return []
    by_account: defaultdict[Account, list[Environment]] = defaultdict(list)
    for environment in environments_in(foundation.organization.phase):
        if foundation.studio_pushes_code(foundation.environment_of(team, environment)):
            by_account[foundation.account_of(environment, team)].append(environment)
    accounts = read(TeamOutputs, StackIdentity("team", team)).accounts
    return [(accounts[environments[0]], environments) for environments in by_account.values()]


def _judged_by(foundation: Foundation, team: str, use_case: str) -> dict[str, str]:
    """Returns the settings that rules read about a release: not where the code is kept, and no other use case."""
    owner = foundation.teams[team]
    others = dict.fromkeys((name for name in owner.use_cases if name != use_case), True)
    return {
        "organization": foundation.organization.model_dump_json(exclude_defaults=True, exclude={"images", "source"}),
        "team": owner.model_dump_json(exclude_defaults=True, exclude={"name": True, "use_cases": others}),
    }


def _packages(foundation: Foundation, tooling: ToolingOutputs, organization: OrganizationOutputs) -> Packages | None:
    """Returns the package repository of the tooling account."""
    if not foundation.has_packages:
        return None
    return Packages(
        account_id=tooling.account_id,
        region=foundation.organization.home_region,
        domain=tooling.package_domain,
        repository=PYPI,
        organization_id=organization.organization_id,
    )
