"""Writes the settings file of a new team."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfservice.authoring.new_file import create, named_by_setting, yaml_text
from selfservice.errors import BadInputError
from selfservice.fingerprints.layout import Layout

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

_SCHEMAS = Path("docs/reference")
_ENGINE_KEYS = ("secretsprovider", "encryptionsalt", "encryptedkey")
"""Keys of a stack file that say how the engine encrypts secrets. Equal keys in all files save a derivation each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTeam:
    """The settings that every team needs. Everything else has a default."""

    name: str
    owner: str
    cost_centre: str
    monthly_budget_usd: int
    cidr: str | None = None
    """The team's address range; None for the lowest free block."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Ids of existing accounts by environment. All others are created."""


def refuse_name_of_stack(name: str) -> None:
    """Raises BadInputError if a team of this name would share the name of its stack with another kind of stack."""
    from settings.derived.stack_graph import StackIdentity

    identity = StackIdentity.parse(name)
    if identity.kind == "team":
        return
    whose = (
        f"that of the stack {identity.kind} of a team {identity.team}" if identity.team else "that of a shared stack"
    )
    fix = f"choose one that does not end in -{identity.kind}" if identity.team else "choose another one"
    raise BadInputError(f"{name} cannot be the name of a team, because it is {whose}; {fix}")


def add_team(directory: Path, team: NewTeam) -> Path:
    """Writes the file of a team and returns its path. Nothing is written unless all settings together are valid.

    Raises: BadInputError if the team exists or no block is free; SettingsError with every fault of the settings.
    """
    from settings.files.loader import load_with
    from settings.files.validation_cache import load_cached
    from settings.rules.partial_config import stack_file

    refuse_name_of_stack(team.name)
    foundation = load_cached(directory)
    folder = Layout.of(directory).settings_directory
    file = folder / stack_file(team.name)
    if team.name in foundation.teams or file.exists():
        raise BadInputError(f"team {team.name} exists already: its settings are in {shown(file, directory)}")
    text = team_text(team, foundation, directory)
    with named_by_setting(file.name):
        load_with(directory, {file.name: text.encode()})
    create(file, text)
    return file


def team_text(team: NewTeam, foundation: Foundation, directory: Path) -> str:
    """Returns the content of the settings file of a team. Raises: BadInputError if no block is free."""
    settings: dict[str, Any] = {
        "owner": team.owner,
        "cost_centre": team.cost_centre,
        "cidr": team.cidr or _free_block(foundation),
        "monthly_budget_usd": team.monthly_budget_usd,
    }
    if team.accounts:
        settings["accounts"] = {environment: {"id": id_} for environment, id_ in team.accounts.items()}
    return stack_text("team", settings, directory)


def stack_text(kind: str, settings: Mapping[str, Any], directory: Path) -> str:
    """Returns the content of a new settings file with the schema for editors and the engine's keys."""
    folder = Layout.of(directory).settings_directory
    document: dict[str, Any] = {"config": {f"plinth:{kind}": dict(settings)}, **_engine_keys(folder)}
    return _schema_line(kind, directory, folder) + yaml_text(document)


def _free_block(foundation: Foundation) -> str:
    plan = foundation.organization.address_plan
    block = plan.free_block(team.cidr for team in foundation.teams.values())
    if block is None:
        raise BadInputError(
            f"the supernet {plan.supernet} has no free block of /{plan.team_prefix_length}: pass --cidr with a smaller "
            "block, or remove teams that no longer need theirs"
        )
    return str(block)


def _engine_keys(folder: Path) -> dict[str, str]:
    """Returns the keys of the stack ``organization``, which every team's stack reads."""
    import yaml

    try:
        content = yaml.safe_load((folder / "Pulumi.organization.yaml").read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    return {key: content[key] for key in _ENGINE_KEYS if key in content}


def _schema_line(kind: str, directory: Path, folder: Path) -> str:
    """Returns the comment that tells editors the schema, if the project is in a clone that has it."""
    schema = next(
        (found for parent in (directory, *directory.parents) if (found := parent / _schema(kind)).exists()), None
    )
    if schema is None:
        return ""
    return f"# yaml-language-server: $schema={Path(os.path.relpath(schema, folder)).as_posix()}\n"


def _schema(kind: str) -> Path:
    return _SCHEMAS / f"{kind}.schema.json"


def shown(file: Path, directory: Path) -> str:
    """Returns the path of a file as messages name it."""
    return str(file.relative_to(directory) if file.is_relative_to(directory) else file)
