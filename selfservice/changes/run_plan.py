"""Runs the steps of a plan: commits the settings, deploys each stack in a worker process, writes the team catalog."""

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
from selfservice.forks.prepared import PreparedProcess
from selfservice.runner.event_log import Finished, Record
from selfservice.runner.operation import Action, Outcome, Problem, Status
from selfservice.runner.process import WorkerProcess
from selfservice.runner.project import Project, open_project
from selfservice.runner.session import Operations, RunOptions
from settings.types.errors import SettingsError

_POLL_SECONDS = 0.1

Report = tuple[str, Record | Outcome | None]
"""A stack with a record of its event log, with its outcome, or with None when it starts."""


@dataclass(slots=True)
class PlanExecutor:
    """Executes steps, each in a thread of the durable engine. A step that was interrupted can run again."""

    directory: Path
    """Project directory, into which the settings are committed."""
    logs: Path
    prepared: PreparedProcess
    commit: Callable[[], str]
    """Commits the settings and returns the commit. Raises: BadInputError, RefusedError, SettingsError."""
    record: Callable[[Project], None]
    """Writes the team catalog."""
    reports: Queue[Report] = field(default_factory=Queue)
    """What workers report, for the main thread."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _project: Project | None = None

    def run(self, _run_id: str, node: Node, _needs: Mapping[str, NodeResult], stop: threading.Event, /) -> NodeResult:
        """Executes one step and returns its result. What a user can correct is a result, too."""
        kind = node.input["kind"]
        try:
            if kind == "settings":
                return _succeeded(commit=self.commit())
            if kind == "catalog":
                self.record(self._opened())
                return _succeeded()
            return self._deploy(str(node.input["stack"]), [str(step) for step in node.input["approved"]], stop)
        except (BadInputError, RefusedError, SettingsError) as error:
            return NodeResult(status=NodeStatus.FAILED, output={"reason": str(error)})

    def _opened(self) -> Project:
        """Returns the project with the committed settings."""
        with self._lock:
            if self._project is None:
                self._project = open_project(self.directory)
            return self._project

    def _deploy(self, stack: str, approved: list[str], stop: threading.Event) -> NodeResult:
        self.reports.put((stack, None))
        outcome = self._outcome(stack, approved, stop)
        self.reports.put((stack, outcome))
        if outcome.status.lets_dependents_go_on:
            return _succeeded(changes=dict(outcome.changes), seconds=outcome.seconds)
        status = NodeStatus.INTERRUPTED if outcome.status is Status.INTERRUPTED else NodeStatus.FAILED
        reasons = [f"{f'{problem.rule}: ' if problem.rule else ''}{problem.message}" for problem in outcome.problems]
        return NodeResult(status=status, output={"reason": "\n".join(reasons) or str(outcome.status)})

    def _outcome(self, stack: str, approved: list[str], stop: threading.Event) -> Outcome:
        worker = self._launched(stack, approved)
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
            time.sleep(_POLL_SECONDS)

    def _launched(self, stack: str, approved: list[str]) -> WorkerProcess:
        project = self._opened()
        options = RunOptions(action=Action.UP, stacks=list(project.graph), approved={stack: approved})
        operations = Operations(
            project=project,
            options=options,
            logs=self.logs,
            policy_packs=project.policy_packs,
            chosen=frozenset({stack}),
        )
        with self._lock:  # the prepared process answers one request at a time
            return WorkerProcess(operations.of(stack), self.logs / stack, self.prepared)


def _succeeded(**output: Any) -> NodeResult:
    return NodeResult(status=NodeStatus.SUCCEEDED, output=output)
