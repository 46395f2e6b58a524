"""The fallback store as a layer: it owns some nouns, and answers what moto does not know."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.layer import Handler
from sandbox.aws.message import Answer
from sandbox.aws.moto import NotEmulatedError, emulates
from sandbox.aws.store import tagging
from sandbox.aws.store.operations import Shelf
from sandbox.aws.store.ownership import OWNED
from sandbox.aws.store.record import Store
from sandbox.aws.store.validation import validate
from sandbox.aws.store.vocabulary import Meaning, Verb, meaning, operation_on

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
            if said is None or self._is_motos(call, said):
                raise
            return self._serve(call, said)

    def _owns(self, call: Call, said: Meaning) -> bool:
        if said.verb in _TAGGING:
            return self._store.by_arn(call.account, tagging.target(call)) is not None
        return said.noun in OWNED.get(call.service, ())

    def _is_motos(self, call: Call, said: Meaning) -> bool:
        """moto keeps such things and lacks only this operation: the store would have to say that there are none."""
        assert call.operation is not None
        if said.verb in (Verb.CREATE, Verb.PUT, *_TAGGING):
            return False
        made = operation_on(call.operation.service_model, said.noun, "Create", "Put", "Register")
        return made is not None and emulates(call.service, str(made.name))

    def _serve(self, call: Call, said: Meaning) -> Answer:
        assert call.operation is not None
        self._census[f"{call.service} {call.name}"] += 1
        validate(call.operation, call.parameters)
        return call.reply(self._result(call, said))

    def _result(self, call: Call, said: Meaning) -> dict[str, Any]:
        if said.verb in _TAGGING:
            return tagging.perform(self._store, call, said.verb)
        return Shelf(self._store, call, said.noun).perform(said.verb)
