"""What a patch is: an operation that moto answers, but not as AWS would."""

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
    """What patches remember because moto does not."""

    store: Store
    _notes: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def notes(self, *topic: str) -> dict[str, Any]:
        """The same dictionary every time for the same ``topic``: say the account and region in it where they matter."""
        return self._notes.setdefault(topic, {})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call on its way through a patch."""

    call: Call
    memory: Memory
    _below: Handler

    @property
    def place(self) -> Place:
        """Where the store keeps what the call is about."""
        return Place(self.call.account, self.call.region, self.call.service)

    def kept(self, noun: str, names: Mapping[str, Any]) -> Record | None:
        """What the store keeps there under these names."""
        return self.memory.store.find(self.place, noun, names)

    def below(self) -> Answer:
        """What moto, or the fallback store, answers."""
        return self._below(self.call)

    def amend(self, change: Callable[[dict[str, Any]], None]) -> Answer:
        """The answer from below, with its result changed in place if the call succeeded."""
        answer = self.below()
        if not answer.succeeded:
            return answer
        result = self.call.result(answer)
        result.pop("ResponseMetadata", None)
        change(result)
        return self.call.reply(result)


Patch = Callable[[Exchange], Answer]
Patches = Mapping[str, Patch]
"""By operation name, for one service."""
