"""Kills a deployment at random points and compares AWS with the state: ``python -m benchmarks.kills``.

A first deployment runs undisturbed and counts the changing calls of each stack. A second one, in another sandbox, is
killed after random numbers of them: seven of ten times with everything that it started, once with the emulated AWS too,
once only the engine, and once only its plugins of AWS. The next deployment continues a killed one, and the last one of
each stack runs to its end.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.support.inventory import Comparison, compare
from tests.support.kills import Kills, Victim, notices
from tests.support.workbench import Workbench

STACKS = ("organization", "audit", "identity", "fraud", "fraud-experimentation")
"""Stacks with accounts, units, guardrails, roles, keys, buckets, people and a network with endpoints, in order."""
_OTHER_VICTIMS: Mapping[int, Victim] = {2: "plugin", 4: "engine", 9: "machine"}
"""Victims of some of ten kills."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="Default: 100.")
    parser.add_argument("--seed", type=int, default=1, help="Of the random points. Default: 1.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plinth-kills-") as directory:
        calls = _undisturbed(_bench(Path(directory) / "undisturbed"))
        points = _points(calls, options.kills, random.Random(options.seed))
        faults = _killed(_bench(Path(directory) / "killed"), points)
    sys.exit(1 if faults else 0)


def _bench(root: Path) -> Workbench:
    return Workbench.of_example(root, teams=("fraud",), phase="initial")


def _undisturbed(bench: Workbench) -> dict[str, int]:
    """Deploys the stacks one after another, and returns the number of changing calls of each."""
    bench.sandbox("up")
    kills, calls = Kills(bench), {}
    try:
        for stack in STACKS:
            before = kills.calls
            bench.plinth("up", stack, "--yes")
            calls[stack] = kills.calls - before
            print(f"{stack:<24} {calls[stack]:4} changing calls", flush=True)
        assert compare(bench).faults == [], "the comparison itself is wrong"
    finally:
        bench.sandbox("down")
    return calls


def _points(calls: Mapping[str, int], wanted: int, chance: random.Random) -> dict[str, list[int]]:
    """Returns random points of the whole deployment, as numbers of changing calls of each stack."""
    every = [(stack, call) for stack in STACKS for call in range(1, calls[stack] + 1)]
    chosen = sorted(chance.sample(every, min(wanted, len(every))))
    return {stack: [call for of, call in chosen if of == stack] for stack in STACKS}


def _killed(bench: Workbench, points: Mapping[str, list[int]]) -> bool:
    """Kills the deployment at these points, completes it, and prints the figures. Returns whether it has faults."""
    bench.sandbox("up")
    kills, said, began, done = Kills(bench), Counter[str](), time.monotonic(), 0
    try:
        for stack in STACKS:
            start = kills.calls
            for point in points[stack]:
                # Repeated creations count too, so a point may be behind by now.
                calls = max(1, start + point - kills.calls)
                if not kills.kill("up", stack, "--yes", calls=calls, victim=_victim(done)):
                    break
                done += 1
                said.update(map(_outcome, notices(bench)))
                print(f"kill {done}: {stack}, call {kills.calls - start}, {time.monotonic() - began:.0f} s", flush=True)
            bench.plinth("up", stack, "--yes")
            said.update(map(_outcome, notices(bench)))
        comparison = compare(bench)
    finally:
        bench.sandbox("down")
    _print(done, kills, said, comparison, time.monotonic() - began)
    return bool(comparison.faults)


def _victim(done: int) -> Victim:
    """Returns what the next kill ends: now and then an engine or its plugins alone, or the whole machine."""
    return _OTHER_VICTIMS.get(done % 10, "command")


def _outcome(notice: str) -> str:
    if "taken over" in notice:
        return "found and taken over"
    return "repeated, to the same effect" if "once more" in notice else "not created, so created later"


def _print(done: int, kills: Kills, said: Counter[str], comparison: Comparison, seconds: float) -> None:
    print(f"\n{done} kills in {seconds:.0f} s; creations under way at a kill: {kills.begun.total()}")
    for outcome, count in said.most_common():
        print(f"  {outcome:<40} {count:5}")
    print(f"\n{'type':<72} {'under way':>9} {'in AWS':>7} {'orphaned':>9} {'missing':>8} {'doubled':>8}")
    kinds = [
        Counter(type_ for type_, _ in each) for each in (comparison.orphaned, comparison.missing, comparison.doubled)
    ]
    for type_ in sorted({*comparison.compared, *kills.begun, *(name for kind in kinds for name in kind)}):
        in_aws = str(comparison.compared[type_] or "-")
        counts = "".join(f"{kind[type_]:{width}}" for kind, width in zip(kinds, (10, 9, 9), strict=True))
        print(f"{type_:<72} {kills.begun[type_]:9} {in_aws:>7}{counts}")
    for type_, identity in comparison.faults:
        print(f"FAULT {type_} {identity}")


if __name__ == "__main__":
    main()
