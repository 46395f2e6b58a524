"""The account of a promotion pipeline, and the credentials with which a command reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.promotion.decisions.people import user_of
from runtime.promotion.records import Records
from selfservice.engine.account_access import DENIED, Account
from selfservice.errors import BadInputError, NotConnectedError, RefusedError
from selfservice.projects.project import Project, require_engine
from settings.derived.use_case_names import MAIN, UseCaseNames
from settings.types.aws.bucket_names import organization_bucket_name
from settings.types.naming import ARTIFACTS

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

OPERATOR = "MLOpsEngineer-tooling"
"""Permission set of the people who start, stop and roll back promotions."""
_PIPELINE = "aws:codepipeline/pipeline:Pipeline"
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionPlace:
    """The promotion pipeline of a use case in the tooling account."""

    names: UseCaseNames
    account: Account
    records: Records
    approvers: Mapping[str, Sequence[str]]
    """User names that may approve, by stage."""

    @property
    def pipeline(self) -> str:
        return self.names.promotion_pipeline

    @property
    def model_group(self) -> str:
        """ARN of the group whose versions are promoted."""
        group = self.names.model_group(MAIN)
        return f"arn:aws:sagemaker:{self.account.region}:{self.account.id}:model-package-group/{group}"


def use_cases_with_promotions(project: Project) -> list[str]:
    """Returns the stacks of all use cases that have a promotion pipeline."""
    from settings.derived.stack_graph import StackIdentity
    from settings.files.validation_cache import load_cached

    foundation = load_cached(project.directory)
    return [
        identity.name
        for identity in map(StackIdentity.parse, project.graph)
        if identity.team
        and identity.use_case
        and identity.team in foundation.teams
        and identity.use_case in foundation.teams[identity.team].use_cases
        and foundation.approvers_of(identity.team, identity.use_case)
    ]


def place_to_read(project: Project, use_case: str) -> PromotionPlace:
    """Returns the place with the credentials of the shell, or with the role that deploys the stack if those do not see
    the pipeline.

    Raises: BadInputError if the use case has no promotion pipeline, or its stack is not deployed.
    """
    foundation = _foundation(project, use_case)
    own = current_account(foundation.organization.home_region)
    if own is not None and sees_pipeline(own, _names(use_case)):
        return place_in(foundation, use_case, own)
    from selfservice.reports import delivery

    require_engine(project.directory)
    return place_in(foundation, use_case, delivery.place_of(project, use_case).tooling)


def place_to_retire(project: Project, use_case: str) -> PromotionPlace:
    """Returns the place with the role that deploys the stack, also of a use case whose settings are gone.

    Raises: BadInputError if the use case has no promotion pipeline.
    """
    found = place_in_state(project, use_case)
    if found is not None:
        return found
    from settings.files.validation_cache import load_cached

    teams = load_cached(project.directory).teams
    team, _, name = use_case.partition("--")
    if team not in teams or name not in teams[team].use_cases:
        known = [f"{team_name}--{name}" for team_name, settings in teams.items() for name in settings.use_cases]
        raise BadInputError(
            f"there is no use case {use_case}: the settings do not have it, and nothing of it is deployed; there are: "
            f"{', '.join(known) or 'none'}"
        )
    raise BadInputError(
        f"{use_case} serves nothing: its stack has no promotion pipeline. `approvers` in its settings and "
        f"`plinth up {use_case} --with-needs` give it one"
    )


def place_in_state(project: Project, use_case: str) -> PromotionPlace | None:
    """Returns the place as the state of the stack describes it, whatever the settings say; None without a pipeline.

    Nobody may approve there.
    """
    from selfservice.engine.import_discovery import Search
    from selfservice.projects.states import resources_by_stack

    resources = resources_by_stack(project, [use_case])[use_case]
    pipelines = [resource for resource in resources if resource["type"] == _PIPELINE]
    pipeline = next(
        (candidate for candidate in pipelines if candidate["id"] == _names(use_case).promotion_pipeline), None
    )
    if pipeline is None:
        return None
    return _at(project.organization, use_case, Search({"resources": resources}).account_of(pipeline), {})


def place_of_person(project: Project, use_case: str) -> PromotionPlace:
    """Returns the place with the credentials of the shell, because CodePipeline records who starts an execution.

    Raises: BadInputError if the use case has no promotion pipeline, or the credentials do not see it.
    """
    foundation = _foundation(project, use_case)
    own = current_account(foundation.organization.home_region)
    if own is None:
        raise NotConnectedError(f"it has no valid credentials of AWS ({_sign_in()})")
    if not sees_pipeline(own, _names(use_case)):
        pipeline = _names(use_case).promotion_pipeline
        raise BadInputError(f"the credentials belong to {own.id} and see no pipeline {pipeline} there: {_sign_in()}")
    return place_in(foundation, use_case, own)


def current_user(place: PromotionPlace) -> str:
    """Returns the name of the person whose credentials the shell has."""
    return user_of(str(place.account.client("sts").get_caller_identity()["Arn"]))


def user_of_shell(place: PromotionPlace) -> str:
    """Returns the name of the person whose credentials the shell has, whatever role the place uses."""
    own = current_account(place.account.region)
    return "" if own is None else user_of(str(own.client("sts").get_caller_identity()["Arn"]))


@contextmanager
def explained(permission_set: str = "") -> Iterator[None]:
    """Explains that the credentials do not suffice. ``permission_set`` names the one that does; by default, that of the
    people who operate promotions. Raises: RefusedError."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            remedy = f"sign in with the permission set {permission_set}" if permission_set else _sign_in()
            raise RefusedError(f"{error}; {remedy}") from error
        raise


