"""The types of emulator patches. A patch corrects an operation that moto answers differently from AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.store.record import Place, Record, Store


@dataclass(slots=True)
class Memory:
    """State that the patches keep because moto does not."""

    store: Store
    _notes: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def notes(self, *topic: str) -> dict[str, Any]:
        """Returns the dictionary of a ``topic``. Include the account and region in the topic if they matter."""
        return self._notes.setdefault(topic, {})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call that passes through a patch."""

    call: Call
    memory: Memory
    _below: Handler

    @property
    def place(self) -> Place:
        """Place in the store of the resources that the call concerns."""
        return Place(self.call.account, self.call.region, self.call.service)

    def kept(self, noun: str, names: Mapping[str, Any]) -> Record | None:
        """Returns the stored record with these names."""
        return self.memory.store.find(self.place, noun, names)

    def below(self) -> Answer:
        """Returns the answer of moto or of the fallback store."""
        return self._below(self.call)

    def below_with(self, call: Call) -> Answer:
        """Returns the answer of the layer below to a changed call."""
        return self._below(call)

    def amend(self, change: Callable[[dict[str, Any]], None]) -> Answer:
        """Returns the answer of the layer below. If the call succeeded, ``change`` edits its result in place."""
        answer = self.below()
        if not answer.succeeded:
            return answer
        result = self.call.result(answer)
        result.pop("ResponseMetadata", None)
        change(result)
        return self.call.reply(result)


Patch = Callable[[Exchange], Answer]
Patches = Mapping[str, Patch]
"""Patches of one service by operation name."""
