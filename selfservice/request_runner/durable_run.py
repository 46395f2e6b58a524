"""Runs the plan of a request durably, and passes on its progress."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import TypeVar

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.request_steps import RequestSteps
from selfservice.changes.plan import CATALOG, Step
from selfservice.changes.run_plan import PlanExecutor
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.run_lock import RunIsLockedError
from selfservice.formatting import counted
from selfservice.operations.limits import default_jobs
from selfservice.operations.operation import Action, Outcome
from selfservice.projects.project import open_project
from selfservice.request_runner.display import Listening
from selfservice.request_runner.recorded_steps import RecordedSteps
from selfservice.requests.run_changes import Deployed
from selfservice.runner.runner import ProgressListener
from selfservice.runner.session import Plan

T = TypeVar("T")

Done = Callable[[Mapping[str, NodeResult]], str]
"""Returns in a line what a run did, from the results of its steps by name."""


class InterruptedRunError(KeyboardInterrupt):
    """The user interrupted the run, or another process works on it. The next runner continues it."""


def run_durably(
    directory: Path,
    record: ChangeRecord,
    digest: str,
    steps: Sequence[Step],
    executor: PlanExecutor,
    recorded: RequestSteps,
    listening: Listening,
    done: Done,
    jobs: int | None = None,
) -> Deployed:
    """Runs the steps, or continues them, and returns the result. Records their progress in the team catalog.

    ``listening`` provides the listener for the progress of the stacks. ``done`` describes a run that succeeded.
    ``jobs`` is the number of stacks in parallel. Default: as many as processors and memory allow.

    Raises: InterruptedRunError if the user interrupts it, the connection to the workflow database is lost, another
    runner has taken the request over, or another process still works on it.
    """
    from selfservice.durable.workflow import GraphRun, run_graph  # importing DBOS takes more than a second

    nodes = [
        Node(
            name=step.name, needs=step.needs, input={"kind": step.kind, "stack": step.stack, "approved": step.approved}
        )
        for step in steps
    ]
    folder = open_project(directory).state_directory / "requests" / record.id / "run"
    plan = Plan(graph=graph_of(steps), jobs=jobs or default_jobs(), durations={})
    action = Action.DESTROY if any(step.kind == "destroy" for step in steps) else Action.UP
    progress = RecordedSteps(recorded, steps)
    with listening(action, plan) as listener, _interruptions() as was_interrupted:
        try:
            results = run_graph(
                GraphRun(id=record.id, nodes=nodes, digest=digest),
                executor,
                folder,
                limit=plan.jobs,
                tick=partial(_tick, executor, (listener, progress), progress, was_interrupted),
            )
        except RunIsLockedError as error:
            # The request has not failed: a runner whose claim has expired may still be at work.
            raise InterruptedRunError(f"{record.id}: {error}; run `plinth requests run` later to continue it") from None
    progress.close(results or {})
    if results is None:
        raise InterruptedRunError(f"{record.id} was interrupted; the next `plinth requests run` continues it")
    return _deployed(results, done)


def graph_of(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Returns the stacks of a plan, each with those that it waits for."""
    stacks = {step.name: step.stack for step in steps if step.stack}
    return {step.stack: [stacks[need] for need in step.needs if need in stacks] for step in steps if step.stack}


def _tick(
    executor: PlanExecutor,
    listeners: Sequence[ProgressListener],
    progress: RecordedSteps,
    was_interrupted: Callable[[], bool],
) -> bool:
    """Passes on what workers have reported. Returns False once the run must not go on in this process."""
    for stack, report in _taken(executor.reports):
        for listener in listeners:
            if report is None:
                listener.started(stack)
            elif isinstance(report, Outcome):
                listener.finished(stack, report)
            else:
                listener.recorded(stack, report)
    for name, result in _taken(executor.steps):
        if result is None:
            progress.began(name)
        else:
            progress.ended(name, result)
    for listener in listeners:
        listener.tick()
    return progress.is_held and not was_interrupted()


def _taken(queue: Queue[T]) -> Iterator[T]:
    """Yields what a queue contains, and takes it out."""
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return


@contextmanager
def _interruptions() -> Iterator[Callable[[], bool]]:
    """Yields a function that tells whether SIGINT or SIGTERM has arrived in the block."""
    arrived: list[int] = []
    previous = {
        number: signal.signal(number, lambda got, _: arrived.append(got)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(arrived)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _deployed(results: Mapping[str, NodeResult], done: Done) -> Deployed:
    commit = str(next((result.output["commit"] for result in results.values() if result.output.get("commit")), ""))
    failed = {name: result for name, result in results.items() if result.status is NodeStatus.FAILED}
    if failed:
        reasons = [f"{name.rpartition(':')[2]}: {result.output.get('reason', '')}" for name, result in failed.items()]
        skipped = sum(1 for result in results.values() if result.status is NodeStatus.SKIPPED)
        held = f"\nheld up {counted(skipped, 'step')}" if skipped else ""
        return Deployed(succeeded=False, reason="\n".join(reasons) + held, commit=commit)
    url = results[CATALOG].output.get("pull_request") if CATALOG in results else None
    reason = "; ".join(part for part in (done(results), url) if part)
    return Deployed(succeeded=True, reason=reason, commit=commit)
