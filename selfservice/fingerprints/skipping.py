"""Decides which stacks of a command to skip because none of their inputs changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from selfservice.engine.backend import FileBackend, backend_of
from selfservice.engine.locks.stack_lock import is_locked
from selfservice.fingerprints.inputs import SharedInputs, inputs_of
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Store
from selfservice.operations.event_log import Finished, Notice, Record
from selfservice.operations.operation import Operation, Outcome, Status
from selfservice.projects.project import Project


@dataclass(slots=True)
class SkippedStack:
    """A skipped stack. It reports the notices of its last run and the status ``unchanged``."""

    outcome: Outcome
    notices: tuple[str, ...]

    def read(self) -> list[Record]:
        return [*(Notice(message=notice) for notice in self.notices), Finished(outcome=self.outcome)]

    def is_alive(self) -> bool:
        return False

    def interrupt(self) -> None:
        """Does nothing: it has ended."""

    def kill(self) -> None:
        """Does nothing: it has ended."""


@dataclass(slots=True)
class UnchangedStacks:
    """The unchanged stacks of one command. Each is checked immediately before it would start."""

    store: Store
    backend: FileBackend
    shared_inputs: SharedInputs
    chosen: Collection[str]
    _skipped: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, project: Project, chosen: Collection[str]) -> UnchangedStacks | None:
        """Returns None if only the engine can read the states; then every stack runs."""
        backend = backend_of(project.directory)
        if backend is None:
            return None
        return cls(Store(project.fingerprints), backend, SharedInputs(Layout.of(project.directory)), chosen)

    def skip_unchanged(self, operation: Operation) -> SkippedStack | None:
        """Returns the skipped stack if none of its inputs changed; None if it must run."""
        if operation.rehearsal in self.chosen and operation.rehearsal not in self._skipped:
            return None
        known = self.store.read(operation.stack)
        if known is None or is_locked(operation.lock_path):
            return None
        if known.inputs != inputs_of(operation, self.backend, self.shared_inputs):
            return None
        self._skipped.add(operation.stack)
        reason = f"no input changed since {known.seen}"
        return SkippedStack(replace(known.outcome, status=Status.UNCHANGED, reason=reason), known.notices)
