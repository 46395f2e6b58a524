"""The preconditions as a layer above the patches."""

from __future__ import annotations

import functools

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.preconditions.check import Check
from plinth_sandbox.emulator.preconditions.references.check import check_references
from plinth_sandbox.emulator.services.table import modules_of


class Preconditions:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        for check in _checks(call.service, call.name):
            check(call)
        check_references(call, self._memory)
        if call.is_dry_run:  # moto knows the parameter in some operations, and performs the others
            raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        return below(call)


@functools.cache
def _checks(service: str, operation: str) -> tuple[Check, ...]:
    modules = modules_of(service, "checks")
    return tuple(module.CHECKS[service, operation] for module in modules if (service, operation) in module.CHECKS)
