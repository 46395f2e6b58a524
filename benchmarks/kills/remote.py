"""Kills operations that run as Jobs, and compares AWS with the states: ``python -m benchmarks.kills.remote``.

The example comes up with a cluster. Somebody deletes and changes resources of stacks at AWS, and one command corrects
all stacks on which pods may operate, each as a Job. While engines work, the command is killed, and a second one
continues; then a pod and the API server are killed. A preview must then find nothing left to do, and there must be no
locks, leases, pending operations or resources that no state has, and no updates of one stack that overlapped.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.support.cluster_example import bring_up, obstacle_to_pods, start_sandbox
from tests.support.remote_kills.disturbances import disturb, stacks_of_pods
from tests.support.remote_kills.suite import RemoteKills
from tests.support.workbench import Workbench

JOBS = 3
_MEMORY_GIB = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills.remote", description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"Most Jobs at the same time. Default: {JOBS}.")
    parser.add_argument("--teams", type=int, default=0, help="Teams besides those of the example. Default: 0.")
    options = parser.parse_args()
    if obstacle := obstacle_to_pods():
        sys.exit(f"pods do not run on this machine: {obstacle}")
    with tempfile.TemporaryDirectory(prefix="plinth-remote-kills-") as directory:
        bench = Workbench.of_example(Path(directory))
        start_sandbox(bench, nodes=True)
        try:
            _add_teams(bench, options.teams)
            bring_up(bench, jobs=options.jobs, memory_gib=_MEMORY_GIB)
            bench.plinth("up", "--all", "--yes")
            faults = _killed(bench, options.jobs)
        finally:
            bench.sandbox("down")
    for fault in faults:
        print(f"FAULT {fault}")
    sys.exit(1 if faults else 0)


def _add_teams(bench: Workbench, count: int) -> None:
    for number in range(1, count + 1):
        owner = f"--owner=team-{number}-owner@acme.example"
        bench.plinth("team", "add", f"team-{number}", owner, "--cost-centre=4712", "--monthly-budget-usd=3000")


def _killed(bench: Workbench, jobs: int) -> list[str]:
    """Corrects disturbed stacks while processes are killed, prints the figures, and returns what is wrong."""
    stacks = stacks_of_pods(bench)
    disturbed = disturb(bench, stacks)
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", flush=True)

    say(f"{len(stacks)} stacks, {disturbed.total()} resources changed at AWS")
    return RemoteKills(bench=bench, stacks=stacks, jobs=jobs, say=say).faults()


if __name__ == "__main__":
    main()
