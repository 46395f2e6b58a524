"""KMS: rotation periods, keys of other accounts, keys that a call names by ARN, and faster creation of keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.kms import models
from moto.kms.responses import KmsResponse
from moto.kms.utils import _deserialize_ciphertext_blob

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now

_DEFAULT_DAYS = 365
_ACROSS_ACCOUNTS = frozenset(
    {
        "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateMac",
        "GetPublicKey", "Sign", "Verify", "VerifyMac",
    }
)  # fmt: skip
"""Operations on keys of other accounts (KMS API reference, "Cross-account use") that moto has, without grants."""
_OF_STATES = ("cancel_key_deletion", "disable_key", "enable_key", "schedule_key_deletion")
"""Methods of moto that change the state of a key, and find it by its id alone."""


def patch_moto() -> None:
    """Lets calls use keys of other accounts, which moto looks up in the caller's, and change the state of a key by its
    ARN. Skips the RSA key pair (50 ms) that moto creates for every key. Symmetric keys never use it."""
    generate = models.generate_private_key
    models.generate_private_key = lambda spec: None if spec.startswith(("SYMMETRIC", "HMAC")) else generate(spec)
    KmsResponse.kms_backend = property(_backend)
    for name in _OF_STATES:
        setattr(models.KmsBackend, name, _with_id(getattr(models.KmsBackend, name)))


def _with_id(method: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method of moto that gets the id of a key, also if a call names the key by its ARN."""

    def called(self: Any, key_id: str, *others: Any) -> Any:
        return method(self, self.get_key_id(key_id), *others)

    return called


def account_of_ciphertext(ciphertext: bytes, region: str, caller: str) -> str:
    """Returns the account of the key of a ciphertext, which moto does not write into it; that of the caller if no key
    has its id."""
    identifier = _deserialize_ciphertext_blob(ciphertext).key_id
    owners = (account for account, regions in models.kms_backends.items() if identifier in regions[region].keys)
    return next(owners, caller)


def _backend(response: Any) -> Any:
    """Returns the backend of the account whose key a call names, by its ARN or its ciphertext."""
    caller, region = response.current_account, response.region
    owner, name = caller, response._get_param("KeyId")
    if response._get_action() in _ACROSS_ACCOUNTS:
        if str(name).startswith("arn:"):
            owner = str(name).split(":")[4]
        elif name is None and (ciphertext := response._get_param("CiphertextBlob")):
            owner = account_of_ciphertext(ciphertext, region, caller)
    return models.kms_backends[owner][region]


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
