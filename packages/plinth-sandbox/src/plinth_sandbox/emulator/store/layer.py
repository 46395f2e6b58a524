"""The fallback store as a layer. It serves the nouns that it owns, and operations that moto does not implement."""

from __future__ import annotations

from collections import Counter
from typing import Any

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.layers.moto import NotEmulatedError, emulates
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.store import tagging
from plinth_sandbox.emulator.store.kept import keeps
from plinth_sandbox.emulator.store.operations import ResourceHandler
from plinth_sandbox.emulator.store.ownership import OWNED
from plinth_sandbox.emulator.store.record import Store
from plinth_sandbox.emulator.store.vocabulary import Meaning, Verb, meaning, operation_on

_TAGGING = (Verb.TAG, Verb.UNTAG, Verb.LIST_TAGS)


class FallbackStore:
    def __init__(self, store: Store, census: Counter[str]) -> None:
        self._store, self._census = store, census

    def answer(self, call: Call, below: Handler) -> Answer:
        said = meaning(call.operation) if call.operation else None
        if said and self._owns(call, said):
            return self._serve(call, said)
        try:
            return below(call)
        except NotEmulatedError:
            if said is None or self._is_stored_by_moto(call, said) or not self._keeps(call, said):
                raise
            return self._serve(call, said)

    def _owns(self, call: Call, said: Meaning) -> bool:
        if said.verb in _TAGGING:
            return self._store.by_arn(call.account, tagging.target(call)) is not None
        return said.noun in OWNED.get(call.service, ())

    def _is_stored_by_moto(self, call: Call, said: Meaning) -> bool:
        """Returns whether moto stores this noun and lacks only this operation. The store would wrongly answer that
        there are none."""
        assert call.operation is not None
        if said.verb in (Verb.CREATE, Verb.PUT, *_TAGGING):
            return False
        made = operation_on(call.operation.service_model, said.noun, "Create", "Put", "Register")
        return made is not None and emulates(call.service, str(made.name))

    def _keeps(self, call: Call, said: Meaning) -> bool:
        assert call.operation is not None
        return said.verb in _TAGGING or keeps(call.operation.service_model, said.noun)

    def _serve(self, call: Call, said: Meaning) -> Answer:
        assert call.operation is not None
        self._census[f"{call.service} {call.name}"] += 1
        return call.reply(self._result(call, said))

    def _result(self, call: Call, said: Meaning) -> dict[str, Any]:
        if said.verb in _TAGGING:
            return tagging.perform(self._store, call, said.verb)
        return ResourceHandler(self._store, call, said.noun).perform(said.verb)
