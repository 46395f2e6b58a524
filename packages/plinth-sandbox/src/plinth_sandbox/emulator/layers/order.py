"""The order of the emulator's layers, outermost first. Add a new layer here."""

from __future__ import annotations

from collections import Counter

from plinth_sandbox.emulator.authorization.layer import AuthorizationLayer
from plinth_sandbox.emulator.executors.layer import ExecutorsLayer
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.layer import Layer
from plinth_sandbox.emulator.layers.unperformed import Unperformed
from plinth_sandbox.emulator.patches.layer import PatchesLayer
from plinth_sandbox.emulator.preconditions.layer import Preconditions
from plinth_sandbox.emulator.quotas import instances, limits
from plinth_sandbox.emulator.quotas.layer import QuotasLayer
from plinth_sandbox.emulator.services.events.executor.layer import EventsLayer
from plinth_sandbox.emulator.store.layer import FallbackStore


def layers(census: Counter[str], events: EventsLayer, runtime: Runtime) -> list[Layer]:
    """Returns the layers. ``census`` counts calls that are stored but not emulated; ``runtime`` executes runs."""
    memory = runtime.memory
    executors, patches = ExecutorsLayer(runtime), PatchesLayer(memory)
    store = FallbackStore(memory.store, census)
    checks: list[Layer] = [AuthorizationLayer(memory), Preconditions(memory), QuotasLayer(memory, limits.LIMITS)]
    below: list[Layer] = [QuotasLayer(memory, instances.LIMITS), store, Unperformed()]
    return [*checks, events, executors, patches, *below]
