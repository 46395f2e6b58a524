"""The durations of earlier operations, from which the remaining time of a command is estimated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path

from selfservice.operations.operation import Action, Outcome
from selfservice.operations.schedule import Graph, Schedule


@dataclass(frozen=True, slots=True)
class Durations:
    """The durations of one action in seconds, by stack, in a file that all actions of a project share."""

    file: Path
    action: Action

    def read(self) -> Mapping[str, float]:
        """Returns the last duration of each stack; empty if there is no readable file."""
        return self._read().get(self.action, {})

    def record(self, outcomes: Mapping[str, Outcome]) -> None:
        """Stores the durations of the stacks that ran to their end.

        The file only serves an estimate: a write error is ignored, and the last of two parallel commands wins.
        """
        ended = {
            stack: outcome.seconds
            for stack, outcome in outcomes.items()
            if outcome.status.lets_dependents_go_on and not outcome.reason
        }
        known = self._read()
        known[self.action] = {**known.get(self.action, {}), **ended}
        with suppress(OSError):
            temporary = self.file.with_suffix(".new")
            temporary.write_text(json.dumps(known), encoding="utf-8")
            temporary.replace(self.file)

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            known = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def remaining_seconds(
    graph: Graph, durations: Mapping[str, float], running: Mapping[str, float], *, limit: int
) -> float | None:
    """Returns how long the stacks of ``graph`` will take; None if the duration of one of them is not known.

    ``graph`` holds the stacks that did not end yet, and ``running`` the seconds since the start of those that run. A
    stack that already took longer than last time counts as about to end.
    """
    if not graph.keys() <= durations.keys():
        return None
    running_first = {**{stack: graph[stack] for stack in running}, **graph}
    schedule = Schedule(running_first, limit=max(limit, len(running)))
    now = 0.0
    ends: list[tuple[float, str]] = []
    while not schedule.done:
        for stack in schedule.start():
            heappush(ends, (now + max(0.0, durations[stack] - running.get(stack, 0.0)), stack))
        now, ended = heappop(ends)
        schedule.finish(ended, succeeded=True)
    return now