def _sign_in() -> str:
    return f"sign in with the permission set {OPERATOR} of the tooling account"


def _names(use_case: str) -> UseCaseNames:
    team, _, name = use_case.partition("--")
    return UseCaseNames(team=team, use_case=name)


def _foundation(project: Project, use_case: str) -> Foundation:
    from settings.files.validation_cache import load_cached

    if use_case not in (known := use_cases_with_promotions(project)):
        raise BadInputError(
            f"there is no use case {use_case} with promotions; there are: {', '.join(known) or 'none'}. "
            "`approvers` in the settings of a use case give it a promotion pipeline"
        )
    return load_cached(project.directory)


def place_of_account(project: Project, use_case: str, account: Account) -> PromotionPlace | None:
    """Returns the place with credentials of the tooling account; None if the use case has no promotion pipeline, or the
    credentials do not see it."""
    if use_case not in use_cases_with_promotions(project) or not sees_pipeline(account, _names(use_case)):
        return None
    return place_in(_foundation(project, use_case), use_case, account)


def place_in(foundation: Foundation, use_case: str, account: Account) -> PromotionPlace:
    """Returns the place with credentials of the tooling account, whether they see the pipeline or not."""
    names = _names(use_case)
    approvers = foundation.approvers_of(names.team, names.use_case)
    return _at(foundation.organization.name, use_case, account, approvers)


def _at(organization: str, use_case: str, account: Account, approvers: Mapping[str, Sequence[str]]) -> PromotionPlace:
    names = _names(use_case)
    bucket = organization_bucket_name(organization, ARTIFACTS, account_id=account.id, region=account.region)
    return PromotionPlace(
        names=names,
        account=account,
        records=Records(s3=account.client("s3"), bucket=bucket, folder=names.folder),
        approvers=approvers,
    )


def current_account(region: str) -> Account | None:
    """Returns the account of the shell's credentials; None if there are no valid ones."""
    from botocore.exceptions import ClientError, NoCredentialsError

    account = Account(id="", region=region, role_arn=None)
    try:
        identity = account.client("sts").get_caller_identity()
    except NoCredentialsError:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] in _EXPIRED:
            return None
        raise
    return Account(id=identity["Account"], region=region, role_arn=None)


def sees_pipeline(account: Account, names: UseCaseNames) -> bool:
    """Returns whether the credentials of an account may read the promotion pipeline of a use case there."""
    from botocore.exceptions import ClientError

    try:
        account.client("codepipeline").get_pipeline_state(name=names.promotion_pipeline)
    except ClientError as error:
        if error.response["Error"]["Code"] in (*DENIED, "PipelineNotFoundException"):
            return False
        raise
    return True
