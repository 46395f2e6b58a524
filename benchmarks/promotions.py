"""Promotions of one model in a row, the time of each and what they leave: ``python -m benchmarks.promotions``.

The sandbox has the team of the example that serves a model. Each promotion registers a version, approves it in the
registry and twice in the pipeline, deploys it to both environments as a canary, and runs the tests in pre-production.
The clock of the sandbox ends the baking periods.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean

from tests.engine.example.conftest import create_use_case
from tests.engine.example.use_case_promotions import ENVIRONMENTS, Promotions
from tests.support.workbench import Workbench
from tests.templates.projects import environment


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
    bench.plinth("up", "--all", "--yes", timeout=3600)
    for image in ("aws/codebuild/*", "*/fraud/*"):
        bench.sandbox("image", image, str(environment()))
    create_use_case(bench)
    return Promotions(bench)


def in_a_row(promotions: Promotions, count: int) -> bool:
    """Promotes versions and prints the figures. Returns whether each environment has as many resources as before."""
    before, times = _sizes(promotions), []
    for number in range(count):
        times.append(_promote(promotions, promotions.register()))
        print(f"promotion {number + 1:3} {times[-1]:8.1f} s", flush=True)
    part = max(1, count // 3)
    first, last = fmean(times[:part]), fmean(times[-part:])
    print(f"first {part}: {first:.1f} s, last {part}: {last:.1f} s each, ratio {last / first:.2f}")
    after = _sizes(promotions)
    for place, size in before.items():
        note = "" if after[place] == size else "  LEFT OVER"
        print(f"{' '.join(place):<32} {size:4} before {after[place]:4} after{note}")
    return after == before


def _promote(promotions: Promotions, version: int) -> float:
    """Promotes a version to production, and returns the seconds from its approval to the end of the promotion."""
    known = set(promotions.executions())
    start = time.monotonic()
    promotions.decide(version)
    promotions.drive(lambda: set(promotions.executions()) - known and promotions.all_have_ended())
    seconds = time.monotonic() - start
    (status,) = [status for one, status in promotions.executions().items() if one not in known]
    if status != "Succeeded":
        raise RuntimeError(f"the promotion of version {version} ended as {status}")
    return seconds


def _sizes(promotions: Promotions) -> dict[tuple[str, str], int]:
    """Returns the number of resources of a release by environment and kind."""
    return {(place, kind): len(names) for place in ENVIRONMENTS for kind, names in promotions.resources(place).items()}


if __name__ == "__main__":
    main()
