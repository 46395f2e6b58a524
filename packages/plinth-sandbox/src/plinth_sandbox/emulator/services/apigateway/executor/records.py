"""Outcome of a request to an API: a line of the access log, metrics, and its count against a quota.

It is reported as one call, which is in the journal. Source: API Gateway Developer Guide, "Amazon API Gateway dimensions
and metrics" (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.apigateway.executor.exchange import ApiExchange
from plinth_sandbox.emulator.services.awslambda.executor.records import client_of
from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import record
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Sample

log = logging.getLogger(__name__)

EXECUTOR = "apigateway"
_NAMESPACE = "AWS/ApiGateway"


def report(exchange: ApiExchange, answer: Answer, runtime: Runtime) -> None:
    """Reports a request to a stage to the emulator."""
    latency = (time.time() - exchange.began) * 1000
    stage, route = exchange.stage, exchange.route
    logs: Mapping[str, Any] = stage.access_log_settings or {}
    left: dict[str, Any] = {
        "api": exchange.name,
        "stage": exchange.address.stage,
        "status": answer.status,
        "latency_ms": latency,
        "integration_ms": exchange.integration_ms,
    }
    if route is not None and _has_detailed_metrics(stage, route.resource, route.method):
        left["method"] = [route.method, route.resource]
    if exchange.plan is not None:
        left["usage"] = exchange.plan.usage
        left["period"] = str(exchange.plan.quota.get("period") or "DAY")
    if logs.get("destinationArn") and logs.get("format"):
        left["group"] = str(logs["destinationArn"])
        left["line"] = exchange.log_line(str(logs["format"]), answer.status, len(answer.body), latency)
    place = (exchange.account, exchange.address.region)
    runtime.outside.report(request_of(Outcome(EXECUTOR, exchange.request_id, *place, "SUCCEEDED", "", 0, left)))


def _has_detailed_metrics(stage: Any, resource: str, method: str) -> bool:
    path = resource.strip("/").replace("/", "~1")
    keys = (f"{path}/{method}", "*/*")
    return any((stage.method_settings.get(key) or {}).get("metricsEnabled") for key in keys)


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores what a request has left behind."""
    left = outcome.left
    _put_metrics(outcome, runtime)
    if "usage" in left and not runtime.outside.is_open:
        # While the emulator serves clients, a request is counted when it comes.
        from plinth_sandbox.emulator.services.apigateway.executor.limits import beginning

        used = runtime.memory.notes("api-usage", str(left["usage"]))
        period = beginning(str(left["period"]), date.today()).isoformat()
        used[period] = used.get(period, 0) + 1
    if "line" in left:
        _write_log(outcome, runtime)


def _put_metrics(outcome: Outcome, runtime: Runtime) -> None:
    left = outcome.left
    status, name, stage = int(left["status"]), str(left["api"]), str(left["stage"])
    values = [
        ("Count", 1.0, "Count"),
        ("4XXError", float(400 <= status < 500), "Count"),
        ("5XXError", float(status >= 500), "Count"),
        ("Latency", float(left["latency_ms"]), "Milliseconds"),
    ]
    if left["integration_ms"] is not None:
        values.append(("IntegrationLatency", float(left["integration_ms"]), "Milliseconds"))
    sets: list[list[dict[str, str]]] = [[_dimension("ApiName", name)]]
    sets.append([*sets[0], _dimension("Stage", stage)])
    if "method" in left:
        method, resource = left["method"]
        sets.append([*sets[1], _dimension("Method", method), _dimension("Resource", resource)])
    now = runtime.clock.now()
    for dimensions in sets:
        for metric, value, unit in values:
            key = MetricKey.of(_NAMESPACE, metric, dimensions)
            record(runtime, outcome.account, outcome.region, key, [Sample.of(value, unit=unit)], now)


def _dimension(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def _write_log(outcome: Outcome, runtime: Runtime) -> None:
    """Writes to the access log as the role of the account's settings. Without its permissions there is no log."""
    from moto.apigateway.models import apigateway_backends

    role = apigateway_backends[outcome.account][outcome.region].account.cloudwatch_role_arn
    if not role:
        return
    group = str(outcome.left["group"]).partition(":log-group:")[2].removesuffix(":*")
    own = f"{outcome.left['api']}/{outcome.left['stage']}"
    where = {"logGroupName": group, "logStreamName": hashlib.md5(own.encode(), usedforsecurity=False).hexdigest()}
    events = [{"timestamp": round(time.time() * 1000), "message": str(outcome.left["line"])}]
    try:
        logs = client_of(runtime, "logs", str(role), outcome.region, opened_by="apigateway")
        try:
            logs.put_log_events(**where, logEvents=events)
        except logs.exceptions.ResourceNotFoundException:
            logs.create_log_stream(**where)
            logs.put_log_events(**where, logEvents=events)
    except (ClientError, BotoCoreError) as error:
        log.info("no access log of %s: %s", own, error)
