"""The project that a command works on: where it lies, what its settings say, which policies watch it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.cli.drawing import AccountBox
from selfservice.errors import BadInputError
from selfservice.runner.schedule import Graph

if TYPE_CHECKING:
    from settings.derived.accounts import Account
    from settings.derived.foundation import Foundation
    from settings.derived.stack_graph import StackIdentity

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
    units: tuple[str, ...]
    """Every organizational unit as a path, parents first."""
    accounts: tuple[AccountBox, ...]
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

    from settings.files.loader import load

    directory = find_directory(start)
    foundation = load(directory)
    organization = foundation.organization
    described = yaml.safe_load((directory / PROJECT_FILE).read_text(encoding="utf-8"))
    main = (directory / described.get("main", ".")).resolve()
    return Project(
        directory=directory,
        program_directory=main if main.is_dir() else main.parent,
        graph={stack.name: [need.name for need in needs] for stack, needs in foundation.stacks.items()},
        organization=organization.name,
        units=tuple(_units(foundation)),
        accounts=tuple(_boxes(foundation)),
        rehearsals={stack.name: stack.rehearsal.name for stack in foundation.stacks if stack.rehearsal},
        account_of={stack.name: foundation.account_of_stack(stack).label for stack in foundation.stacks},
        relaxed_rules=tuple(map(str, foundation.relaxed_rules)),
    )


def _units(foundation: Foundation) -> Iterator[str]:
    from settings.types.kinds import ORGANIZATIONAL_UNIT_PATHS

    yield from ORGANIZATIONAL_UNIT_PATHS
    for team in foundation.teams:
        yield f"Workloads/NonProduction/{team}"
        yield f"Workloads/Production/{team}"


def _boxes(foundation: Foundation) -> Iterator[AccountBox]:
    stacks: dict[str, list[StackIdentity]] = {account.label: [] for account in foundation.accounts}
    for stack in foundation.stacks:
        stacks[foundation.account_of_stack(stack).label].append(stack)
    for account in foundation.accounts:
        yield _box(account, stacks[account.label], foundation)


def _box(account: Account, stacks: Sequence[StackIdentity], foundation: Foundation) -> AccountBox:
    shared = [stack.name for stack in stacks if not stack.is_environment and stack.kind != "studio"]
    holds = [f"{'stack' if len(shared) == 1 else 'stacks'} {', '.join(shared)}"] if shared else []
    holds += [_environment(stack, foundation) for stack in stacks if stack.is_environment]
    return AccountBox(
        label=account.label, name=account.name, unit=_unit_of(account), kinds=account.hosts, holds=tuple(holds)
    )


def _environment(stack: StackIdentity, foundation: Foundation) -> str:
    settings = foundation.environments[stack.name]
    block = foundation.organization.address_plan.environment_block(
        foundation.teams[settings.team].cidr, settings.environment
    )
    extras = ["Studio"] * settings.has_studio + ["internet"] * settings.internet_access
    return f"{stack.name}: {', '.join([str(block), *extras])}"


def _unit_of(account: Account) -> str:
    from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, organizational_unit_of, team_organizational_unit_of

    if account.kind in DURABLE_KINDS:
        return organizational_unit_of(account.kind) or ""
    assert account.kind in ENVIRONMENTS
    return f"Workloads/{team_organizational_unit_of(account.kind)}/{account.team}"
