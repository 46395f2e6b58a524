"""Kills random processes at random moments, and compares what is left: ``python -m benchmarks.kills.chaos``.

Every round starts from the same state and deploys a small graph of stacks, or with ``--team`` an approved request for a
team. The runner of the graph, a worker, an engine, a plugin of AWS, the emulated AWS or all of them are killed at a
random moment, and the same command runs again, up to four kills a round. Then it runs undisturbed until it succeeds.
Stacks, accounts and, for a team, the catalog are compared, and the accounts that AWS created are counted.

``--record`` names a file to which each round is appended. The same command continues a file until it has enough kills.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from botocore.exceptions import EndpointConnectionError

from tests.support.chaos.attack import VICTIMS, Attack, HungError
from tests.support.chaos.scenarios import Scenario, SmallGraph, TeamRequest, created_accounts
from tests.support.kills import Kills
from tests.support.workbench import Workbench

_MOST_KILLS = 4
"""In one round."""
_MOST_RUNS = 3
"""Undisturbed runs of a round. The first one may find a worker of a killed runner in the middle of its work."""


@dataclass(kw_only=True, slots=True)
class Round:
    """Kills and runs of one round, and the faults at its end."""

    seed: str
    kills: list[tuple[str, float]] = field(default_factory=list)
    """Victims and seconds after the start of the command."""
    runs: int = 0
    """Undisturbed runs until one succeeded."""
    failed: list[str] = field(default_factory=list)
    """Output of the failed runs without a kill."""
    accounts: int = 0
    """Accounts that AWS created."""
    seconds: float = 0
    faults: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="Default: 300.")
    parser.add_argument("--team", action="store_true", help="Attacks the deployment of a request for a team.")
    parser.add_argument("--seed", type=int, default=1, help="Default: 1.")
    parser.add_argument("--minutes", type=float, default=600, help="No round starts after this time. Default: 600.")
    parser.add_argument("--duration", type=float, help="Seconds of a run without kills. Default: it is measured.")
    parser.add_argument("--record", type=Path, default=Path("build/chaos.jsonl"), help="Default: build/chaos.jsonl.")
    options = parser.parse_args()
    options.record.parent.mkdir(parents=True, exist_ok=True)
    rounds = _read(options.record)
    until = time.monotonic() + options.minutes * 60
    print(f"seed {options.seed}, {_kills(rounds)} kills recorded", flush=True)
    if _kills(rounds) < options.kills:
        scenario = TeamRequest() if options.team else SmallGraph()
        with tempfile.TemporaryDirectory(prefix="plinth-chaos-", ignore_cleanup_errors=True) as directory:
            arena = _Arena(scenario, Path(directory), options.duration)
            while _kills(rounds) < options.kills and time.monotonic() < until:
                rounds.append(arena.round(f"{options.seed}:{len(rounds)}"))
                with options.record.open("a") as record:
                    record.write(json.dumps(asdict(rounds[-1])) + "\n")
                _print_round(len(rounds), rounds[-1])
    _print(rounds)
    sys.exit(1 if any(round_.faults for round_ in rounds) else 0)


class _Arena:
    """Rounds from one prepared state, which is deployed once and copied back before each."""

    def __init__(self, scenario: Scenario, directory: Path, seconds: float | None) -> None:
        """``seconds`` is the length of an undisturbed run; None if it is to be measured."""
        self._scenario, self._directory = scenario, directory
        self._root = directory / "bench"
        bench = scenario.bench(self._root)
        bench.sandbox("up")
        try:
            scenario.prepare(bench)
        finally:
            bench.sandbox("down")
        self._copy(self._root, directory / "prepared")
        self._seconds = seconds or self._undisturbed()

    def round(self, seed: str) -> Round:
        """Plays one round. Its choices depend on the seed alone, and the moments also on the machine."""
        chance, done, began = random.Random(seed), Round(seed=seed), time.monotonic()
        with self._started() as bench:
            attack = Attack(bench, self._scenario.command(bench))
            try:
                self._attack(attack, chance, done)
                done.faults += self._scenario.faults(bench)
                left = list(Kills(bench).processes())
                done.faults += [f"{len(left)} processes are left"] if left else []
                done.accounts = created_accounts(bench).total()
            except EndpointConnectionError:
                log = bench.root / "sandbox" / "aws" / "server.log"
                done.faults.append(f"the emulated AWS does not answer: {log.read_text(errors='replace')[-2000:]}")
            except HungError as error:
                done.faults.append(f"a command did not end: {error}")
        done.seconds = round(time.monotonic() - began, 1)
        return done

    def _attack(self, attack: Attack, chance: random.Random, done: Round) -> None:
        """Runs the command with up to four kills, then until it succeeds."""
        for number in range(chance.randint(1, _MOST_KILLS)):
            victim, delay = chance.choice(VICTIMS), chance.uniform(0, self._seconds * (0.9 if number == 0 else 0.6))
            killed, code = attack.run(victim, delay, chance)
            if killed:
                done.kills.append((victim, round(delay, 2)))
            elif code != 0:
                done.failed.append(attack.output[-3000:])
            if code == 0:
                break
        for done.runs in range(1, _MOST_RUNS + 1):
            if attack.finish() == 0:
                return
            done.failed.append(attack.output[-3000:])
        done.faults.append(f"{_MOST_RUNS} undisturbed runs failed")

    def _undisturbed(self) -> float:
        """Returns the seconds of a run without kills, whose result has to be right."""
        with self._started() as bench:
            began = time.monotonic()
            attack = Attack(bench, self._scenario.command(bench))
            assert attack.finish() == 0, attack.output
            seconds = time.monotonic() - began
            assert self._scenario.faults(bench) == [], "the comparison itself is wrong"
        print(f"undisturbed: {seconds:.0f} s", flush=True)
        return seconds

    @contextmanager
    def _started(self) -> Iterator[Workbench]:
        """Copies the prepared state back and starts its sandbox."""
        bench = Workbench(self._root)  # without the sessions of another round, which this AWS does not know
        self._copy(self._directory / "prepared", bench.root)
        bench.sandbox("up")
        try:
            yield bench
        finally:
            for process in Kills(bench).processes():  # of a run that did not end
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            bench.sandbox("down")

    def _copy(self, source: Path, target: Path) -> None:
        subprocess.run(["rm", "-rf", str(target)], check=True)
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)  # also sockets, which Python does not copy


def _read(record: Path) -> list[Round]:
    lines = record.read_text().splitlines() if record.exists() else []
    return [Round(**json.loads(line)) for line in lines]


def _kills(rounds: list[Round]) -> int:
    return sum(len(round_.kills) for round_ in rounds)


def _print_round(number: int, done: Round) -> None:
    kills = ", ".join(f"{victim} after {delay} s" for victim, delay in done.kills) or "none"
    print(f"round {number} ({done.seconds:.0f} s): {kills}; {done.runs} runs to the end", flush=True)
    for fault in done.faults:
        print(f"  FAULT {fault}", flush=True)


def _print(rounds: list[Round]) -> None:
    victims = Counter(str(victim) for round_ in rounds for victim, _ in round_.kills)
    print(f"\n{victims.total()} kills in {len(rounds)} rounds, {sum(round_.seconds for round_ in rounds):.0f} s")
    for victim, count in victims.most_common():
        print(f"  {victim:<34} {count:5}")
    runs = Counter(round_.runs for round_ in rounds)
    for count, often in sorted(runs.items()):
        print(f"  rounds that ended with run {count:<7} {often:5}")
    print(f"  runs without a kill that failed    {sum(len(round_.failed) for round_ in rounds):5}")
    print(f"  accounts that AWS created {sorted({round_.accounts for round_ in rounds})!s:>13}")
    print(f"  rounds with faults                 {sum(1 for round_ in rounds if round_.faults):5}")


if __name__ == "__main__":
    main()
