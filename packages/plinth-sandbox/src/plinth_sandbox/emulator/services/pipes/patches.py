"""EventBridge Pipes: unique names."""

from __future__ import annotations

from moto.pipes.models import pipes_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create(exchange: Exchange) -> Answer:
    """Refuses a second pipe with the same name. moto replaces the first one."""
    call = exchange.call
    name = call.parameters["Name"]
    if name in pipes_backends[call.account][call.region].pipes:
        raise AwsError("ConflictException", f"Pipe {name} already exists.")
    return exchange.below()


PATCHES: Patches = {"CreatePipe": _create}
