"""KMS: key policies, keys that a request names, and the states in which a key can be used.

Sources: KMS API, CreateKey and PutKeyPolicy; KMS Developer Guide, "Default key policy", "Resource quotas" and "Key
states of AWS KMS keys" (read 2026-11-25).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.kms.models import kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import (
    missing_principal,
    parsed,
    principals,
    statements,
)
from plinth_sandbox.emulator.services.kms.patches import account_of_ciphertext
from plinth_sandbox.emulator.services.kms.permissions import key_arn
from plinth_sandbox.emulator.services.s3.patches.bucket_policies import covers, listed

LONGEST_POLICY = 32_768
_MANAGE = "kms:putkeypolicy"
_KEY = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):(\d{12}):(key/|alias/)(.+)")


def _policy(call: Call) -> None:
    text = call.parameters.get("Policy")
    if text is None:
        return
    if len(text.encode()) > LONGEST_POLICY:
        raise AwsError("LimitExceededException", f"Policy size exceeds the limit of {LONGEST_POLICY} bytes.")
    document = parsed(text)
    if document is None:
        raise _malformed("The new key policy is not valid JSON.")
    if missing_principal(document) is not None:
        raise _malformed("Policy contains a statement with one or more invalid principals.")
    if not call.parameters.get("BypassPolicyLockoutSafetyCheck") and not _manageable(document, call.account):
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")


def _manageable(document: dict[str, Any], account: str) -> bool:
    """Returns whether somebody of the account may change the policy. Conditions do not count: what a later caller
    brings is unknown."""
    effects = [statement.get("Effect") for statement in statements(document) if _manages(statement, account)]
    return "Allow" in effects and "Deny" not in effects


def _manages(statement: dict[str, Any], account: str) -> bool:
    named = [name for kind, name in principals(statement) if kind == "AWS"]
    if statement.get("Effect") == "Deny":
        concerned = "Principal" in statement and "*" in named and "Condition" not in statement
    else:
        concerned = any(name == "*" or name == account or f"::{account}:" in name for name in named)
    negated = "NotAction" in statement
    actions = listed(statement.get("NotAction" if negated else "Action"))
    return concerned and any(covers(str(action).lower(), _MANAGE) for action in actions) != negated


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message)


def key_exists(name: str, account: str, region: str) -> bool:
    """Returns whether a key exists, by its id, ARN or alias. AWS managed keys always exist."""
    matched = _KEY.fullmatch(name)
    if matched:
        region, account, kind, name = matched.groups()
        name = name if kind == "key/" else f"alias/{name}"
    backend = kms_backends[account][region]
    if name.startswith("alias/"):
        return name.startswith("alias/aws/") or backend.get_key_id_from_alias(name) is not None
    return name in backend.keys


def _grant(call: Call) -> None:
    key = str(call.parameters["KeyId"])
    if not key_exists(key, call.account, call.region):
        raise AwsError("NotFoundException", f"Key '{key}' does not exist")
    _use(call)


def _keys(call: Call) -> Iterator[str]:
    """Yields the ARNs of the keys that a call uses."""
    given, named = call.parameters, False
    for member in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"):
        if member in given:
            named = named or member != "DestinationKeyId"
            yield key_arn(str(given[member]), call.account, call.region)
    if not named and (ciphertext := given.get("CiphertextBlob")):
        account = account_of_ciphertext(ciphertext, call.region, call.account)
        yield key_arn(_deserialize_ciphertext_blob(ciphertext).key_id, account, call.region)


def _refuse(call: Call, states: Mapping[str, tuple[str, str]]) -> None:
    """Refuses keys in these states. A key that does not exist is refused elsewhere."""
    for arn in _keys(call):
        _, _, _, region, owner, resource = arn.split(":", 5)
        key = kms_backends[owner][region].keys.get(resource.removeprefix("key/"))
        if key is not None and key.key_state in states:
            code, words = states[key.key_state]
            raise AwsError(code, f"{arn} is {words}.")


def _use(call: Call) -> None:
    _refuse(call, {"Disabled": ("DisabledException", "disabled"), **_DOOMED})


def _manage(call: Call) -> None:
    _refuse(call, _DOOMED)


_DOOMED = {"PendingDeletion": ("KMSInvalidStateException", "pending deletion")}
_USES = (
    "Decrypt", "DisableKeyRotation", "EnableKeyRotation", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "ReEncrypt", "Sign",
    "Verify", "VerifyMac",
)  # fmt: skip
"""Operations that need an enabled key."""
_CHANGES = (
    "CreateAlias", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias",
    "UpdateKeyDescription",
)  # fmt: skip
"""Operations on enabled and disabled keys."""

CHECKS: Checks = {
    **{("kms", operation): _manage for operation in _CHANGES},
    **{("kms", operation): _use for operation in _USES},
    ("kms", "CreateGrant"): _grant,
    ("kms", "CreateKey"): _policy,
    ("kms", "PutKeyPolicy"): _policy,
}
