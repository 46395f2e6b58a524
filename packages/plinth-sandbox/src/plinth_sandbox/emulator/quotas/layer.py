"""Quotas as a layer, which refuses what AWS refuses although the request is valid.

AWS looks at quotas last. Executors and patches refuse invalid requests of SageMaker, so its quotas are a layer below
them. The other quotas are a layer below the preconditions, because some patches answer without the layers below.
"""

from __future__ import annotations

from collections.abc import Mapping

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.quotas.limits import Limit


class QuotasLayer:
    def __init__(self, memory: Memory, limits: Mapping[tuple[str, str], Limit]) -> None:
        self._memory = memory
        self._limits = limits

    def answer(self, call: Call, below: Handler) -> Answer:
        limit = self._limits.get((call.service, call.name))
        if limit is not None:
            limit(call, self._memory)
        return below(call)
