"""The project that a command works on: where it lies, what its settings say, which policies watch it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.errors import BadInputError
from selfservice.runner.schedule import Graph

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

PROJECT_FILE = "Pulumi.yaml"
POLICY_FILE = "PulumiPolicy.yaml"
STATE_DIRECTORY_VARIABLE = "PLINTH_STATE_DIR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A project directory whose settings are without fault."""

    directory: Path
    program_directory: Path
    """Where the program is: ``main`` of Pulumi.yaml, else the project directory itself."""
    graph: Graph
    """Every stack of the settings, with those it reads."""
    organization: str
    rehearsals: Mapping[str, str]
    """Of every stack that has to equal another one, which that is."""
    account_of: Mapping[str, str]
    """Of every stack, the label of the account that it builds in."""
    relaxed_rules: tuple[str, ...]
    """What holds in an organization with an account per kind, and not where kinds share one, as here."""

    @property
    def policy_packs(self) -> tuple[Path, ...]:
        """The packs that lie beside the program; they are on in every preview and update."""
        return tuple(sorted(file.parent for file in self.program_directory.glob(f"policies/*/{POLICY_FILE}")))

    @property
    def state_directory(self) -> Path:
        """Where the journals and locks of this project's operations are kept, on this machine alone."""
        named = os.environ.get(STATE_DIRECTORY_VARIABLE)
        if named:
            base = Path(named)
        else:
            from platformdirs import user_state_path

            base = user_state_path("plinth")
        # Two backends hold two different sets of stacks, even if the project is the same.
        place = f"{self.directory}\n{os.environ.get('PULUMI_BACKEND_URL', '')}"
        return base.absolute() / f"{self.directory.name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"

    @property
    def fingerprints(self) -> Path:
        """The folder with what is known of stacks that needed no change."""
        return self.state_directory / "fingerprints"


def find_directory(start: Path) -> Path:
    """The nearest directory at or above ``start`` that holds a Pulumi.yaml.

    Raises: BadInputError when there is none.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / PROJECT_FILE).is_file():
            return directory
    raise BadInputError(f"no {PROJECT_FILE} in {start} or above it: go to a project directory, or name it with --cwd")


def require_engine() -> None:
    """Raises BadInputError where there is no Pulumi to run."""
    if shutil.which("pulumi") is None:
        raise BadInputError("no pulumi on the PATH: `plinth doctor` says what this machine has and what to do")


def open_project(start: Path) -> Project:
    """The project around ``start``, with its settings loaded and checked as a whole.

    Raises: BadInputError when there is no project; settings.errors.SettingsError with every fault of its settings.
    """
    import yaml

    from settings.files.validation_cache import load_cached

    directory = find_directory(start)
    foundation = load_cached(directory)
    organization = foundation.organization
    described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
    main = (directory / described.get("main", ".")).resolve()
    return Project(
        directory=directory,
        program_directory=main if main.is_dir() else main.parent,
        graph=foundation.overview.graph,
        organization=organization.name,
        rehearsals=_rehearsals(foundation),
        account_of=foundation.overview.account_labels,
        relaxed_rules=tuple(map(str, foundation.relaxed_rules)),
    )


def _rehearsals(foundation: Foundation) -> dict[str, str]:
    from settings.derived.stack_graph import StackIdentity

    production = (StackIdentity("production", team) for team in foundation.teams)
    return {
        stack.name: stack.rehearsal.name
        for stack in production
        if stack.rehearsal and stack.name in foundation.overview.graph
    }
