"""The interface of a layer, which answers a call itself, asks the layer below, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer

Handler = Callable[[Call], Answer]


class Layer(Protocol):
    def answer(self, call: Call, below: Handler) -> Answer: ...


def stack(layers: Sequence[Layer], bottom: Handler) -> Handler:
    """Returns one handler made of ``layers``, the first of which is the outermost."""
    handler = bottom
    for layer in reversed(layers):
        handler = _bind(layer, handler)
    return handler


def _bind(layer: Layer, below: Handler) -> Handler:
    return lambda call: layer.answer(call, below)
