"""The settings files of a request for a team: its own, those of its environments, and those of data that it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfservice.authoring.new_team import NewTeam, refuse_name_of_stack, stack_text, team_text
from selfservice.changes.requested.base import PresentSettings
from selfservice.changes.yaml_edit import edited
from selfservice.errors import BadInputError
from settings.derived.foundation import Foundation
from settings.files.config_sections import DATASET, ENVIRONMENT, TEAM
from settings.rules.partial_config import stack_file
from settings.team.studio import STUDIO_ENVIRONMENTS
from settings.types.kinds import Environment, environments_in

if TYPE_CHECKING:
    from selfservice.requests.kinds.team import TeamRequest

_OF_THE_TEAM = ("owner", "cost_centre", "monthly_budget_usd")


class ExistingTeamError(BadInputError):
    """The team of a request for a new team exists with other values."""

    def __init__(self, team: str, owner: str, differing: Sequence[str], state: str = "in the settings") -> None:
        super().__init__(
            f"team {team} exists with another {', '.join(differing)}; its state is: {state}, and its owner is {owner}. "
            "Request `action: change` to change it"
        )
        self._values = (team, owner, differing)

    def with_state(self, state: str) -> ExistingTeamError:
        """Returns the error with the state of the team in the team catalog."""
        return ExistingTeamError(*self._values, state)


def files_of_team(present: PresentSettings, request: TeamRequest) -> Iterable[tuple[str, str | None]]:
    """Returns names and contents of the files as they are after the request.

    Raises: BadInputError if the team, its environments or its data do not exist; ExistingTeamError for a new team that
    exists with other values.
    """
    _refuse_impossible(present.foundation, request)
    return _files(present.directory, present.folder, present.foundation, request, present.recycled)


def _refuse_impossible(foundation: Foundation, request: TeamRequest) -> None:
    refuse_name_of_stack(request.team)
    if request.action == "change" and request.team not in foundation.teams:
        known = ", ".join(sorted(foundation.teams)) or "none"
        raise BadInputError(f"there is no team {request.team}; there are: {known}")
    unknown = sorted(set(request.data) - set(foundation.datasets))
    if unknown:
        known = ", ".join(sorted(foundation.datasets)) or "none"
        raise BadInputError(f"there is no dataset {', '.join(unknown)}; there are: {known}")
    missing = sorted({*request.environments, *request.accounts} - set(environments_in(foundation.organization.phase)))
    if missing:
        raise BadInputError(f"the organization's phase has no environment {', '.join(missing)}")


def _files(
    directory: Path, folder: Path, foundation: Foundation, request: TeamRequest, recycled: Sequence[str]
) -> Iterator[tuple[str, str]]:
    yield _team_file(directory, folder, foundation, request, recycled)
    for environment in environments_in(foundation.organization.phase):
        changes = _environment_changes(foundation, request, environment)
        if changes:
            name = stack_file(f"{request.team}-{environment}")
            yield name, _edited(directory, folder / name, "environment", ENVIRONMENT, changes)
    for dataset, environments in request.data.items():
        name = stack_file(foundation.datasets[dataset].stack)
        access = {request.team: list(environments) or None}
        yield name, _edited(directory, folder / name, "dataset", DATASET, {"shared_with": access})


def _team_file(
    directory: Path, folder: Path, foundation: Foundation, request: TeamRequest, recycled: Sequence[str]
) -> tuple[str, str]:
    name = stack_file(request.team)
    given = {field: value for field in _OF_THE_TEAM if (value := getattr(request, field)) is not None}
    if request.team not in foundation.teams:
        cidr = None if request.cidr is None else str(request.cidr)
        accounts = _existing_accounts(foundation, request, recycled)
        return name, team_text(NewTeam(name=request.team, cidr=cidr, accounts=accounts, **given), foundation, directory)
    present = foundation.teams[request.team]
    if request.action == "create":
        others = {"cidr": request.cidr} if request.cidr is not None else {}
        differing = [field for field, value in (given | others).items() if getattr(present, field) != value]
        adopted = {environment: account.id for environment, account in present.accounts.items()}
        differing += ["account"] if not request.accounts.items() <= adopted.items() else []
        if differing:
            raise ExistingTeamError(request.team, str(present.owner), differing)
        return name, (folder / name).read_text(encoding="utf-8")
    return name, _edited(directory, folder / name, "team", TEAM, given)


def _existing_accounts(foundation: Foundation, request: TeamRequest, recycled: Sequence[str]) -> dict[str, str]:
    """Returns the existing accounts that a new team uses, by environment: those of the request, then recycled ones.

    A recycled account that settings name is in use.
    """
    used = {account.id for team in foundation.teams.values() for account in team.accounts.values()}
    free = [id_ for id_ in recycled if id_ not in {*used, *request.accounts.values()}]
    organization = foundation.organization
    others = [
        team_account
        for team_account in organization.placement.team_accounts_in(organization.phase)
        if team_account not in request.accounts
    ]
    return dict([*request.accounts.items(), *zip(others, free, strict=False)])


def _environment_changes(foundation: Foundation, request: TeamRequest, environment: Environment) -> Mapping[str, Any]:
    """Returns the changed settings of an environment, with the Studio users who work there."""
    changes = dict(request.environments.get(environment, {}))
    present = foundation.environments.get(f"{request.team}-{environment}")
    known = {} if present is None else present.studio.users
    users: dict[str, Any] = {}
    for person, persona in request.people.items():
        works_here = persona is not None and environment in STUDIO_ENVIRONMENTS[persona]
        if not works_here:
            users |= {person: None} if person in known else {}
        elif person not in known or known[person].persona != persona:
            users[person] = {"persona": persona}
    if users:
        changes["studio"] = {**changes.get("studio", {}), "users": users}
    return changes


def _edited(directory: Path, file: Path, kind: str, section: str, changes: Mapping[str, Any]) -> str:
    """Returns the content of a settings file with changes. A file that does not exist is begun."""
    text = file.read_text(encoding="utf-8") if file.exists() else stack_text(kind, {}, directory)
    return edited(text, section, changes)
