"""The answers that API Gateway gives itself.

Source: API Gateway Developer Guide, "Gateway response types for API Gateway" and "Set up a gateway response using the
OpenAPI specification" (read 2026-11-22).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.message import Answer

EXTENSION = "x-amazon-apigateway-gateway-responses"
_VARIABLE = re.compile(r"\$(?:context|input|stageVariables|util)\b(?:\.\w+)*")
_TYPES: Mapping[str, tuple[int, str]] = {
    "ACCESS_DENIED": (403, "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": (500, "InternalServerErrorException"),
    "BAD_REQUEST_BODY": (400, "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "BadRequestException"),
    "EXPIRED_TOKEN": (403, "ExpiredTokenException"),
    "INTEGRATION_FAILURE": (504, "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "InternalServerErrorException"),
    "INVALID_API_KEY": (403, "ForbiddenException"),
    "INVALID_SIGNATURE": (403, "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "MissingAuthenticationTokenException"),
    "QUOTA_EXCEEDED": (429, "LimitExceededException"),
    "REQUEST_TOO_LARGE": (413, "RequestTooLargeException"),
    "THROTTLED": (429, "TooManyRequestsException"),
}
"""Status and error type by type of the response."""


class RefusedError(Exception):
    """A request that API Gateway answers itself."""

    def __init__(self, kind: str, message: str, *, status: int | None = None, error_type: str = "") -> None:
        """``kind`` is a type of gateway responses."""
        super().__init__(message)
        self.kind, self.message = kind, message
        default, self.error_type = _TYPES.get(kind, (500, "InternalServerErrorException"))
        self.status = status or default
        self.error_type = error_type or self.error_type


def answer_of(refused: RefusedError, document: Mapping[str, Any], request_id: str) -> Answer:
    """Returns the answer to a refused request: the one that the API declares, or that of API Gateway."""
    try:
        return _rendered(refused, document.get(EXTENSION) or {}, request_id)
    except RefusedError as unsupported:
        return _rendered(unsupported, {}, request_id)


def unsupported(what: str) -> RefusedError:
    """Returns the error for what the sandbox does not run. API Gateway has no such answer."""
    message = f"NotImplementedBySandbox: the sandbox does not run {what}"
    return RefusedError("API_CONFIGURATION_ERROR", message, status=501, error_type="NotImplementedBySandbox")


def _rendered(refused: RefusedError, declared: Mapping[str, Any], request_id: str) -> Answer:
    """Raises RefusedError for a template with variables that the sandbox does not know, such as
    ``$context.error.validationErrorString``."""
    group = "DEFAULT_4XX" if refused.status < 500 else "DEFAULT_5XX"
    custom = declared.get(refused.kind) or declared.get(group) or {}
    headers = {
        "Content-Type": "application/json",
        "x-amzn-RequestId": request_id,
        "x-amzn-ErrorType": refused.error_type,
    }
    known = {
        "$context.error.messageString": json.dumps(refused.message),
        "$context.error.message": refused.message,
        "$context.error.responseType": refused.kind,
        "$context.requestId": request_id,
    }
    for name, value in (custom.get("responseParameters") or {}).items():
        # A value is static in quotes, or a variable of the context.
        text = value.strip("'") if value.startswith("'") else known.get(f"${value}", "")
        headers[name.removeprefix("gatewayresponse.header.")] = text
    name = "Message" if refused.kind == "ACCESS_DENIED" else "message"
    body = json.dumps({name: refused.message}, separators=(",", ":"))
    if template := (custom.get("responseTemplates") or {}).get("application/json"):
        if unknown := [name for name in _VARIABLE.findall(template) if name not in known]:
            raise unsupported(f"{unknown[0]} in gateway responses")
        body = template
        for variable, text in known.items():
            body = body.replace(variable, text)
    return Answer(int(custom.get("statusCode") or refused.status), headers, body.encode())
