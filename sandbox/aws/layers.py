"""The emulator's layers, outermost first. A new one is added here and nowhere else."""

from __future__ import annotations

from collections import Counter

from sandbox.aws.executors.layer import Executions
from sandbox.aws.executors.runner import Runner
from sandbox.aws.layer import Layer
from sandbox.aws.mends.layer import MendsLayer
from sandbox.aws.mends.mend import Memory
from sandbox.aws.sessions import Sessions
from sandbox.aws.store.layer import FallbackStore
from sandbox.aws.store.record import Store


def layers(census: Counter[str], runner: Runner) -> list[Layer]:
    """``census`` counts what is stored but not emulated; ``runner`` runs what is started."""
    store = Store()
    memory = Memory(store)
    return [Sessions(), Executions(memory, runner), MendsLayer(memory), FallbackStore(store, census)]
