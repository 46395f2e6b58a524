"""The order of the emulator's layers, outermost first. Add a new layer here."""

from __future__ import annotations

from collections import Counter

from plinth_sandbox.emulator.executors.layer import ExecutorsLayer
from plinth_sandbox.emulator.executors.task_runner import TaskRunner
from plinth_sandbox.emulator.layers.layer import Layer
from plinth_sandbox.emulator.layers.unperformed import Unperformed
from plinth_sandbox.emulator.patches.layer import PatchesLayer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.preconditions.layer import Preconditions
from plinth_sandbox.emulator.store.layer import FallbackStore
from plinth_sandbox.emulator.store.record import Store


def layers(census: Counter[str], runner: TaskRunner) -> list[Layer]:
    """Returns the layers. ``census`` counts calls that are stored but not emulated; ``runner`` executes runs."""
    store = Store()
    memory = Memory(store)
    executors, patches = ExecutorsLayer(memory, runner), PatchesLayer(memory)
    return [Preconditions(), executors, patches, FallbackStore(store, census), Unperformed()]
