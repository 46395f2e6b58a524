"""Promotions of one model in a row, the cost of each and what they leave: ``python -m benchmarks.promotions``.

The cost of a promotion is its time, the processor time of the emulated AWS with all that it starts, and the number of
changing calls to AWS. Other load of the machine changes the first a lot, the second a little, and the third not at all.

The sandbox has the team of the example that serves a model. Each promotion registers a version, approves it in the
registry and twice in the pipeline, deploys it to both environments as a canary, and runs the tests in pre-production.
The clock of the sandbox ends the baking periods.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean

from benchmarks.measure import processor_seconds_of_aws
from tests.engine.main_job.creation import create_use_case
from tests.engine.main_job.promotions import ENVIRONMENTS, Promotions
from tests.support.kills import Kills
from tests.support.workbench import Workbench
from tests.templates.projects import environment


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one promotion."""

    seconds: float
    processor_seconds: float
    """Processor time of the emulated AWS and of what it started: pipeline actions, builds, endpoints and functions."""
    changing_calls: int
    """Changing calls to AWS."""

    def __str__(self) -> str:
        return f"{self.seconds:8.1f} s {self.processor_seconds:8.1f} s of processors {self.changing_calls:5} calls"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promotions", description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="Promotions after the first. Default: 30.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plinth-promotions-") as directory:
        bench = Workbench.of_example(Path(directory), teams=("fraud",))
        bench.checkpoints = False
        bench.sandbox("up")
        try:
            promotions = _with_a_model(bench)
            _promote(promotions, 1)
            sys.exit(0 if in_a_row(promotions, options.count) else 1)
        finally:
            bench.sandbox("down")


def _with_a_model(bench: Workbench) -> Promotions:
    bench.plinth("up", "--all", "--yes")
    for image in ("aws/codebuild/*", "*/fraud/*"):
        bench.sandbox("image", image, str(environment()))
    create_use_case(bench)
    return Promotions(bench)


def in_a_row(promotions: Promotions, count: int) -> bool:
    """Promotes versions and prints the figures. Returns whether each environment has as many resources as before."""
    before, costs = _sizes(promotions), []
    for number in range(count):
        costs.append(_promote(promotions, promotions.register()))
        print(f"promotion {number + 1:3} {costs[-1]}", flush=True)
    part = max(1, count // 3)
    for field in fields(Cost):
        values = [getattr(cost, field.name) for cost in costs]
        first, last = fmean(values[:part]), fmean(values[-part:])
        print(f"{field.name}: first {part} {first:.1f}, last {part} {last:.1f} each, ratio {last / first:.2f}")
    after = _sizes(promotions)
    for place, size in before.items():
        note = "" if after[place] == size else "  LEFT OVER"
        print(f"{' '.join(place):<32} {size:4} before {after[place]:4} after{note}")
    return after == before


def _promote(promotions: Promotions, version: int) -> Cost:
    """Promotes a version to production, and returns the cost from its approval to the end of the promotion."""
    known = set(promotions.executions())
    kills = Kills(promotions.acme)
    start, processor, calls = time.monotonic(), processor_seconds_of_aws(promotions.acme), kills.calls
    promotions.decide(version)
    promotions.drive(lambda: set(promotions.executions()) - known and promotions.all_have_ended())
    cost = Cost(
        seconds=time.monotonic() - start,
        processor_seconds=processor_seconds_of_aws(promotions.acme) - processor,
        changing_calls=kills.calls - calls,
    )
    (status,) = [status for execution, status in promotions.executions().items() if execution not in known]
    if status != "Succeeded":
        raise RuntimeError(f"the promotion of version {version} ended as {status}")
    return cost


def _sizes(promotions: Promotions) -> dict[tuple[str, str], int]:
    """Returns the number of resources of a release by environment and kind."""
    return {(place, kind): len(names) for place in ENVIRONMENTS for kind, names in promotions.resources(place).items()}


if __name__ == "__main__":
    main()
