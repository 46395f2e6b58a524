"""Runs one command over several stacks: builds their operations, runs them and collects the outcomes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from selfservice.engine.access.credential_life import credential_life
from selfservice.engine.access.read_only_states import read_only_states
from selfservice.fingerprints.skipping import UnchangedStacks
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.limits import DEFAULT_MINUTES, TimeLimit, default_jobs
from selfservice.operations.operation import DEFAULT_LOCK_MINUTES, Action, Operation, Outcome
from selfservice.operations.schedule import Graph, rehearsed_first, restrict, reverse, upstream_of
from selfservice.projects.project import Project
from selfservice.projects.states import states_read_by
from selfservice.runner.durations import Durations
from selfservice.runner.process import REHEARSAL, LocalWorkers, new_run_directory
from selfservice.runner.runner import NotStartedError, ProgressListener, Runner, Running


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """The options of one command, as the user gave them."""

    action: Action
    stacks: list[str]
    policy_packs: tuple[Path, ...] = ()
    """Policy packs in addition to those of the project."""
    refresh: bool = False
    keeping: Collection[str] = ()
    """Stacks whose protected resources a destruction leaves. For other stacks it is refused."""
    diff: bool = False
    parallel: int = 16
    jobs: int | None = None
    time_limit_minutes: int = DEFAULT_MINUTES
    """Minutes after which the operation on a stack is stopped."""
    lock_timeout_minutes: int = DEFAULT_LOCK_MINUTES
    """Minutes to wait for locks of the backend that other engines hold."""
    skip: bool = False
    """Whether stacks are skipped whose inputs did not change."""
    independent: bool = False
    """Whether stacks run without waiting for those that they depend on. For previews that only compare with AWS."""
    approved: Mapping[str, Sequence[str]] | None = None
    """The steps that the update of each stack may consist of; None without an approval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcomes of one command."""

    outcomes: Mapping[str, Outcome]
    seconds: float
    logs: Path
    """Directory with the logs, in one directory per stack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Stacks that a command is about to run, with their order and durations."""

    graph: Graph
    jobs: int
    """Number of stacks that run in parallel."""
    durations: Mapping[str, float]
    """Seconds that the same action took last time, by stack; without stacks that never ran."""


class RemoteWorkers(Protocol):
    """Starts workers elsewhere than on this machine."""

    @property
    def limit(self) -> int:
        """Number of workers that may run at the same time."""

    def start(self, operation: Operation, directory: Path) -> Running:
        """Starts a worker. ``directory`` gets the output of its engine."""


def graph_to_run(project: Project, options: RunOptions) -> Graph:
    """Returns the selected stacks with those that each waits for. Production waits for what it has to equal."""
    chosen = restrict(project.graph, options.stacks)
    if options.action is Action.DESTROY:
        return reverse(chosen)
    return rehearsed_first(dict.fromkeys(chosen, ()) if options.independent else chosen, project.rehearsals)


def run_operations(
    project: Project,
    options: RunOptions,
    prepared: PreparedProcess,
    listening: Callable[[Plan], AbstractContextManager[ProgressListener]],
    announce: Callable[[str], None],
    remote: RemoteWorkers | None = None,
) -> Result:
    """Runs the action on the selected stacks, on this machine unless ``remote`` starts the workers.

    ``listening`` provides the listener for the progress, and ``announce`` prints the answer to an interrupt.
    """
    began = time.monotonic()
    graph = graph_to_run(project, options)
    logs = new_run_directory(project.state_directory)

    operations = Operations(
        project=project,
        options=options,
        logs=logs,
        policy_packs=(*project.policy_packs, *options.policy_packs),
        chosen=frozenset(options.stacks),
    )

    workers = remote or LocalWorkers(prepared)
    unchanged = UnchangedStacks.of(project, operations.chosen) if options.skip else None

    looks_at_credentials = options.action is not Action.PREVIEW and remote is None  # pods renew theirs
    durations = Durations(project.state_directory / "durations.json", options.action)
    known_durations = durations.read()

    def launch(stack: str) -> Running:
        operation = operations.of(stack)
        left_out = unchanged.skip_unchanged(operation) if unchanged is not None else None
        if left_out is not None:
            return left_out
        life = credential_life(os.environ) if looks_at_credentials else None  # somebody may have signed in meanwhile
        if life is not None and (shortage := life.shortage(stack, known_durations.get(stack))):
            raise NotStartedError(shortage)
        return workers.start(operation, logs / stack)

    reading = (
        read_only_states(project.directory, states_read_by(project, options.stacks))
        if project.read_only
        else nullcontext()
    )
    jobs = min(options.jobs or remote.limit, remote.limit) if remote else options.jobs or default_jobs()
    plan = Plan(graph=graph, jobs=jobs, durations=known_durations)
    with reading, listening(plan) as listener:
        limit = TimeLimit(minutes=options.time_limit_minutes)
        runner = Runner(graph, limit=plan.jobs, launch=launch, listener=listener, time_limit=limit)
        with _interrupting(runner.interrupt, announce):
            outcomes = runner.run()
    durations.record(outcomes)
    return Result(outcomes=outcomes, seconds=time.monotonic() - began, logs=logs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operations:
    """Builds the operations of one command. Values that all operations share are computed once."""

    project: Project
    options: RunOptions
    logs: Path
    policy_packs: tuple[Path, ...]
    chosen: frozenset[str]

    def of(self, stack: str) -> Operation:
        # Policies compare production with its rehearsal, and a destruction runs no policies.
        compared = {} if self.options.action is Action.DESTROY else self.project.rehearsals
        rehearsal = compared.get(stack)
        written_by = rehearsal if rehearsal in self.chosen else stack
        return Operation(
            action=self.options.action,
            stack=stack,
            project_directory=self.project.directory,
            upstream=tuple(upstream_of(self.project.graph, stack)),
            policy_packs=self.policy_packs,
            refresh=self.options.refresh,
            keeps_protected=stack in self.options.keeping,
            diff=self.options.diff,
            parallel=self.options.parallel,
            rehearsal=rehearsal,
            rehearsal_file=self.logs / written_by / REHEARSAL if rehearsal else None,
            record_file=self.logs / stack / REHEARSAL if stack in compared.values() else None,
            lock_path=self.project.state_directory / "locks" / stack,
            fingerprints=self.project.fingerprints,
            lock_timeout_minutes=self.options.lock_timeout_minutes,
            approved=None if self.options.approved is None else tuple(self.options.approved.get(stack, ())),
        )


@contextmanager
def _interrupting(interrupt: Callable[[], None], announce: Callable[[str], None]) -> Iterator[None]:
    """Calls ``interrupt`` on SIGINT and SIGTERM for the duration of the block."""
    words = iter(("stopping after the steps under way; once more to stop at once", "stopping at once"))

    def handle(*_: object) -> None:
        announce(next(words, "stopping"))
        interrupt()

    previous = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
