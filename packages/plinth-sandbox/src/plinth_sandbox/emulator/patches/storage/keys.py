"""KMS: rotation periods, and faster creation of keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.kms import models

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now

_DEFAULT_DAYS = 365


def patch_moto() -> None:
    """Skips the RSA key pair (50 ms) that moto creates for every key. Symmetric keys never use it."""
    generate = models.generate_private_key
    models.generate_private_key = lambda spec: None if spec.startswith(("SYMMETRIC", "HMAC")) else generate(spec)


def _enable(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        days = exchange.call.parameters.get("RotationPeriodInDays", _DEFAULT_DAYS)
        exchange.memory.notes("kms", "rotation")[_key(exchange.call)] = {"days": days, "since": now()}
    return answer


def _status(exchange: Exchange) -> Answer:
    def add_period(result: dict[str, Any]) -> None:
        noted = exchange.memory.notes("kms", "rotation").get(_key(exchange.call))
        if noted and result["KeyRotationEnabled"]:
            result["RotationPeriodInDays"] = noted["days"]
            result["NextRotationDate"] = noted["since"] + timedelta(days=noted["days"])

    return exchange.amend(add_period)


def _key(call: Call) -> str:
    """Returns the key id, given an id or an ARN."""
    return str(call.parameters["KeyId"]).rpartition("/")[2]


PATCHES: Patches = {"EnableKeyRotation": _enable, "GetKeyRotationStatus": _status}
