"""The project of a command: its directories, its stack graph and its policy packs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.engine.backend import BACKEND_VARIABLE
from selfservice.engine.locks.engine_records import user_state_directory
from selfservice.errors import BadInputError, NotConnectedError
from selfservice.operations.schedule import Graph

if TYPE_CHECKING:
    from selfservice.engine.account_access import Account
    from settings.derived.foundation import Foundation

PROJECT_FILE = "Pulumi.yaml"
POLICY_FILE = "PulumiPolicy.yaml"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A project whose settings are valid."""

    directory: Path
    program_directory: Path
    """Directory of the program: ``main`` of Pulumi.yaml, or else the project directory."""
    graph: Graph
    """Every stack of the settings with its dependencies."""
    organization: str
    management_account_id: str | None
    """The id of the management account, if the settings contain it."""
    home_region: str
    rehearsals: Mapping[str, str]
    """The rehearsal of each production stack: the preproduction stack that it must equal."""
    account_of: Mapping[str, str]
    """The label of the account that each stack deploys to."""
    studio_users: Mapping[str, tuple[str, ...]]
    """User names in the directory of Identity Center that the Studio of each environment needs."""
    delivery_people: Mapping[str, tuple[str, ...]]
    """User names in the directory of Identity Center that the settings of each use case name, by its stack."""
    relaxed_rules: tuple[str, ...]
    """Rules that do not hold because the placement merges account kinds."""
    protected_packs: tuple[Path, ...] | None = None
    """Policy packs that judge instead of the program's own: those of the protected branch, in a review."""

    backend_url: str = field(default_factory=lambda: os.environ.get(BACKEND_VARIABLE, ""))
    """URL of the backend of states when the project was opened; empty for that of ``pulumi login``."""
    read_only: bool = False
    """Whether operations only preview, on copies of the states and with roles that only read."""

    @property
    def policy_packs(self) -> tuple[Path, ...]:
        """The policy packs that are enabled in every preview and update, by default those of the program."""
        if self.protected_packs is not None:
            return self.protected_packs
        return tuple(sorted(file.parent for file in self.program_directory.glob(f"policies/*/{POLICY_FILE}")))

    @property
    def state_directory(self) -> Path:
        """The directory for event logs and stack locks of this project on this machine."""
        # The same project has different stacks in different backends.
        place = f"{self.directory}\n{self.backend_url}"
        if self.read_only:
            place += "\nread-only"
        return user_state_directory() / f"{self.directory.name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"

    def account(self, id_: str, region: str | None = None) -> Account:
        """Returns an account as operations enter it, in the home region unless another is named. They enter the
        management account with their own credentials, except for reading."""
        from selfservice.engine.account_access import Account
        from settings.types.aws.account_access import AccountAccess

        is_own = id_ == self.management_account_id and not self.read_only
        role = None if is_own else AccountAccess(reads_only=self.read_only).role_arn(id_)
        return Account(id_, region or self.home_region, role)

    @property
    def fingerprints(self) -> Path:
        """The folder with the fingerprints of stacks."""
        return self.state_directory / "fingerprints"


def find_directory(start: Path) -> Path:
    """Returns the nearest directory at or above ``start`` with a Pulumi.yaml.

    Raises: BadInputError if there is none.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / PROJECT_FILE).is_file():
            return directory
    raise BadInputError(f"no {PROJECT_FILE} in {start} or above it: go to a project directory, or name it with --cwd")


def require_engine(directory: Path) -> None:
    """Raises NotConnectedError if the shell has no Pulumi engine, or no place for its states."""
    if shutil.which("pulumi") is None:
        raise NotConnectedError("there is no pulumi on its PATH (`plinth doctor` shows what this machine has)")
    if not _selects_backend(directory):
        raise NotConnectedError("no Pulumi backend is selected")


def _selects_backend(directory: Path) -> bool:
    """Returns whether the environment, the project or an earlier ``pulumi login`` selects a backend, in the engine's
    order."""
    import yaml

    if os.environ.get(BACKEND_VARIABLE) or os.environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
    if (described.get("backend") or {}).get("url"):
        return True
    home = os.environ.get("PULUMI_CREDENTIALS_PATH") or os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi"
    try:
        login = json.loads((Path(home) / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(login.get("current"))


def home_region(start: Path) -> str | None:
    """Returns the home region in the settings of the project around ``start``; None if there is none.

    It reads one field without validating the settings, so that a shell can be connected before they are complete.
    """
    import yaml

    try:
        described = yaml.safe_load((find_directory(start) / PROJECT_FILE).read_text(encoding="utf-8"))
        region = described["config"]["plinth:organization"]["value"]["home_region"]
    except (BadInputError, OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
    return region if isinstance(region, str) and _REGION.fullmatch(region) else None


def open_project(start: Path, *, omitted: Collection[str] = ()) -> Project:
    """Returns the project around ``start`` with its settings loaded and validated, without the ``omitted`` files.

    Raises: BadInputError if there is no project; SettingsError with every error of the settings.
    """
    import yaml

    from settings.files.loader import load_with
    from settings.files.validation_cache import load_cached

    directory = find_directory(start)
    foundation = load_with(directory, omitted=omitted) if omitted else load_cached(directory)
    organization = foundation.organization
    management = organization.accounts.get("organization")
    described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
    main = (directory / described.get("main", ".")).resolve()
    return Project(
        directory=directory,
        program_directory=main if main.is_dir() else main.parent,
        graph=foundation.overview.graph,
        organization=organization.name,
        management_account_id=management.id if management is not None else None,
        home_region=organization.home_region,
        rehearsals=rehearsals_of(foundation),
        account_of=foundation.overview.account_labels,
        studio_users=foundation.overview.studio_users,
        delivery_people=foundation.overview.delivery_people,
        relaxed_rules=tuple(map(str, foundation.relaxed_rules)),
    )


def rehearsals_of(foundation: Foundation) -> dict[str, str]:
    """Returns the rehearsal of each production stack: the pre-production stack that it must equal."""
    from settings.derived.stack_graph import StackIdentity

    production = (StackIdentity("production", team) for team in foundation.teams)
    return {
        stack.name: stack.rehearsal.name
        for stack in production
        if stack.rehearsal and stack.name in foundation.overview.graph
    }
