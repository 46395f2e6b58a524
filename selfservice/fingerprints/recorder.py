"""Records the fingerprint of a stack during a worker's operation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from selfservice.engine.backend import FileBackend, backend_of
from selfservice.fingerprints.inputs import SharedInputs, inputs_of
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Fingerprint, Store, needs_no_change
from selfservice.operations.operation import Action, Operation, Outcome


@dataclass(slots=True)
class FingerprintRecorder:
    """Reads the inputs before and after one operation and writes the fingerprint.

    If an input changes in between, no fingerprint is written, because the engine may have used either version.
    """

    operation: Operation
    began: float = field(default_factory=time.time)
    notices: list[str] = field(default_factory=list)
    pending_work: bool = False
    """Whether there is work that the number of changes does not show: a changed output, drift, a pending operation."""
    _before: Mapping[str, str] | None = None

    def look(self) -> None:
        """Records the inputs before the engine reads them."""
        self._before = self._inputs()

    def end(self, outcome: Outcome) -> None:
        """Writes the fingerprint if the stack needs no change, and deletes it otherwise.

        An operation does not fail if its fingerprint cannot be written.
        """
        if self.operation.action is Action.DESTROY:
            return
        store = Store(self.operation.fingerprints)
        with suppress(OSError, ValueError):
            store.forget(self.operation.stack)
            fingerprint = (
                self._fingerprint(store, outcome) if needs_no_change(outcome) and not self.pending_work else None
            )
            if fingerprint is not None:
                store.write(self.operation.stack, fingerprint)

    def _fingerprint(self, store: Store, outcome: Outcome) -> Fingerprint | None:
        backend = backend_of(self.operation.project_directory)
        if self._before is None or backend is None or self._before != self._inputs():
            return None
        if not self._rehearsed_as_deployed(store, backend):
            return None
        seen = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began))
        kept = replace(outcome, seconds=0.0)
        return Fingerprint(inputs=self._before, outcome=kept, notices=tuple(self.notices), seen=seen)

    def _inputs(self) -> Mapping[str, str] | None:
        backend = backend_of(self.operation.project_directory)
        if backend is None:
            return None
        return inputs_of(self.operation, backend, SharedInputs(Layout.of(self.operation.project_directory)))

    def _rehearsed_as_deployed(self, store: Store, backend: FileBackend) -> bool:
        """Returns whether the rehearsal is deployed as its state says and will not change in this run."""
        rehearsal = self.operation.rehearsal
        if rehearsal is None or not self.operation.is_rehearsed_in_this_run:
            return True
        known = store.read(rehearsal)
        return known is not None and known.inputs["state"] == backend.digest(rehearsal)
