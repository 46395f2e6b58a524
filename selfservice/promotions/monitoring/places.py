"""The environments in which use cases are monitored, and the credentials with which a command reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import NotConnectedError, RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.promotions.place import current_account
from selfservice.reports.delivery import NotDeployedError, delivered, names_of
from settings.data.ml_layout import MONITORING
from settings.derived.use_case_names import UseCaseNames
from settings.types.aws.account_access import AccountAccess
from settings.types.aws.bucket_names import ml_bucket_name
from settings.types.kinds import ReleasedTo
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

WATCHES = "MLOpsEngineer-environments"
"""Permission set of the people who read reports and start comparisons."""
_ROLE = "aws:iam/role:Role"


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorPlace:
    """An environment in which a use case is monitored."""

    names: UseCaseNames
    environment: ReleasedTo
    account: Account
    bucket: str

    @property
    def prefix(self) -> str:
        """Prefix of the names of its resources: ``fraud--scoring-prod``."""
        return f"{self.names.prefix}-{ENVIRONMENT_ABBREVIATIONS[self.environment]}"

    @property
    def results(self) -> str:
        """Prefix of the keys of all reports."""
        return f"{self.names.use_case}/{MONITORING}/results/"


def monitor_place(project: Project, use_case: str, environment: ReleasedTo, role_arn: str | None) -> MonitorPlace:
    """Returns the place with the credentials of the shell, or those of a role.

    Raises: BadInputError if there is no such use case; NotDeployedError if it has no monitoring in the environment;
    RefusedError if the credentials are those of another account.
    """
    names, own = names_of(project, use_case), current_account(project.home_region)
    resources = resources_by_stack(project, [use_case])[use_case]
    wanted = _account_of_monitoring(names, environment, resources)
    if wanted is None:
        raise NotDeployedError(
            f"{use_case} is not monitored in {environment}: its stack has no role {_role_of(names, environment)}. Use "
            "cases that answer in real time and have approvers get it; deploy with "
            f"`plinth up {use_case} --with-needs`"
        )
    if role_arn is None and (own is None or own.id != wanted):
        have = "has no valid credentials" if own is None else f"is signed in to the account {own.id}"
        raise RefusedError(
            f"the shell {have}, and {environment} of {names.team} is {wanted}; sign in there with the permission set "
            f"{WATCHES}, or pass a role with --role"
        )
    return place_in(names, environment, Account(id=wanted, region=project.home_region, role_arn=role_arn))


def monitor_places(project: Project, environment: ReleasedTo) -> list[MonitorPlace]:
    """Returns the places of all use cases that are monitored in an environment and that the shell may read: those in
    its own account, and with credentials of the management account those in all accounts.

    Raises: NotConnectedError without credentials.
    """
    own = current_account(project.home_region)
    if own is None:
        raise NotConnectedError("it has no valid credentials of AWS (sign in to the management account)")
    use_cases, places = delivered(project), []
    states = resources_by_stack(project, [names.prefix for names in use_cases])
    for names in use_cases:
        wanted = _account_of_monitoring(names, environment, states[names.prefix])
        if wanted is None or own.id not in (wanted, project.management_account_id):
            continue
        role = None if own.id == wanted else AccountAccess().role_arn(wanted)
        places.append(place_in(names, environment, Account(id=wanted, region=project.home_region, role_arn=role)))
    return places


def _role_of(names: UseCaseNames, environment: ReleasedTo) -> str:
    return f"{names.prefix}-{ENVIRONMENT_ABBREVIATIONS[environment]}-monitoring"


def _account_of_monitoring(
    names: UseCaseNames, environment: ReleasedTo, resources: Sequence[Mapping[str, Any]]
) -> str | None:
    """Returns the account in which a use case is monitored, from the state of its stack; None without monitoring."""
    name = _role_of(names, environment)
    role = next((resource for resource in resources if resource["type"] == _ROLE and resource["id"] == name), None)
    return None if role is None else Search({"resources": resources}).account_of(role).id


def place_in(names: UseCaseNames, environment: ReleasedTo, account: Account) -> MonitorPlace:
    """Returns the place with credentials of the account of an environment, whether the use case is monitored or not."""
    bucket = ml_bucket_name(environment, names.team, account_id=account.id, region=account.region)
    return MonitorPlace(names=names, environment=environment, account=account, bucket=bucket)
