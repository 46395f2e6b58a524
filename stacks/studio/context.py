"""Settings, names and upstream outputs of the stacks of an environment's Studio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.identity.workloads.code_permissions import CodeAccount
from components.identity.workloads.package_permissions import Packages
from components.identity.workloads.workload_permissions import WorkloadScope
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.packages import PYPI, package_domain
from settings.team.studio import StudioPersona, StudioSettings
from settings.team.team import EnvironmentSettings
from settings.types.aws.bucket_names import team_bucket_name
from settings.types.kinds import kinds_in
from settings.types.naming import named, studio_role
from stacks.shared.outputs import EnvironmentOutputs, OrganizationOutputs
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class StudioContext:
    """The context of every stack of one environment's Studio."""

    settings: EnvironmentSettings
    account: Account
    region: str
    organization: OrganizationOutputs
    registry_account_id: pulumi.Output[str]
    """Id of the account whose container images people run."""
    environment: EnvironmentOutputs
    packages: Packages | None
    """Repository from which apps install packages; None if they install from elsewhere."""
    code: CodeAccount | None
    """Account with the team's code repositories; None if people do not push to CodeCommit."""
    tracking: Mapping[str, str]
    """Environment variables by which the client of MLflow finds the tracking server; none if the network does not reach
    it."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> StudioContext:
        """Returns the context, from the settings and the outputs of upstream stacks."""
        environment = stack.environment_stack
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        outputs = read(EnvironmentOutputs, environment)
        has_tooling = "tooling" in kinds_in(foundation.organization.phase)
        own, settings = outputs.account_id, foundation.environments[environment.name]
        server = foundation.organization.tracking_server if settings.tracking_server else None
        pushes, installs = foundation.studio_pushes_code(settings), foundation.studio_installs_packages(settings)
        return cls(
            settings=settings,
            account=foundation.account_of_stack(stack),
            region=foundation.organization.home_region,
            organization=organization,
            registry_account_id=organization.accounts["tooling"] if has_tooling else own,
            environment=outputs,
            packages=_packages(foundation, organization) if installs else None,
            code=_code(organization) if pushes else None,
            tracking={} if server is None else server.client_variables,
        )

    @property
    def studio(self) -> StudioSettings:
        return self.settings.studio

    @property
    def label(self) -> str:
        """Name of the environment, with which the names of its roles begin."""
        return self.settings.stack

    @property
    def scope(self) -> WorkloadScope:
        """Resources of the environment that people's permissions refer to."""
        return WorkloadScope(
            account_id=self.environment.account_id,
            region=self.region,
            bucket_arn=self.environment.bucket_arn,
            key_arn=self.environment.key_arn,
            role_prefix=self.label,
            team=self.settings.team,
        )

    @property
    def subnet_ids(self) -> list[pulumi.Output[str]]:
        """Ids of the subnets, as a list whose length is known even while the ids are not."""
        return self.environment.private_subnet_ids.first(self.settings.zones)

    @property
    def registry(self) -> pulumi.Output[str]:
        """Registry of the tooling account or, in a phase without one, of the environment's account."""
        return pulumi.Output.concat(self.registry_account_id, f".dkr.ecr.{self.region}.amazonaws.com")

    @property
    def trusted_registries(self) -> list[pulumi.Output[str]]:
        """Ids of the accounts whose images may run as containers inside apps."""
        return [self.registry_account_id, self.environment.account_id]

    @property
    def bucket_name(self) -> pulumi.Output[str]:
        """Name of the bucket for people's own work. It contains the account id, which may be unknown in a preview."""
        team, environment, region = self.settings.team, self.settings.environment, self.region
        return self.environment.account_id.apply(
            lambda account_id: team_bucket_name(team, environment, "studio", account_id=account_id, region=region)
        )

    def opens_canvas(self, persona: StudioPersona) -> bool:
        """Returns whether a persona may open Canvas here."""
        return self.studio.canvas is not None and persona in self.studio.canvas.personas

    def user_role(self, user: str) -> str:
        return named("role", studio_role(self.label, user))


def _packages(foundation: Foundation, organization: OrganizationOutputs) -> Packages:
    """Returns the package repository, whose stack need not be deployed before: its domain has a given name."""
    return Packages(
        account_id=organization.accounts["tooling"],
        region=foundation.organization.home_region,
        domain=package_domain(foundation.organization.name),
        repository=PYPI,
        organization_id=organization.organization_id,
    )


def _code(organization: OrganizationOutputs) -> CodeAccount:
    return CodeAccount(account_id=organization.accounts["tooling"], organization_id=organization.organization_id)
