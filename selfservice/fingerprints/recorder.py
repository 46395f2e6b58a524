"""Records the fingerprint of a stack during a worker's operation."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from selfservice.engine.backend import FileBackend, backend_of
from selfservice.fingerprints.inputs import SharedInputs, inputs_of
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.recording import Recording
from selfservice.fingerprints.store import Fingerprint, Store, needs_no_change
from selfservice.runner.operation import Action, Operation, Outcome

TOLERANCE_SECONDS = 0.05
"""Tolerance for file system clocks, which lag behind the system clock by a few milliseconds."""


@dataclass(slots=True)
class FingerprintRecorder:
    """Reads the inputs before and after one operation and writes the fingerprint.

    If an input changes in between, no fingerprint is written, because the engine may have used either version.
    """

    operation: Operation
    recording: Recording
    began: float = field(default_factory=time.time)
    notices: list[str] = field(default_factory=list)
    pending_work: bool = False
    """Whether there is work that the number of changes does not show: a changed output, drift, a pending operation."""
    _before: Mapping[str, str] | None = None

    @classmethod
    def of(cls, operation: Operation, run_directory: Path) -> Self:
        return cls(operation, Recording(run_directory / "reads"))

    def variables(self) -> dict[str, str]:
        """Returns the environment variables that make the engine's Python processes record what they read."""
        return self.recording.variables(Layout.of(self.operation.project_directory).settings_directory)

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
        shutil.rmtree(self.recording.folder, ignore_errors=True)

    def _fingerprint(self, store: Store, outcome: Outcome) -> Fingerprint | None:
        backend = backend_of(self.operation.project_directory)
        layout = Layout.of(self.operation.project_directory)
        shared_inputs = SharedInputs(layout)
        if self._before is None or backend is None:
            return None
        if self._before != inputs_of(self.operation, backend, shared_inputs):
            return None
        if not self._rehearsed_as_deployed(store, backend):
            return None
        packs = self.operation.policy_packs
        found = self.recording.facts(layout, packs, shared_inputs.facts, ignored=self.operation.fingerprints.parent)
        if found is None or shared_inputs.facts.newest(found) >= self.began - TOLERANCE_SECONDS:
            return None
        seen = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began))
        kept = replace(outcome, seconds=0.0)
        return Fingerprint(inputs=self._before, files=found, outcome=kept, notices=tuple(self.notices), seen=seen)

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
