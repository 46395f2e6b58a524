"""Inline policies of permission sets.

Sources: IAM Identity Center API, PutInlinePolicyToPermissionSet, and the quota of inline policies of the roles that it
creates (IAM User Guide, "IAM and AWS STS quotas"; read 2026-11-26).
"""

from __future__ import annotations

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed, size_without_white_space, statements

_LARGEST_INLINE_POLICY = 10_240
_STATEMENT = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})


def _permission_set(call: Call) -> None:
    text = call.parameters["InlinePolicy"]
    document = parsed(text)
    if document is None or not statements(document):
        raise AwsError("ValidationException", "Invalid InlinePolicy: it has no statement")
    unknown = {element for statement in statements(document) for element in statement} - _STATEMENT
    if unknown:
        raise AwsError("ValidationException", f"Invalid InlinePolicy: unknown element {', '.join(sorted(unknown))}")
    if size_without_white_space(text) > _LARGEST_INLINE_POLICY:
        raise AwsError(
            "ServiceQuotaExceededException", f"InlinePolicy has more than {_LARGEST_INLINE_POLICY} characters"
        )


CHECKS: Checks = {("sso-admin", "PutInlinePolicyToPermissionSet"): _permission_set}
