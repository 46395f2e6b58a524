"""The errors with which AWS denies a request.

Sources: IAM User Guide, "Troubleshoot access denied error messages"; AWS Security Blog, "Enhanced access denied error
messages with policy ARNs" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from iam_evaluator.evaluation import Decision
from iam_evaluator.request import Request
from plinth_sandbox.emulator.call import AwsError, Call

STATUS = 403
_WORDS: Mapping[str, str] = {
    "service control policy": "service control policy",
    "resource control policy": "resource control policy",
    "endpoint policy": "VPC endpoint policy",
    "identity policy": "identity-based policy",
    "permissions boundary": "permissions boundary",
    "session policy": "session policy",
    "resource policy": "resource-based policy",
}
"""AWS's word for each layer of policies."""
_FIRST = ("identity policy", "permissions boundary", "session policy")
"""Layers that AWS names first if several allow nothing."""
_CODES = {"ec2": "UnauthorizedOperation", "s3": "AccessDenied", "sns": "AuthorizationError", "sqs": "AccessDenied"}


def denial(call: Call, request: Request, decision: Decision, code: str = "") -> AwsError:
    """Returns the error of a denied request. ``code`` is that of a service that has its own for the permission."""
    who = request.principal.session_arn or request.principal.service or request.principal.name
    arn = f'"{request.resource.arn}"' if call.service == "s3" else request.resource.arn
    message = f"User: {who} is not authorized to perform: {request.action} on resource: {arn} {_why(request, decision)}"
    return AwsError(code, message) if code else AwsError(code_of(call), message, STATUS)


def _why(request: Request, decision: Decision) -> str:
    trust = "role trust policy" if request.action.startswith("sts:") else "resource-based policy"
    words = {**_WORDS, "resource policy": trust}
    if decision.denials:
        reason = decision.denials[0]
        word, which = words[reason.layer], f": {reason.policy}" if reason.policy.startswith("arn:") else ""
        return f"with an explicit deny in {'an' if word[0] in 'aeiou' else 'a'} {word}{which}"
    missing = [next(layer for layer in _WORDS if text.startswith(layer)) for text in decision.missing_allows]
    layer = next((candidate for candidate in _FIRST if candidate in missing), missing[0])
    return f"because no {words[layer]} allows the {request.action} action"


def code_of(call: Call) -> str:
    """Returns the error code of a denial, which depends on the service and its protocol."""
    if call.operation is None:
        return "AccessDenied"
    protocol = str(call.operation.service_model.resolved_protocol)
    return _CODES.get(call.service) or ("AccessDeniedException" if "json" in protocol else "AccessDenied")
