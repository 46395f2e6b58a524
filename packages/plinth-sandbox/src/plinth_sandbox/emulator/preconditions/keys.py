"""KMS: key policies, keys that a request names, and the states in which a key can be used.

Sources: KMS API, CreateKey and PutKeyPolicy; KMS Developer Guide, "Default key policy", "Resource quotas" and "Key
states of AWS KMS keys" (read 2026-11-25).
"""

from __future__ import annotations

import re
from typing import Any

from moto.kms.models import kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob

from plinth_sandbox.emulator.authorization.permissions.kms import key_arn
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.patches.storage.bucket_policies import covers, listed
from plinth_sandbox.emulator.patches.storage.keys import account_of_ciphertext
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import (
    missing_principal,
    parsed,
    principals,
    statements,
)

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


def _use(call: Call) -> None:
    """Refuses to use a key that is disabled or will be deleted. A key that does not exist is refused elsewhere."""
    name, ciphertext, account = call.parameters.get("KeyId"), call.parameters.get("CiphertextBlob"), call.account
    if name is None and ciphertext:
        account = account_of_ciphertext(ciphertext, call.region, account)
        name = _deserialize_ciphertext_blob(ciphertext).key_id
    arn = key_arn(str(name), account, call.region)
    _, _, _, region, owner, resource = arn.split(":", 5)
    key = kms_backends[owner][region].keys.get(resource.removeprefix("key/"))
    if key is None:
        return
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{arn} is disabled.")
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{arn} is pending deletion.")


_USES = ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Sign", "Verify")

CHECKS: Checks = {
    **{("kms", operation): _use for operation in _USES},
    ("kms", "CreateGrant"): _grant,
    ("kms", "CreateKey"): _policy,
    ("kms", "PutKeyPolicy"): _policy,
}
