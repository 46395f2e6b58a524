"""The settings files that a request changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.authoring.new_team import NewTeam, refuse_name_of_stack, stack_text, team_text
from selfservice.authoring.new_use_case import NewUseCase, text_with_use_case
from selfservice.changes.removed_settings import files_without, files_without_use_case
from selfservice.changes.requested.decommission_request import DecommissionRequest
from selfservice.changes.requested.reading import Request
from selfservice.changes.requested.team_request import TeamRequest
from selfservice.changes.requested.upgrade_request import UpgradeRequest
from selfservice.changes.requested.use_case_requests import CreateUseCaseRequest, RetireUseCaseRequest
from selfservice.changes.yaml_edit import edited
from selfservice.errors import BadInputError
from selfservice.fingerprints.layout import Layout
from selfservice.runner.project import open_project
from selfservice.use_cases.answer_check import built_images, refuse_unreturned
from selfservice.use_cases.template import offered_template, source_of
from selfservice.use_cases.template_version import template_version
from settings.derived.foundation import Foundation
from settings.files.config_sections import DATASET, ENVIRONMENT, TEAM
from settings.files.loader import load_with
from settings.files.validation_cache import load_cached
from settings.rules.partial_config import stack_file
from settings.team.studio import STUDIO_ENVIRONMENTS
from settings.types.errors import SettingsError
from settings.types.kinds import Environment, environments_in

_OF_THE_TEAM = ("owner", "cost_centre", "monthly_budget_usd")


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsChange:
    """Settings files with their new contents, and the settings as they would be."""

    files: Mapping[str, str | None]
    """Contents by file name, without files that stay as they are. None stands for a file that is deleted."""
    foundation: Foundation

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 digests of the contents, by file name. Files that are deleted have an empty one."""
        return {name: content_digest(text) for name, text in sorted(self.files.items())}


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


def content_digest(text: str | None) -> str:
    """Returns the SHA-256 digest of the content of a file; empty for a file that is deleted."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def settings_change(directory: Path, request: Request, recycled: Sequence[str] = ()) -> SettingsChange:
    """Returns the change that a request asks for. Nothing is written.

    ``recycled`` are the ids of accounts that a new team uses first.

    A request that was carried out changes nothing more, so its change has no files. An upgrade changes no settings.

    Raises: BadInputError if the team does not exist, or if it or the use case exists with other values; SettingsError
    with every fault of the changed settings.
    """
    foundation = load_cached(directory)
    folder = Layout.of(directory).settings_directory
    if isinstance(request, UpgradeRequest):
        return SettingsChange(files={}, foundation=foundation)
    if isinstance(request, DecommissionRequest):
        wanted = dict(files_without(foundation, folder, request.team))
    elif isinstance(request, RetireUseCaseRequest):
        wanted = dict(files_without_use_case(foundation, folder, request.team, request.name))
    elif isinstance(request, CreateUseCaseRequest):
        wanted = dict(_files_with_use_case(directory, foundation, request))
    else:
        _refuse_impossible(foundation, request)
        wanted = dict(_files(directory, folder, foundation, request, recycled))
    files = {name: text for name, text in wanted.items() if _content(folder / name) != text}
    if not files:
        return SettingsChange(files=files, foundation=foundation)
    kept = {name: text.encode() for name, text in files.items() if text is not None}
    after = load_with(directory, kept, omitted=[name for name, text in files.items() if text is None])
    return SettingsChange(files=files, foundation=after)


def _content(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _files_with_use_case(
    directory: Path, foundation: Foundation, request: CreateUseCaseRequest
) -> Iterator[tuple[str, str | None]]:
    """Yields the team's file with the use case, unless it has the use case.

    Raises: BadInputError with everything that cannot be created, also what the changed settings refuse.
    """
    use_case, name = NewUseCase.requested(request.team, request), stack_file(request.team)
    known = foundation.teams[request.team].use_cases if request.team in foundation.teams else {}
    present = known.get(request.name)
    texts: list[str] = []

    def add() -> None:
        if present is not None and (differing := use_case.differing(present)):
            rule = f"{request.subject} exists with another {', '.join(differing)}"
            raise BadInputError(f"{rule}; change it in {name}, or request what exists")
        is_offered = _fault(lambda: offered_template(directory, request.template)) is None
        needed = _built_images(directory, request) if present is None and is_offered else ()
        if (text := text_with_use_case(directory, use_case.with_images(needed))) is not None:
            load_with(directory, {name: text.encode()})
            texts.append(text)

    checks: Mapping[str, Callable[[], object]] = {
        "template: ": lambda: offered_template(directory, request.template),
        "results: ": lambda: refuse_unreturned(directory, request.team, request.results),
        "": add,
    }
    found = [f"{place}{fault}" for place, check in checks.items() if (fault := _fault(check))]
    if found:
        raise BadInputError("\n".join(found))
    for text in texts:
        yield name, text


def _built_images(directory: Path, request: CreateUseCaseRequest) -> tuple[str, ...]:
    """Returns the images that builds of the requested template push. Raises: BadInputError."""
    template = template_version(directory, request.template)
    source = source_of(template.source, open_project(directory))
    return built_images(source, template.commit, request.subject, request.answers)


def _fault(check: Callable[[], object]) -> str | None:
    try:
        check()
    except (BadInputError, SettingsError) as error:
        return str(error)
    return None


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
    others = [one for one in organization.placement.team_accounts_in(organization.phase) if one not in request.accounts]
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
