"""Records the progress of a run in the team catalog, where people follow it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from selfservice.catalog.request_steps import RequestSteps, StepRecord, StepState
from selfservice.changes.plan import Step
from selfservice.durable.node import NodeResult, NodeStatus
from selfservice.operations.event_log import Placed, Record, StackProgress
from selfservice.operations.operation import Outcome

_PROGRESS_SECONDS = 5.0
"""Time between two writes of how far running stacks are. Starts and ends of steps are written at once."""
_STATES = {
    NodeStatus.SUCCEEDED: StepState.SUCCEEDED,
    NodeStatus.FAILED: StepState.FAILED,
    NodeStatus.SKIPPED: StepState.SKIPPED,
    NodeStatus.INTERRUPTED: StepState.WAITING,
}


class RecordedSteps:
    """Follows a run and writes what has changed, everything of one look in one call.

    A run that is continued keeps the steps that have ended. What was running when it was interrupted waits again.
    """

    def __init__(
        self,
        steps: RequestSteps,
        plan: Sequence[Step],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._steps, self._clock, self._now = steps, clock, now
        self._names = {step.stack: step.name for step in plan if step.stack}
        self._progress: dict[str, StackProgress] = {}
        """Progress of the running stacks, by step."""
        self._written = clock()
        known = {record.name: record for record in steps.read()}
        self._records = {
            step.name: StepRecord(number=number, name=step.name, needs=step.needs)
            for number, step in enumerate(plan, start=1)
        }
        for name, recorded in known.items():
            if name in self._records and recorded.state is StepState.SUCCEEDED:
                self._records[name] = replace(
                    recorded, number=self._records[name].number, needs=self._records[name].needs
                )
        self._due = {name for name, record in self._records.items() if known.get(name) != record}
        self._removed = [record for record in known.values() if record.number > len(self._records)]
        self._retried = clock()
        """Time before which nothing is written, because AWS has just answered with an error."""
        self.is_held = True
        """Whether the runner still holds the request. Another one records the steps once it does not."""
        self._write()

    def began(self, name: str) -> None:
        """A step has begun."""
        self._change(name, state=StepState.RUNNING, started=self._text(), ended="", reason="", place="")

    def ended(self, name: str, result: NodeResult) -> None:
        """A step has ended."""
        state = _STATES[result.status]
        reason = str(result.output.get("reason", "")) if state is StepState.FAILED else ""
        ended = self._text() if state.has_ended else ""
        self._progress.pop(name, None)
        self._change(name, state=state, ended=ended, phase="", reason=reason)

    def started(self, stack: str) -> None:
        """The worker of a stack has started."""
        self._progress[self._names[stack]] = StackProgress(began=self._clock())

    def recorded(self, stack: str, record: Record) -> None:
        """A worker has reported something."""
        if isinstance(record, Placed):
            self._change(self._names[stack], place=record.place)
        if (progress := self._progress.get(self._names[stack])) is not None:
            progress.take(record)

    def finished(self, stack: str, outcome: Outcome) -> None:
        """A worker has ended. Its step ends a moment later."""
        if self._progress.pop(self._names[stack], None) is not None:
            self._change(self._names[stack], resources=str(outcome.resources))

    def tick(self) -> None:
        """Writes what has changed."""
        if self._clock() - self._written >= _PROGRESS_SECONDS:
            self._written = self._clock()
            for name, progress in self._progress.items():
                self._change(name, phase=progress.phase, resources=progress.resources)
        if self._due and self.is_held and self._clock() >= self._retried:
            self._write()

    def close(self, results: Mapping[str, NodeResult]) -> None:
        """Writes the results of a run that has ended. Steps without a result wait for the next runner."""
        for name, record in list(self._records.items()):
            if name in results and record.state is not _STATES[results[name].status]:
                self.ended(name, results[name])
            elif name not in results and record.state is StepState.RUNNING:
                self._change(name, state=StepState.WAITING, phase="")
        self._retried = self._clock()
        self.tick()

    def _change(self, name: str, **changes: Any) -> None:
        changed = replace(self._records[name], **changes)
        if changed != self._records[name]:
            self._records[name] = changed
            self._due.add(name)

    def _write(self) -> None:
        """Writes what is due. A deployment goes on if that fails for a moment, and the steps are written later."""
        try:
            self.is_held = self._steps.write([self._records[name] for name in sorted(self._due)], self._removed)
        except (BotoCoreError, ClientError):
            self._retried = self._clock() + _PROGRESS_SECONDS
            return
        self._due, self._removed = set(), []

    def _text(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")
