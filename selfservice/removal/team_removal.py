"""Parts of the removal of a team or a use case: stacks, accounts, data, and settings that name it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfservice.engine.resource_lookup.kept import KEPT_TYPES
from selfservice.errors import BadInputError
from selfservice.fingerprints.layout import Layout
from selfservice.projects.project import Project
from selfservice.projects.states import deployments_by_stack, resources_by_stack
from selfservice.removal.leftovers import declares_team
from settings.rules.partial_config import stack_file

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation
    from settings.derived.stack_graph import StackIdentity

_ACCOUNT = "aws:organizations/account:Account"
_BUCKET = "aws:s3/bucket:Bucket"
SHARING_FIELDS = ("shared_with", "pushed_to", "returned_by", "written_by")
"""Fields of datasets and feature groups that map teams to environments."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A team or a use case that is to be removed, as the states and the settings describe it."""

    subject: str
    """The team, or the stack of the use case."""
    stacks: Mapping[str, int]
    """The deployed stacks in dependency order, with their numbers of resources."""
    states: tuple[str, ...]
    """All stacks that exist, including empty ones."""
    accounts: Mapping[str, str]
    """The team's own accounts, by name. A use case has none."""
    buckets: tuple[str, ...]
    """Buckets that are deleted with everything in them."""
    kept: Mapping[str, tuple[str, ...]]
    """Resources of each use case that stay in the tooling account, by stack: code, images and models (TOOL-04)."""
    published: tuple[str, ...]
    """Deployed stacks of published data that still name the team. They are updated first."""
    files: tuple[Path, ...]
    """The settings files that are deleted."""

    @property
    def kind(self) -> str:
        """``team`` or ``use case``."""
        return "use case" if "--" in self.subject else "team"


def plan_removal(project: Project, team: str, existing: Sequence[str]) -> Removal:
    """Returns the removal of a team. ``project`` contains leftover stacks; ``existing`` are the stacks with a state.

    Raises: BadInputError if there is no such team, neither in the settings nor in the states.
    """
    from settings.derived.sharing import team_tag_key

    identities = {stack: _identity(stack) for stack in (*project.graph, *existing)}
    own = [stack for stack, identity in identities.items() if identity is not None and identity.team == team]
    found = deployments_by_stack(project, [stack for stack in own if stack in existing])
    resources = {stack: list(held.get("resources") or ()) for stack, held in found.items()}
    files = tuple(files_of(Layout.of(project.directory).settings_directory, team))
    if not any(resources.values()) and not files:
        raise BadInputError(f"there is no team {team}: no settings file, and nothing deployed")
    accounts = {str(r["outputs"]["name"]): str(r["id"]) for r in _of_type(resources, _ACCOUNT)}
    data = [stack for stack in project.graph if stack in existing and _is_published(identities[stack])]
    states = deployments_by_stack(project, data)
    marks = [team_tag_key(team), *accounts.values()]
    naming = [stack for stack in data if _names(states[stack], marks)]
    return Removal(
        subject=team,
        stacks={stack: len(resources[stack]) for stack in project.graph if resources.get(stack)},
        states=tuple(found),
        accounts=accounts,
        buckets=_buckets(resources),
        kept={stack: tuple(_kept(held)) for stack, held in resources.items() if _is_use_case(identities[stack])},
        published=tuple(naming),
        files=files,
    )


def plan_use_case_removal(project: Project, use_case: str, existing: Sequence[str]) -> Removal:
    """Returns the removal of a use case, which is named like its stack. ``existing`` are the stacks with a state.

    Raises: BadInputError if there is no such use case, neither in the settings nor in the states.
    """
    from settings.files.validation_cache import load_cached

    teams = load_cached(project.directory).teams
    known = [f"{team}--{name}" for team, settings in teams.items() for name in settings.use_cases]
    held = resources_by_stack(project, [use_case])[use_case] if use_case in existing else []
    if use_case not in known and not held:
        there = ", ".join(known) or "none"
        raise BadInputError(
            f"there is no use case {use_case}, neither in the settings nor deployed; there are: {there}"
        )
    file = Layout.of(project.directory).settings_directory / stack_file(use_case)
    return Removal(
        subject=use_case,
        stacks={use_case: len(held)} if held else {},
        states=(use_case,) if use_case in existing else (),
        accounts={},
        buckets=_buckets({use_case: held}),
        kept={use_case: tuple(_kept(held))},
        published=(),
        files=(file,) if file.exists() else (),
    )


def settings_that_name(foundation: Foundation, team: str) -> list[str]:
    """Returns the settings files of published data that name the team, each with the fields."""
    datasets: dict[str, object] = {data.stack: data for data in foundation.datasets.values()}
    groups: dict[str, object] = {group.stack: group for group in foundation.feature_groups.values()}
    lines = []
    for stack, data in {**datasets, **groups}.items():
        named = [f"{field}.{team}" for field in SHARING_FIELDS if team in getattr(data, field, ())]
        if named:
            lines.append(f"Pulumi.{stack}.yaml: {', '.join(named)}")
    return lines


def files_without_team(folder: Path, team: str) -> list[Path]:
    """Returns the files of a team's stacks if none declares the team. Settings with such files are invalid."""
    return [] if declares_team(folder, team) else list(files_of(folder, team))


def _identity(stack: str) -> StackIdentity | None:
    from settings.derived.stack_graph import StackIdentity
    from settings.types.errors import SettingsError

    try:
        return StackIdentity.parse(stack)
    except SettingsError:
        return None


def _buckets(resources: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Returns the names of the buckets that neither the engine nor a protection keeps."""
    found = (r for r in _of_type(resources, _BUCKET) if not (r.get("retainOnDelete") or r.get("protect")))
    return tuple(sorted(str(r["id"]) for r in found))


def _is_published(identity: StackIdentity | None) -> bool:
    return identity is not None and identity.kind in ("dataset", "feature-group")


def _is_use_case(identity: StackIdentity | None) -> bool:
    return identity is not None and identity.kind == "use-case"


def _kept(held: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yields the protected resources of a use case, as a user knows them."""
    for each in held:
        if each.get("protect"):
            known = KEPT_TYPES.get(each["type"])
            yield f"{known.noun if known else each['type']} {each['id']}"


def _of_type(resources: Mapping[str, Sequence[Mapping[str, Any]]], type_: str) -> Iterator[Mapping[str, Any]]:
    return (each for held in resources.values() for each in held if each["type"] == type_)


def _names(state: Mapping[str, Any], marks: Sequence[str]) -> bool:
    """Returns whether a state contains a mark as a whole string or inside one."""
    text = json.dumps(state)
    return any(f'"{mark}"' in text or f":{mark}:" in text for mark in marks)


def files_of(folder: Path, team: str) -> Iterator[Path]:
    """Yields the stack files of a team."""
    for file in sorted(folder.glob(f"Pulumi.{team}*.yaml")):
        identity = _identity(file.name.removeprefix("Pulumi.").removesuffix(".yaml"))
        if identity is not None and identity.team == team:
            yield file
