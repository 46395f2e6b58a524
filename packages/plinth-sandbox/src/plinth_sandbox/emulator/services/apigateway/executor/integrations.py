"""Integrations: a Lambda function behind a proxy, and mocks.

Sources: API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", "Mock integrations for REST APIs" and
"Grant API Gateway permission to invoke your Lambda function" (read 2026-11-22).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import policy_of
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal, trust_of
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.apigateway.executor.failures import RefusedError, unsupported
from plinth_sandbox.emulator.services.awslambda.executor.version import function_of

SERVICE = "apigateway.amazonaws.com"
_FUNCTION = re.compile(r"arn:aws:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/(?P<arn>[^/]+)/invocations")
_ERROR = "Internal server error"


def function_arn(integration: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Returns the ARN of the function behind an integration. Raises RefusedError if its URI names none."""
    uri = str(integration.get("uri", ""))
    for name, value in variables.items():
        uri = uri.replace(f"${{stageVariables.{name}}}", value)
    match = _FUNCTION.fullmatch(uri)
    if match is None:
        raise RefusedError("API_CONFIGURATION_ERROR", _ERROR)
    return match["arn"]


def may_invoke(function: str, source_arn: str, owner: str, credentials: str) -> bool:
    """Returns whether an API may invoke a function: by the policy of the function, or as the role of the
    integration."""
    region, account = function.split(":")[3:5]
    found, _ = function_of(account, region, function)
    statements = found.policy.statements
    policy = policy_of("function policy", {"Statement": statements}) if statements else None
    resource = Resource(arn=function, account=account_of(account), policy=policy)
    try:
        if credentials:
            role = role_of(credentials)
            return role is not None and _is_trusted(role, source_arn) and _allows(_as_role(role), resource, region)
        principal = Principal(name=SERVICE, service=SERVICE)
        context = {"aws:SourceArn": (source_arn,), "aws:SourceAccount": (owner,)}
        return _allows(principal, resource, region, context)
    except UnsupportedError:
        return False


def _as_role(role: Any) -> Principal:
    return role_principal(role, "BackplaneAssumeRoleSession")


def _is_trusted(role: Any, source_arn: str) -> bool:
    account = account_of(str(role.account_id))
    policy: Policy | None = trust_of(role)
    resource = Resource(arn=str(role.arn), account=account, policy=policy, needs_policy=True)
    principal = Principal(name=SERVICE, service=SERVICE)
    extra = {"aws:SourceArn": (source_arn,), "aws:SourceAccount": (account.id,)}
    return decide(Request(principal=principal, action="sts:AssumeRole", resource=resource, extra=extra)).allowed


def _allows(
    principal: Principal, resource: Resource, region: str, extra: Mapping[str, tuple[str, ...]] | None = None
) -> bool:
    request = Request(
        principal=principal, action="lambda:InvokeFunction", resource=resource, region=region, extra=extra or {}
    )
    return decide(request).allowed


def proxy_answer(payload: str) -> Answer:
    """Returns the answer of a function behind a proxy. Raises RefusedError if it has another form than it must."""
    malformed = RefusedError("API_CONFIGURATION_ERROR", _ERROR, status=502)
    try:
        given = json.loads(payload)
    except ValueError as error:
        raise malformed from error
    known = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
    if not isinstance(given, dict) or not set(given) <= known:
        raise malformed
    body = given.get("body")
    if not isinstance(body, str | None):
        raise malformed
    content = (body or "").encode()
    try:
        status = int(given.get("statusCode", 200))
        if given.get("isBase64Encoded"):
            content = base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise malformed from error
    headers = {str(name): _text(value) for name, value in (given.get("headers") or {}).items()}
    headers |= {str(name): ",".join(map(_text, all_)) for name, all_ in (given.get("multiValueHeaders") or {}).items()}
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return Answer(status, headers, content)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def mock_answer(integration: Mapping[str, Any], content_type: str) -> Answer:
    """Returns the answer of a mock: that of the status which its request template names.

    Raises RefusedError for templates with expressions, which the sandbox does not evaluate.
    """
    templates = integration.get("requestTemplates") or {}
    template = templates.get(content_type or "application/json") or templates.get("application/json") or "{}"
    status = str(_static(template).get("statusCode", 200))
    responses: Mapping[str, Any] = integration.get("responses") or {}
    found = next(
        (response for name, response in responses.items() if name != "default" and re.fullmatch(name, status)), None
    )
    found = found or responses.get("default")
    if found is None:
        raise RefusedError("API_CONFIGURATION_ERROR", _ERROR)
    body = (found.get("responseTemplates") or {}).get("application/json") or ""
    _refuse_expressions(body)
    headers = {"Content-Type": "application/json"}
    for name, value in (found.get("responseParameters") or {}).items():
        if name.startswith("method.response.header.") and str(value).startswith("'"):
            headers[name.removeprefix("method.response.header.")] = str(value).strip("'")
    return Answer(int(found["statusCode"]), headers, body.encode())


def _static(template: str) -> dict[str, Any]:
    _refuse_expressions(template)
    try:
        found: dict[str, Any] = json.loads(template)
    except ValueError as error:
        raise RefusedError("API_CONFIGURATION_ERROR", _ERROR) from error
    return found


def _refuse_expressions(template: str) -> None:
    if re.search(r"\$[a-z!{]|#(set|if|foreach)", template):
        raise unsupported("mapping templates with expressions")
