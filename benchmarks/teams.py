"""Cost of a thousand teams: planning for all of them, and a preview of one of them against the same among two."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.floor import run
from benchmarks.measure import Measured
from benchmarks.organizations import team_name, write_organization
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

FEW, MANY = 2, 1000
_RUNS = 3


def planning(root: Path) -> tuple[Measured, Measured]:
    """Loading, validation, graph and schedule of the many teams, the first time and once they were validated."""
    bench = _organization(root / "planning", MANY)
    try:
        command = (sys.executable, "-m", "benchmarks.planning", str(bench.project))
        first, again = (run(bench, REPOSITORY, *command) for _ in range(2))
        return first, again
    finally:
        bench.sandbox("down")


def one_team(root: Path) -> tuple[Measured, Measured]:
    """A preview of one team's stack among few teams and among many: the fastest of some runs, taken in turns."""
    benches = [_organization(root / f"of-{teams}", teams) for teams in (FEW, MANY)]
    try:
        command = (str(COMMANDS / "plinth"), "preview", team_name(0), "--json")
        for bench in benches:  # validates the settings, and makes the stack's file
            run(bench, bench.project, *command)
        runs = [[run(bench, bench.project, *command) for bench in benches] for _ in range(_RUNS)]
        few, many = (min(measures, key=lambda measure: measure.seconds) for measures in zip(*runs, strict=True))
        return few, many
    finally:
        for bench in benches:
            bench.sandbox("down")


def _organization(root: Path, teams: int) -> Workbench:
    """A project of this repository's program with that many teams, and a sandbox of its own, up."""
    bench = Workbench(root)
    shutil.rmtree(root, ignore_errors=True)
    write_organization(bench.project, teams, main=REPOSITORY, virtualenv=COMMANDS.parent)
    bench.sandbox("up")
    return bench
