"""Writes the Pulumi.yaml of a new organization."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.authoring.new_file import create, named_by_setting, yaml_text
from selfservice.errors import BadInputError

PROGRAM_DIRECTORY = Path(__file__).resolve().parents[2]
"""The folder with the Pulumi program: the clone that this command line is installed from."""
_SETTINGS_FOLDER = "environments"
_PROGRAM, _PROJECT = "__main__.py", "Pulumi.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrganization:
    """The settings that every organization needs. Everything else has a default."""

    name: str
    email: str
    owner: str
    cost_centre: str
    home_region: str
    monthly_budget_usd: int
    management_account_id: str
    security_contact: Mapping[str, str]
    phase: str | None = None
    placement: str | None = None


def create_organization(directory: Path, organization: NewOrganization) -> Path:
    """Writes the project file of an organization and returns its path.

    The directory is created if necessary. Nothing is written unless the settings are valid.

    Raises: BadInputError if the directory has a project or this installation has no program; SettingsError with every
    fault of the settings.
    """
    file = directory / _PROJECT
    if file.exists():
        raise BadInputError(f"{file} exists already: this is a project; go on with `plinth team add`")
    if not (PROGRAM_DIRECTORY / _PROGRAM).is_file():
        raise BadInputError(f"{PROGRAM_DIRECTORY} does not contain the program: install Plinth from a clone (make up)")
    directory = directory.resolve()
    text = _text(organization, directory)
    _validate(text)
    try:
        (directory / _SETTINGS_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{directory} cannot be created ({error.strerror})") from None
    create(file, text)
    return file


def _validate(text: str) -> None:
    """Raises SettingsError with every fault of a project that has only this file."""
    from settings.files.loader import load

    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / _SETTINGS_FOLDER).mkdir()
        (Path(scratch) / _PROJECT).write_text(text, encoding="utf-8")
        with named_by_setting(_PROJECT):
            load(Path(scratch))


def _text(organization: NewOrganization, directory: Path) -> str:
    settings = {
        "name": organization.name,
        "email": organization.email,
        "owner": organization.owner,
        "cost_centre": organization.cost_centre,
        "home_region": organization.home_region,
        **({} if organization.phase is None else {"phase": organization.phase}),
        **({} if organization.placement is None else {"placement": organization.placement}),
        "accounts": {"organization": {"id": organization.management_account_id}},
        "monthly_budget_usd": organization.monthly_budget_usd,
        "contacts": {"security": dict(organization.security_contact)},
    }
    document: dict[str, Any] = {
        "name": "plinth",
        "description": f"The MLOps foundation of {organization.name}",
        "runtime": _runtime(directory),
        **({} if directory == PROGRAM_DIRECTORY else {"main": _relative(PROGRAM_DIRECTORY, directory)}),
        "stackConfigDir": _SETTINGS_FOLDER,
        "config": {
            "pulumi:disable-default-providers": ["*"],
            "plinth:organization": {"value": settings},
        },
    }
    return yaml_text(document)


def _runtime(directory: Path) -> dict[str, Any]:
    """Returns the engine's ``runtime``: the virtual environment of this command line, if it has one."""
    if sys.prefix == sys.base_prefix:
        return {"name": "python"}
    return {"name": "python", "options": {"virtualenv": _relative(Path(sys.prefix), directory)}}


def _relative(path: Path, directory: Path) -> str:
    return Path(os.path.relpath(path, directory)).as_posix()
