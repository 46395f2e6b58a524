"""Validation of requests against the parameters and models of a method.

Models are JSON schema draft 4. Source: API Gateway Developer Guide, "Request validation for REST APIs" (read
2026-11-22).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.services.apigateway.executor.failures import RefusedError
from plinth_sandbox.emulator.services.apigateway.executor.routes import Route

_MODEL: Callable[[Mapping[str, Any]], Any] = Draft4Validator


def validate(route: Route, request: Request) -> None:
    """Raises RefusedError if the validator of the method refuses a request."""
    wanted = route.validator
    if wanted.get("validateRequestParameters"):
        _check_parameters(route, request)
    if wanted.get("validateRequestBody"):
        _check_body(route, request)


def _check_parameters(route: Route, request: Request) -> None:
    query = parse_qs(request.query, keep_blank_values=True)
    missing = []
    for declared_parameter in route.declared_parameters():
        place, name = declared_parameter.get("in"), str(declared_parameter.get("name"))
        present = {
            "query": any(query.get(name, [])),
            "header": bool(request.header(name)),
            "path": name in route.parameters,
        }
        if declared_parameter.get("required") and not present.get(str(place), True):
            missing.append(name)
    if missing:
        raise RefusedError("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]")


def _check_body(route: Route, request: Request) -> None:
    declared = route.operation.get("requestBody")
    if declared is None:
        return
    body = route.resolved(declared)
    models: Mapping[str, Any] = body.get("content") or {}
    kind = (request.header("content-type") or "application/json").partition(";")[0].strip().lower()
    model = next((candidate for name, candidate in models.items() if name.lower() == kind), None)
    if model is None or "schema" not in model:
        if body.get("required") and not request.body:
            raise RefusedError("BAD_REQUEST_BODY", "Invalid request body")
        return
    if not _is_valid(model["schema"], route.document, request.body):
        raise RefusedError("BAD_REQUEST_BODY", "Invalid request body")


def _is_valid(schema: Mapping[str, Any], document: Mapping[str, Any], body: bytes) -> bool:
    try:
        content = json.loads(body)
    except ValueError:
        return False
    # References in the schema lead into the components of the document.
    whole = {"components": document.get("components") or {}, "allOf": [schema]}
    return bool(_MODEL(whole).is_valid(content))
