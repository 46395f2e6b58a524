"""Every figure of the documentation: ``python -m benchmarks``; with ``--cold`` also a first ``make up`` from nothing,
with ``--pushes`` only those from a push to a registered model.

Times are this machine's; what counts are the ratios, whose two sides are measured in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.checking import checked
from benchmarks.floor import pulumi_floor, run, scratch, terraform_floor, terraform_is_installed
from benchmarks.measure import Measured, measured
from benchmarks.organizations import team_name
from benchmarks.pushes import pushes, run_seconds
from benchmarks.teams import FEW, MANY, one_team, planning
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

STACK = "fraud-development"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cold", action="store_true", help="also `make up` of a fresh clone with an empty HOME")
    parser.add_argument("--pushes", action="store_true", help="only from a push to a registered model")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plinth-benchmark-") as directory:
        root = Path(directory)
        if options.cold:
            cold_and_warm_make(root / "cold")
        if not options.pushes:
            many_teams(root / "teams")
        for part in (only_pushes,) if options.pushes else (organization, one_stack):
            bench = scratch(root / part.__name__)
            try:
                part(bench)
            finally:
                bench.sandbox("down")


def line(what: str, measure: Measured, note: str = "") -> None:
    print(f"{what:<52} {measure.seconds:8.1f} s {measure.peak_mib:8.0f} MiB  {note}".rstrip())


def cold_and_warm_make(root: Path) -> None:
    """A newcomer's first ``make up``, and the second."""
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(root / "clone")], check=True)
    home = root / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_", "XDG_"))}
    environment = kept | {"HOME": str(home), "GOFLAGS": "-modcacherw"}
    clone = root / "clone"
    try:
        for what in ("make up, cold: empty HOME, nothing installed", "make up, again: nothing to do"):
            line(what, measured(["make", "up"], directory=clone, environment=environment, mark=str(home)))
    finally:
        subprocess.run(["make", "down"], cwd=clone, env=environment, check=False, capture_output=True)


def many_teams(root: Path) -> None:
    """A generated organization: planning for everybody, and one team's preview among few and among many."""
    first, again = planning(root)
    line(f"planning for {MANY:,} teams: load, validate, schedule", first, f"{first.output.strip()} stacks")
    line("planning again: no settings file has changed", again, f"{again.seconds / first.seconds:.2f} of the first")
    few, many = one_team(root)
    line(f"plinth preview {team_name(0)}, one of {FEW} teams", few)
    line(
        f"plinth preview {team_name(0)}, one of {MANY:,} teams", many, f"{many.seconds / few.seconds:.2f} of among two"
    )


def organization(bench: Workbench) -> None:
    """The whole example: first deployment, the same again, a preview without changes, and pushes of its use case."""
    first = plinth(bench, "up", "--all", "--yes", "--json")
    report = json.loads(first.output)
    size = f"{len(report['stacks'])} stacks, {report['resources']} resources"
    line("plinth up --all, engine ready, empty sandbox", first, size)
    check = checked(bench.root / "sandbox" / "aws")
    each = f"{check.requests:,} requests, {100 * check.seconds / first.seconds:.1f} % of the deployment"
    print(f"{'checks of its changing requests, processor time':<52} {check.seconds:8.1f} s {'':12}  {each}")
    again = plinth(bench, "up", "--all", "--yes", "--json")
    line(
        "plinth up --all, again: reads everything, no change",
        again,
        f"{again.seconds / first.seconds:.2f} of the first",
    )
    preview = plinth(bench, "preview", "--all", "--json")
    line("plinth preview --all, no change", preview, f"{preview.seconds / first.seconds:.2f} of the first")
    print_pushes(bench)


def only_pushes(bench: Workbench) -> None:
    """Pushes of the use case of the example, whose stacks are deployed first."""
    plinth(bench, "up", "--all", "--yes")
    print_pushes(bench)


def print_pushes(bench: Workbench) -> None:
    *registered, by_hand = pushes(bench)
    for what, measure in registered:
        line(what, measure, f"{measure.seconds / by_hand[1].seconds:.1f} of the floor")
    line(*by_hand)
    print(f"{'of the last push, the run of the pipeline':<52} {run_seconds(bench):8.1f} s")


def one_stack(bench: Workbench) -> None:
    """One stack of the foundation, on those that it needs, against as many bare resources."""
    plinth(bench, "up", *needed_by(StackIdentity.parse(STACK), load(bench.project)), "--yes")
    ours = plinth(bench, "up", STACK, "--yes", "--json")
    size = len(bench.state(STACK))
    line(f"plinth up {STACK}: preview, policies, update", ours, f"{size} resources, {size / ours.seconds:.1f} a second")
    floor = pulumi_floor(bench, size)
    line("floor: pulumi up of as many bare parameters", floor, f"{size / floor.seconds:.1f} a second")
    print(f"{'ratio to the floor':<52} {ours.seconds / floor.seconds:8.1f}")
    if not terraform_is_installed():
        print("terraform is not installed: nothing to compare with")
        return
    try:
        line("terraform apply of as many bare parameters", terraform_floor(bench, size))
    except RuntimeError as reason:
        said = next((text for text in str(reason).splitlines() if "Error:" in text), "no reason given")
        print(f"terraform is installed, but cannot be compared with here: {said.strip('│ ')}")


def needed_by(stack: StackIdentity, foundation: Foundation) -> list[str]:
    """The stacks that one stands on, and those that they do."""
    direct = list(foundation.stacks[stack])
    return sorted({need.name for need in direct} | {name for need in direct for name in needed_by(need, foundation)})


def plinth(bench: Workbench, *arguments: str) -> Measured:
    return run(bench, bench.project, str(COMMANDS / "plinth"), *arguments)


if __name__ == "__main__":
    main()
