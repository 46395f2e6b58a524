"""Kills the execution of graphs at random points and counts faults: ``python -m benchmarks.kills.durable``.

A graph has 12 nodes with four keys. Half of the kills end the executor alone, so that its children go on, and half end
the children too. ``PLINTH_WORKFLOWS_URL`` selects a PostgreSQL database instead of SQLite.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from selfservice.durable.workflow import URL_VARIABLE
from tests.support.graph_kills.suite import Figures, GraphKills

_MOST_DELAY_SECONDS = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills.durable", description=__doc__)
    parser.add_argument("--kills", type=int, default=140, help="Default: 140.")
    parser.add_argument("--seed", type=int, default=1, help="Of the random points. Default: 1.")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plinth-durable-kills-") as folder:
        url = os.environ.get(URL_VARIABLE, "")
        suite = GraphKills(Path(folder), seed=options.seed, url=url, most_delay_seconds=_MOST_DELAY_SECONDS)
        figures = suite.kill(options.kills)
    _print(figures, time.monotonic() - began)
    sys.exit(1 if figures.faults.total() else 0)


def _print(figures: Figures, seconds: float) -> None:
    print(f"{figures.kills.total()} kills of {figures.graphs} graphs in {seconds:.0f} s")
    for victim, count in sorted(figures.kills.items()):
        print(f"  of the {victim:<46} {count:5}")
    print(f"  {'nodes run again without a record':<53} {figures.launched_again:5}")
    print(f"  {'children that waited for one of a killed executor':<53} {figures.waited:5}")
    for fault, count in sorted(figures.faults.items()):
        print(f"  fault: {fault:<46} {count:5}")
    if figures.recoveries:
        median = statistics.median(figures.recoveries)
        print(f"  {'seconds to the first node of a continued graph, median':<54} {median:4.1f}")


if __name__ == "__main__":
    main()
