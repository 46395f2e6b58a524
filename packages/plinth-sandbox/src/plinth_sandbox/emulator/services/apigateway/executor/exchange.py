"""One request to an API, with what its variables of the context mean.

Sources: API Gateway Developer Guide, "Variables for access logging for API Gateway" and "Input format of a Lambda
function for proxy integration" (read 2026-11-22).
"""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.services.apigateway.executor.access import Caller
from plinth_sandbox.emulator.services.apigateway.executor.address import Address
from plinth_sandbox.emulator.services.apigateway.executor.limits import Plan
from plinth_sandbox.emulator.services.apigateway.executor.routes import Route

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.]+)|\$stageVariables\.(\w+)")


@dataclass(slots=True)
class ApiExchange:
    """A request on its way through an API. Later fields are known later."""

    request: Request
    address: Address
    request_id: str
    account: str
    name: str
    """Name of the API."""
    stage: Any
    """Stage of moto, or None."""
    deployment: str = ""
    began: float = field(default_factory=time.time)
    route: Route | None = None
    caller: Caller | None = None
    plan: Plan | None = None
    endpoint: str = ""
    """Id of the VPC endpoint through which the request came."""
    vpc: str = ""
    integration_ms: float | None = None
    error: str = ""
    error_kind: str = ""

    @property
    def arn(self) -> str:
        """ARN of the method as it is called."""
        path = unquote(self.address.path).lstrip("/")
        place = f"{self.address.region}:{self.account}:{self.address.api}"
        return f"arn:aws:execute-api:{place}/{self.address.stage}/{self.request.method}/{path}"

    @property
    def source_arn(self) -> str:
        """ARN for which API Gateway calls: the method, with a wildcard for each path parameter."""
        assert self.route is not None
        path = re.sub(r"\{[^}]+\}", "*", self.route.resource).lstrip("/")
        place = f"{self.address.region}:{self.account}:{self.address.api}"
        return f"arn:aws:execute-api:{place}/{self.address.stage}/{self.route.method.replace('ANY', '*')}/{path}"

    def identity(self) -> dict[str, Any]:
        principal = self.caller.principal if self.caller else None
        return {
            "accessKey": self.caller.access_key if self.caller else None,
            "accountId": principal.account.id if principal and principal.account else None,
            "apiKey": self.plan.key if self.plan else None,
            "apiKeyId": self.plan.key_id if self.plan else None,
            "caller": self.caller.arn if self.caller else None,
            "sourceIp": "127.0.0.1",
            "user": self.caller.arn if self.caller else None,
            "userAgent": self.request.header("user-agent") or None,
            "userArn": self.caller.arn if self.caller else None,
            **({"vpceId": self.endpoint, "vpcId": self.vpc} if self.endpoint else {}),
        }

    def context(self) -> dict[str, Any]:
        """Returns the context of the request, as functions receive it."""
        address = self.address
        return {
            "accountId": self.account,
            "apiId": address.api,
            "deploymentId": self.deployment,
            "domainName": address.host,
            "domainPrefix": address.host.partition(".")[0],
            "extendedRequestId": self.request_id,
            "httpMethod": self.request.method,
            "identity": self.identity(),
            "path": self.request.path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.began)),
            "requestTimeEpoch": round(self.began * 1000),
            "resourceId": None,
            "resourcePath": self.route.resource if self.route else None,
            "stage": address.stage,
        }

    def event(self) -> dict[str, Any]:
        """Returns the event of a function behind a proxy."""
        assert self.route is not None
        pairs = parse_qsl(self.request.query, keep_blank_values=True)
        several: dict[str, list[str]] = {}
        for name, value in pairs:
            several.setdefault(name, []).append(value)
        headers = dict(self.request.headers)
        body, is_encoded = self._body()
        return {
            "resource": self.route.resource,
            "path": unquote(self.address.path),
            "httpMethod": self.request.method,
            "headers": headers or None,
            "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
            "queryStringParameters": dict(pairs) or None,
            "multiValueQueryStringParameters": several or None,
            "pathParameters": dict(self.route.parameters) or None,
            "stageVariables": dict(self.stage.variables) or None,
            "requestContext": self.context(),
            "body": body,
            "isBase64Encoded": is_encoded,
        }

    def _body(self) -> tuple[str | None, bool]:
        assert self.route is not None
        if not self.request.body:
            return None, False
        kind = self.request.header("content-type").partition(";")[0].strip().lower()
        binary = self.route.document.get("x-amazon-apigateway-binary-media-types") or []
        if kind in binary or "*/*" in binary:
            return base64.b64encode(self.request.body).decode(), True
        return self.request.body.decode("utf-8", "replace"), False

    def log_line(self, template: str, status: int, length: int, latency_ms: float) -> str:
        """Returns the line of the access log. A variable without a value is a hyphen."""
        known: dict[str, Any] = {
            **self.context(),
            "status": status,
            "responseLength": length,
            "responseLatency": round(latency_ms),
            "integrationLatency": None if self.integration_ms is None else round(self.integration_ms),
            "integration": {
                "latency": None if self.integration_ms is None else round(self.integration_ms),
                "status": None if self.integration_ms is None else "200",
            },
            "error": {
                "message": self.error or None,
                "messageString": json.dumps(self.error) if self.error else None,
                "responseType": self.error_kind or None,
            },
        }
        variables = dict(self.stage.variables)

        def value(match: re.Match[str]) -> str:
            found: Any = variables.get(match[2]) if match[2] else known
            for part in match[1].split(".") if match[1] else ():
                found = found.get(part) if isinstance(found, dict) else None
            return "-" if found is None else str(found)

        return _VARIABLE.sub(value, template)
