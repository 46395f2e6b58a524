"""Runs the steps of a plan: each stack in a worker process, and all other steps as calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.event_log import Finished, Record
from selfservice.operations.limits import DEFAULT_MINUTES, TimeLimit
from selfservice.operations.operation import Action, Operation, Outcome, Problem, Status
from selfservice.projects.project import Project, open_project
from selfservice.runner.runner import Running, Start
from selfservice.runner.session import Operations, RunOptions
from settings.types.errors import SettingsError
from settings.types.redaction import redacted

_POLL_SECONDS = 0.1

Call = Callable[[Mapping[str, NodeResult]], Mapping[str, Any]]
"""A step that is not of a stack. It gets the results of the steps that it needs."""
Report = tuple[str, Record | Outcome | None]
"""A stack with a record of its event log, with its outcome, or with None when it starts."""
StepReport = tuple[str, NodeResult | None]
"""A step with its result, or with None when it begins."""


@dataclass(slots=True)
class PlanExecutor:
    """Executes steps, each in a thread of the durable engine. A step that was interrupted can run again."""

    directory: Path
    """Project directory, into which the settings are committed."""
    logs: Path
    start: Start
    """Starts the operation on a stack. Several threads call it."""
    calls: Mapping[str, Call]
    """Functions for the steps that are not of a stack, by kind. Each returns what it has to report as JSON.

    They raise BadInputError, RefusedError or SettingsError.
    """
    time_limit_minutes: int = DEFAULT_MINUTES
    """Minutes after which the operation on a stack is stopped."""
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    reports: Queue[Report] = field(default_factory=Queue)
    """Reports of the workers, for the main thread."""
    steps: Queue[StepReport] = field(default_factory=Queue)
    """Which steps begin and end, for the main thread."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _project: Project | None = None

    def run(self, _run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event, /) -> NodeResult:
        """Executes one step and returns its result. What a user can correct is a result, too."""
        self.steps.put((node.name, None))
        result = self._result(node, needs, stop)
        self.steps.put((node.name, result))
        return result

    def _result(self, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        kind = node.input["kind"]
        try:
            if kind in self.calls:
                return _succeeded(**self.calls[kind](needs))
            return self._run_stack(kind, str(node.input["stack"]), [str(step) for step in node.input["approved"]], stop)
        except (BadInputError, RefusedError, SettingsError) as error:
            return NodeResult(status=NodeStatus.FAILED, output={"reason": redacted(str(error))})

    def opened(self) -> Project:
        """Returns the project with the committed settings."""
        with self._lock:
            if self._project is None:
                self._project = self.open()
            return self._project

    def open(self) -> Project:
        """Opens the project."""
        return open_project(self.directory)

    def operation(self, kind: str, stack: str, approved: list[str]) -> Operation | None:
        """Returns the operation of a step of a stack; None if nothing is left to do. Raises: RefusedError."""
        assert kind == "stack"
        return self.operations(Action.UP, stack, approved={stack: approved}).of(stack)

    def operations(self, action: Action, stack: str, **options: Any) -> Operations:
        """Returns the operations of an action on one stack."""
        project = self.opened()
        return Operations(
            project=project,
            options=RunOptions(action=action, stacks=list(project.graph), **options),
            logs=self.logs,
            policy_packs=project.policy_packs,
            chosen=frozenset({stack}),
        )

    def _run_stack(self, kind: str, stack: str, approved: list[str], stop: threading.Event) -> NodeResult:
        operation = self.operation(kind, stack, approved)
        if operation is None:
            return _succeeded()
        self.reports.put((stack, None))
        outcome = self._outcome(operation, stop)
        self.reports.put((stack, outcome))
        if outcome.status.lets_dependents_go_on:
            return _succeeded(changes=dict(outcome.changes), seconds=outcome.seconds)
        status = NodeStatus.INTERRUPTED if outcome.status is Status.INTERRUPTED else NodeStatus.FAILED
        reasons = [f"{f'{problem.rule}: ' if problem.rule else ''}{problem.message}" for problem in outcome.problems]
        return NodeResult(status=status, output={"reason": "\n".join(reasons) or str(outcome.status)})

    def _outcome(self, operation: Operation, stop: threading.Event) -> Outcome:
        stack = operation.stack
        limit = TimeLimit(minutes=self.time_limit_minutes, clock=self.clock)
        try:
            worker = self.start(operation, self.logs / stack)
        except RefusedError as refusal:
            return Outcome(status=Status.FAILED, problems=(Problem(message=str(refusal)),))
        limit.start(stack)
        return limit.explained(stack, self._followed(stack, worker, limit, stop))

    def _followed(self, stack: str, worker: Running, limit: TimeLimit, stop: threading.Event) -> Outcome:
        """Reports what a worker records until it has ended, and returns its outcome."""
        interrupted = False
        while True:
            alive = worker.is_alive()  # before reading, so that no last record is missed
            for record in worker.read():
                if isinstance(record, Finished):
                    return record.outcome
                self.reports.put((stack, record))
            if not alive:
                status = Status.INTERRUPTED if interrupted else Status.FAILED
                message = "the worker process ended without a result; see the log"
                return Outcome(status=status, problems=(Problem(message=message),))
            if stop.is_set() and not interrupted:
                interrupted = True
                worker.interrupt()
            limit.enforce(stack, worker)
            self.pause(_POLL_SECONDS)


def _succeeded(**output: Any) -> NodeResult:
    return NodeResult(status=NodeStatus.SUCCEEDED, output=output)
