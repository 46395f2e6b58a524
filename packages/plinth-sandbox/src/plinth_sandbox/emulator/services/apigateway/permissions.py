"""The permissions that calls of API Gateway need: the HTTP method is the action, and the path is the resource.

Sources: API Gateway Developer Guide, "Control access for invoking an API", and the Service Authorization Reference,
"Amazon API Gateway Management" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.authorization.permissions.needed import Context, Needed
from plinth_sandbox.emulator.call import Call

_POLICY = b"x-amazon-apigateway-policy"
"""Member of an OpenAPI document that sets the resource policy of an API."""


def needed_by(call: Call, context: Context) -> Iterator[Needed]:
    """Yields the permissions that a call needs. Whoever sets the policy of an API needs a permission of its own."""
    arn = f"arn:aws:apigateway:{call.region}::{call.request.path}"
    yield Needed(f"apigateway:{call.request.method}", arn, context)
    if _sets_policy(call):
        yield Needed("apigateway:UpdateRestApiPolicy", arn, context)


def _sets_policy(call: Call) -> bool:
    match call.name:
        case "CreateRestApi":
            return bool(call.parameters.get("policy"))
        case "ImportRestApi" | "PutRestApi":
            return _POLICY in call.request.body
        case "UpdateRestApi":
            operations = call.parameters.get("patchOperations", [])
            return any(str(operation.get("path", "")).startswith("/policy") for operation in operations)
        case _:
            return False
