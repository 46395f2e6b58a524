"""CloudTrail: deletion of trails by name or ARN, and an error for a second deletion."""

from __future__ import annotations

from moto.cloudtrail.models import cloudtrail_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _delete(exchange: Exchange) -> Answer:
    call = exchange.call
    backend = cloudtrail_backends[call.account][call.region]
    backend.delete_trail(backend.get_trail(call.parameters["Name"]).trail_name)
    return call.reply({})


PATCHES: Patches = {"DeleteTrail": _delete}
