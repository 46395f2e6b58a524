"""Decides which stacks of a command need not run, because nothing that they depend on changed."""

from __future__ import annotations

import fcntl
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from selfservice.engine.backend import FileBackend, backend_of
from selfservice.fingerprints.facts import differing
from selfservice.fingerprints.inputs import SharedInputs, inputs_of
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Store
from selfservice.runner.event_log import Finished, Notice, Record
from selfservice.runner.operation import Operation, Outcome, Status
from selfservice.runner.project import Project


@dataclass(slots=True)
class SkippedStack:
    """A stack that is not run: tells what was told when it was last seen, and that it is unchanged."""

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
    """The stacks of one command that are provably unchanged, each judged when its turn comes."""

    store: Store
    backend: FileBackend
    shared_inputs: SharedInputs
    chosen: Collection[str]
    _skipped: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, project: Project, chosen: Collection[str]) -> UnchangedStacks | None:
        """None where states cannot be read at small cost: then every stack runs."""
        backend = backend_of(project.directory)
        if backend is None:
            return None
        return cls(Store(project.fingerprints), backend, SharedInputs(Layout.of(project.directory)), chosen)

    def skip_unchanged(self, operation: Operation) -> SkippedStack | None:
        """What stands for the operation where nothing that it depends on changed; None where it has to run."""
        if operation.rehearsal in self.chosen and operation.rehearsal not in self._skipped:
            return None
        known = self.store.read(operation.stack)
        if known is None or _is_at_work(operation):
            return None
        if known.inputs != inputs_of(operation, self.backend, self.shared_inputs):
            return None
        if differing(self.shared_inputs.facts, known.files) is not None:
            return None
        self._skipped.add(operation.stack)
        reason = f"no input changed since {known.seen}"
        return SkippedStack(replace(known.outcome, status=Status.UNCHANGED, reason=reason), known.notices)


def _is_at_work(operation: Operation) -> bool:
    """Whether another command line of this machine works on the stack."""
    try:
        with operation.lock_path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
