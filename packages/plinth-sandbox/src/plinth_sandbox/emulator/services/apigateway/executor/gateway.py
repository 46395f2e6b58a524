"""Answers HTTP requests to deployed stages of REST APIs.

A request is matched, authorized and validated inside the emulator's lock. Its integration runs without it, because a
function calls the emulator.

Source: API Gateway Developer Guide, "Choose an API Gateway endpoint type" and "Quotas for configuring and running a
REST API" (read 2026-11-22).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.authorization.documents import policy_of
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.apigateway.executor import access, integrations, limits, records
from plinth_sandbox.emulator.services.apigateway.executor.address import Address, address_of, api_of
from plinth_sandbox.emulator.services.apigateway.executor.exchange import ApiExchange
from plinth_sandbox.emulator.services.apigateway.executor.failures import RefusedError, answer_of, unsupported
from plinth_sandbox.emulator.services.apigateway.executor.routes import find
from plinth_sandbox.emulator.services.apigateway.executor.validation import validate
from plinth_sandbox.emulator.services.awslambda.executor.instance import Event
from plinth_sandbox.emulator.services.awslambda.executor.operations import new_request_id, run
from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion, version_of

log = logging.getLogger(__name__)

MOST_BYTES = 10_485_760
LONGEST_MS = 29_000
_FORBIDDEN = Answer(403, {"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"},
                    b'{"message":"Forbidden"}')  # fmt: skip
_ERROR = "Internal server error"

Prepared = FunctionVersion | Answer
"""The function that answers a request, or the answer of a mock."""


class Gateway:
    """The front of all REST APIs of a sandbox."""

    def __init__(self, runtime: Runtime, authentication: Authentication) -> None:
        self._runtime, self._authentication = runtime, authentication

    def answer(self, request: Request) -> Answer | None:
        """Answers a request, or returns None if it is not for an API."""
        address = address_of(request)
        if address is None:
            return None
        with self._runtime.outside.lock:
            exchange, document = self._begin(request, address)
            if exchange is None:
                # The host, or its stage, leads nowhere.
                return _FORBIDDEN
            prepared: Prepared | RefusedError
            try:
                prepared = self._prepare(exchange, document)
            except RefusedError as refused:
                prepared = refused
        try:
            if isinstance(prepared, RefusedError):
                raise prepared
            answer = self._integrate(exchange, prepared)
        except RefusedError as refused:
            exchange.error, exchange.error_kind = refused.message, refused.kind
            answer = answer_of(refused, document, exchange.request_id)
        answer = Answer(answer.status, {"x-amzn-RequestId": exchange.request_id, **answer.headers}, answer.body)
        records.report(exchange, answer, self._runtime)
        return answer

    def _begin(self, request: Request, address: Address) -> tuple[ApiExchange | None, Mapping[str, Any]]:
        found = api_of(address)
        if found is None:
            return None, {}
        account, _, api = found
        stage = api.stages.get(address.stage)
        kept = self._runtime.memory.notes("rest-apis", account, address.region, address.api)
        is_private = "PRIVATE" in (api.endpoint_configuration or {}).get("types", ())
        if stage is None or is_private != bool(address.endpoint):
            return None, {}
        if address.endpoint and address.endpoint not in (api.endpoint_configuration.get("vpcEndpointIds") or ()):
            # The host name exists for associated endpoints only.
            return None, {}
        document = kept.get(stage.deployment_id)
        exchange = ApiExchange(request, address, new_request_id(), account, api.name, stage, stage.deployment_id)
        return exchange, document or {}

    def _prepare(self, exchange: ApiExchange, document: Mapping[str, Any]) -> Prepared:
        """Decides about a request, in the order of API Gateway. Raises RefusedError."""
        if not document:
            raise unsupported("APIs without an OpenAPI document")
        request, address = exchange.request, exchange.address
        exchange.route = route = find(document, request.method, address.path)
        if route is None:
            raise RefusedError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        self._authorize(exchange)
        name = f"{route.resource}/{route.method}"
        if route.has_authorizer:
            raise unsupported("authorizers")
        if route.needs_key:
            self._meter(exchange, name)
        settings = exchange.stage.method_settings
        path = route.resource.strip("/").replace("/", "~1")
        own = settings.get(f"{path}/{route.method}") or settings.get("*/*") or {}
        known = {"rateLimit": own.get("throttlingRateLimit"), "burstLimit": own.get("throttlingBurstLimit")}
        limits.throttle(f"{address.api}/{address.stage}/{name}", known, self._runtime.memory)
        if len(request.body) > MOST_BYTES:
            raise RefusedError("REQUEST_TOO_LARGE", "Request Too Long")
        validate(route, request)
        return self._integration(exchange)

    def _authorize(self, exchange: ApiExchange) -> None:
        request, address, memory = exchange.request, exchange.address, self._runtime.memory
        assert exchange.route is not None
        endpoint = access.endpoint_of(address.endpoint, address.region) if address.endpoint else None
        if address.endpoint:
            if endpoint is None:
                raise RefusedError("ACCESS_DENIED", "Forbidden")
            exchange.endpoint, exchange.vpc = endpoint.id, endpoint.vpc
        if exchange.route.is_signed:
            exchange.caller = access.caller_of(request, self._authentication, memory)
        kept = memory.notes("rest-apis", exchange.account, address.region, address.api)
        text = access.policy_text(kept.get(f"policy of {exchange.deployment}"))
        policy = policy_of(f"resource policy of {address.api}", text)
        access.authorize(exchange.arn, exchange.account, address.region, exchange.caller, policy, endpoint)

    def _meter(self, exchange: ApiExchange, route: str) -> None:
        """Finds the usage plan of the API key, and counts the request."""
        found = api_of(exchange.address)
        assert found is not None
        address, memory = exchange.address, self._runtime.memory
        key = exchange.request.header("x-api-key")
        plan = limits.plan_of(found[1], address.api, address.stage, key, route)
        exchange.plan = plan
        limits.throttle(plan.usage, plan.throttle, memory)
        limits.count(plan, datetime.now(UTC).date(), memory)

    def _integration(self, exchange: ApiExchange) -> Prepared:
        assert exchange.route is not None
        integration = exchange.route.integration
        kind = str(integration.get("type", "")).lower()
        if kind == "mock":
            content_type = exchange.request.header("content-type").partition(";")[0]
            return integrations.mock_answer(integration, content_type)
        if kind != "aws_proxy":
            raise unsupported(f"integrations of type {kind or 'none'}")
        arn = integrations.function_arn(integration, exchange.stage.variables)
        try:
            credentials = str(integration.get("credentials") or "")
            if not integrations.may_invoke(arn, exchange.source_arn, exchange.account, credentials):
                raise RefusedError("API_CONFIGURATION_ERROR", _ERROR)
            return version_of(exchange.account, exchange.address.region, arn, "", self._runtime.memory)
        except AwsError as error:
            raise RefusedError("API_CONFIGURATION_ERROR", _ERROR) from error
        except NotEmulatedError as error:
            raise unsupported(str(error)) from error

    def _integrate(self, exchange: ApiExchange, prepared: Prepared) -> Answer:
        """Runs the integration, outside the lock. Raises RefusedError."""
        if isinstance(prepared, Answer):
            return prepared
        assert exchange.route is not None
        began = time.monotonic()
        limit_ms = min(int(exchange.route.integration.get("timeoutInMillis") or LONGEST_MS), LONGEST_MS)
        try:
            payload, is_error = self._invoke(prepared, json.dumps(exchange.event()), limit_ms / 1000)
        finally:
            exchange.integration_ms = (time.monotonic() - began) * 1000
        if is_error:
            raise RefusedError("API_CONFIGURATION_ERROR", _ERROR, status=502)
        return integrations.proxy_answer(payload)

    def _invoke(self, version: FunctionVersion, payload: str, seconds: float) -> tuple[str, bool]:
        """Invokes a function, and waits no longer than the time limit of the integration. The function runs on."""
        results: list[tuple[str, bool]] = []

        def work() -> None:
            try:
                result, _ = run(version, Event(new_request_id(), payload), self._runtime)
                results.append((result.payload, result.is_error))
            except AwsError as error:
                log.info("%s was not invoked: %s", version.arn, error)

        thread = threading.Thread(target=work, name="integration", daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            raise RefusedError("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        if not results:
            raise RefusedError("API_CONFIGURATION_ERROR", _ERROR)
        return results[0]
