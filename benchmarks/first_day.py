"""A first day with Plinth, from a fresh clone with an empty home: ``python -m benchmarks.first_day``.

Runs ``make up`` and then the guides in the order in which a new reader opens them: the example, a dataset, a use case,
and an organization of one's own. Each command must print what its page shows, so a page that is wrong ends the run.
Prints a table with the seconds of each page and its slowest command.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import measured
from tests.support.guides.follow import follow
from tests.support.guides.shell import Shell
from tests.support.workbench import REPOSITORY

EXAMPLE = (
    "README.md",
    "docs/guides/first-run.md",
    "docs/guides/first-dataset.md",
    "docs/guides/use-case.md",
    "docs/guides/data-lake.md",
)
"""Pages that are followed in the clone, on the example."""
OWN_ORGANIZATION = "docs/guides/own-organization.md"
AFTERWARDS = ("docs/guides/configuration.md", "docs/guides/pull-requests.md", "docs/guides/command-line.md")
"""Pages that are followed in the folder of the own organization."""
LONGEST = 60
"""Characters of a command in the table."""
FOLDER = "acme"
"""The folder that the page makes beside the clone."""


@dataclass(slots=True)
class TimedShell(Shell):
    """A shell that remembers how long each command took."""

    commands: list[tuple[str, float]] = field(default_factory=list)

    def run(self, command: str, until: Callable[[str], bool] | None = None) -> tuple[int, str]:
        started = time.monotonic()
        answer = Shell.run(self, command, until)
        self.commands.append((command, time.monotonic() - started))
        return answer


def main() -> None:
    print("| what | commands | seconds | slowest command |\n|---|---:|---:|---|")
    with tempfile.TemporaryDirectory(prefix="plinth-first-day-") as directory:
        root = Path(directory)
        environment = bare_environment(root)
        clone = fresh_clone(root, environment)
        try:
            of_example(clone, environment)
        finally:
            make(clone, environment, "down")
        own_organization(clone, environment)


def bare_environment(root: Path) -> dict[str, str]:
    """Returns the variables of a shell of a new person on this machine: an empty home, and nothing of Plinth's."""
    foreign = ("AWS_", "PLINTH_", "PULUMI_", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    home = root / "home"
    home.mkdir()
    return kept | {"HOME": str(home), "GOFLAGS": "-modcacherw", "PLINTH_SANDBOX_SCHEDULES": "manual"}


def fresh_clone(root: Path, environment: Mapping[str, str]) -> Path:
    clone = root / "plinth"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
    for what, target in (("`make up`", "up"), ("`make setup-dev`, which adds an AWS CLI", "setup-dev")):
        seconds = measured(["make", target], directory=clone, environment=dict(environment), mark=str(root)).seconds
        print(f"| {what} | 1 | {seconds:.0f} | |", flush=True)
    return clone


def make(clone: Path, environment: Mapping[str, str], target: str) -> None:
    subprocess.run(["make", target], cwd=clone, env=environment, check=False, capture_output=True)


def of_example(clone: Path, environment: Mapping[str, str]) -> None:
    shell = started(clone, environment, "example")
    try:
        for page in EXAMPLE:
            followed(page, shell, clone)
    finally:
        shell.close()


def own_organization(clone: Path, environment: Mapping[str, str]) -> None:
    folder = clone.parent / FOLDER
    shell = started(clone, environment, "own")
    try:
        followed(OWN_ORGANIZATION, shell, folder)
        shell.run(f'cd {folder} && eval "$(plinth sandbox env)"')
        (folder / "environments/medium").symlink_to(clone / "environments/medium")
        for page in AFTERWARDS:
            followed(page, shell, folder)
    finally:
        shell.run(f"cd {folder} && plinth sandbox down")
        shell.close()


def started(clone: Path, environment: Mapping[str, str], name: str) -> TimedShell:
    """Starts a shell in a clone with an active virtual environment."""
    path = f"{clone / '.venv/bin'}{os.pathsep}{environment['PATH']}"
    return TimedShell.start(clone, {**environment, "PATH": path}, clone.parent / f"{name}.log")


def followed(page: str, shell: TimedShell, project: Path) -> None:
    """Follows a page, and prints its row."""
    shell.commands.clear()
    follow(page, shell, project)
    command, longest = max(shell.commands, key=lambda timed_command: timed_command[1])
    first, *_ = command.splitlines()
    total = sum(seconds for _, seconds in shell.commands)
    print(f"| {page} | {len(shell.commands)} | {total:.0f} | `{shortened(first)}`: {longest:.0f} |", flush=True)


def shortened(command: str) -> str:
    return command if len(command) <= LONGEST else f"{command[: LONGEST - 1]}…"


if __name__ == "__main__":
    main()
