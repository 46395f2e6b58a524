"""EventBridge as a layer above the executors.

It delivers what a call has published before the call is answered, and answers the calls of the sandbox's clock. What it
needs from moto's services is imported with the first event, because some of moto's modules take a second to import.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.process import CLOCK_PATH
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.events.executor.clock import MOST_FIRINGS

if TYPE_CHECKING:
    from plinth_sandbox.emulator.services.events.executor.delivery import Deliveries

_WITH_SCHEDULES = ("events", "glue", "scheduler")


class EventsLayer:
    def __init__(self, runtime: Runtime) -> None:
        self.clock = runtime.clock
        self.changed = Event()
        """Set when the next firing may have changed."""
        self._runtime = runtime
        self._depth = 0

    def next_due(self) -> datetime | None:
        """Returns the time of the next firing or deadline."""
        firing, deadline = self.clock.next_firing(), self._runtime.deadlines.next_time()
        return min((at for at in (firing and firing[0], deadline) if at is not None), default=None)

    def answer(self, call: Call, below: Handler) -> Answer:
        """Answers a call. Calls inside another one publish too; only the outermost call delivers."""
        self._depth += 1
        try:
            with outbox.during(call.account, call.name):
                answer = self._answer(call, below)
        finally:
            try:
                if self._depth == 1 and outbox.is_waiting():
                    self._deliveries().deliver_published()
            finally:
                self._depth -= 1
        return answer

    def _answer(self, call: Call, below: Handler) -> Answer:
        if call.operation is None and call.request.path == CLOCK_PATH:
            return self._move(json.loads(call.request.body))
        operation = _operations(call.service).get(call.name)
        answer = operation(call, below) if operation else below(call)
        if call.service == "dynamodb" and not call.only_reads:
            self._pipe_records(call)
        if call.service in _WITH_SCHEDULES and not call.only_reads:
            self.clock.notice()
            self.changed.set()
        if self._runtime.deadlines.take_change():
            self.changed.set()
        return answer

    def _pipe_records(self, call: Call) -> None:
        from plinth_sandbox.emulator.services.events.executor.pipes import pipe_records

        pipe_records(call, self._deliveries())

    def _deliveries(self) -> Deliveries:
        from plinth_sandbox.emulator.services.events.executor.delivery import Deliveries

        return Deliveries(self._runtime)

    def _move(self, asked: dict[str, str | float]) -> Answer:
        """Moves the clock (``advance_seconds``), fires what is due (``fire_until``), or drops it (``skip_until``).

        Whatever is due happens in the order of its time, while the clock shows that time. Deadlines are never dropped.
        """
        if "skip_until" in asked:
            self.clock.skip(datetime.fromisoformat(str(asked["skip_until"])))
            return Answer.of_json(200, {})
        from plinth_sandbox.emulator.services.events.executor.firing import Firing

        firing = Firing(self.clock, self._deliveries())
        self.clock.offset += timedelta(seconds=float(asked.get("advance_seconds", 0)))
        until = datetime.fromisoformat(str(asked["fire_until"])) if "fire_until" in asked else self.clock.now()
        fired: list[dict[str, str]] = []
        while (at := self.next_due()) is not None and at <= until and len(fired) < MOST_FIRINGS:
            with self.clock.held(at):
                due = self.clock.next_firing()
                if due is not None and due[0] == at:
                    firing.fire(due[1], at)
                    self.clock.notice()
                    fired.append({"at": at.isoformat(), "schedule": due[1].arn})
                else:
                    self._runtime.deadlines.pass_next()
                    self._deliveries().deliver_published()
        dropped = len(fired) == MOST_FIRINGS
        if dropped:
            self.clock.skip(until)
        self.changed.set()
        return Answer.of_json(200, {"now": self.clock.now().isoformat(), "fired": fired, "dropped": dropped})


def _operations(service: str) -> Mapping[str, Callable[[Call, Handler], Answer]]:
    """Returns the operations of a service that this layer answers or checks."""
    if service == "events":
        from plinth_sandbox.emulator.services.events.executor import operations

        return operations.OPERATIONS
    if service == "pipes":
        from plinth_sandbox.emulator.services.events.executor import pipes

        return pipes.OPERATIONS
    if service == "scheduler":
        from plinth_sandbox.emulator.services.events.executor import scheduler_operations

        return scheduler_operations.OPERATIONS
    return {}
