"""The quotas as a layer below the preconditions. It refuses what AWS refuses although the request is valid."""

from __future__ import annotations

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.quotas import instances, limits

_LIMITS = {**limits.LIMITS, **instances.LIMITS}


class QuotasLayer:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        limit = _LIMITS.get((call.service, call.name))
        if limit is not None:
            limit(call, self._memory)
        return below(call)
