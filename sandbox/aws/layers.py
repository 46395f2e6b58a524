"""The emulator's layers, outermost first. A new one is added here and nowhere else."""

from __future__ import annotations

from collections import Counter

from sandbox.aws.layer import Layer
from sandbox.aws.mends.layer import MendsLayer
from sandbox.aws.mends.mend import Memory
from sandbox.aws.sessions import Sessions
from sandbox.aws.store.layer import FallbackStore
from sandbox.aws.store.record import Store


def layers(census: Counter[str]) -> list[Layer]:
    """``census`` counts what is stored but not emulated."""
    store = Store()
    return [Sessions(), MendsLayer(Memory(store)), FallbackStore(store, census)]
