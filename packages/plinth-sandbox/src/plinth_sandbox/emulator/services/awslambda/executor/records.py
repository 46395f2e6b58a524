"""Outcome of an invocation: log events, metrics, and the record for the destination of an asynchronous one.

It is reported as one call, which is in the journal. The function's role writes the logs and sends to destinations, as
at AWS, so both are judged.

Sources: Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs", "Types of metrics for Lambda
functions" and "Capturing records of Lambda asynchronous invocations" (read 2026-11-22).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.services.awslambda.executor.instance import Instance, Result
from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion
from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import record
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Sample

log = logging.getLogger(__name__)

EXECUTOR = "lambda"
_NAMESPACE = "AWS/Lambda"


def report(version: FunctionVersion, request_id: str, runtime: Runtime, left: Mapping[str, Any]) -> None:
    """Reports an invocation to the emulator."""
    own = {"name": version.name, "qualifier": version.qualifier, "role": version.role, "version": version.number}
    state = "FAILED" if left.get("is_error") or left.get("throttled") else "SUCCEEDED"
    outcome = Outcome(EXECUTOR, request_id, version.account, version.region, state, "", 0, {**own, **left})
    runtime.outside.report(request_of(outcome))


def of_result(version: FunctionVersion, request_id: str, result: Result, instance: Instance) -> dict[str, Any]:
    """Returns what is to be reported about an invocation that ran."""
    return {
        "is_error": result.is_error,
        "duration_ms": result.duration_ms,
        "group": version.log_group,
        "stream": instance.stream,
        "lines": log_lines(version, request_id, result),
    }


def log_lines(version: FunctionVersion, request_id: str, result: Result) -> list[str]:
    """Returns the log of an invocation, with the lines of the platform."""
    billed, memory = int(-(-result.duration_ms // 1)), version.memory_mib
    if version.log_format == "JSON":
        measured = {"durationMs": round(result.duration_ms, 3), "billedDurationMs": billed, "memorySizeMB": memory}
        if result.init_ms is not None:
            measured["initDurationMs"] = round(result.init_ms, 3)
        ended = {
            "requestId": request_id,
            "status": "error" if result.is_error else "success",
            "metrics": {**measured, "maxMemoryUsedMB": result.peak_memory_mib},
        }
        started = {"requestId": request_id, "version": version.number}
        return [_platform("start", started), *result.lines, _platform("report", ended)]
    init = "" if result.init_ms is None else f"\tInit Duration: {result.init_ms:.2f} ms"
    failed = []
    if result.is_error and '"Sandbox.Timedout"' in result.payload:
        failed = [f"{_now()} {request_id} Task timed out after {version.timeout_seconds:.2f} seconds"]
    elif result.is_error and '"Runtime.ExitError"' in result.payload:
        failed = [json.loads(result.payload)["errorMessage"]]
    return [
        f"START RequestId: {request_id} Version: {version.number}",
        *result.lines,
        *failed,
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {result.duration_ms:.2f} ms\tBilled Duration: {billed} ms\t"
        f"Memory Size: {memory} MB\tMax Memory Used: {result.peak_memory_mib} MB{init}\t",
    ]


def _platform(kind: str, record: Mapping[str, Any]) -> str:
    return json.dumps({"time": _now(), "type": f"platform.{kind}", "record": record})


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores what an invocation has left behind."""
    left = outcome.left
    if left.get("lines"):
        _write_log(outcome, runtime)
    _put_metrics(outcome, runtime)
    if "event" in left:
        from plinth_sandbox.emulator.services.awslambda.executor import events

        events.settle(outcome, runtime)


def client_of(runtime: Runtime, service: str, role: str, region: str, *, opened_by: str) -> Any:
    """Returns a client of a role, whose session is opened once. Opening one for each invocation would take longer than
    the invocation."""
    known = runtime.memory.notes("function-clients", role, region, opened_by)
    if service not in known:
        known[service] = runtime.client(service, role, region, "Lambda", opened_by=opened_by)
    return known[service]


def _write_log(outcome: Outcome, runtime: Runtime) -> None:
    """Writes the log as the function's role. Without the permissions there is no log, and nobody is told."""
    left = outcome.left
    where = {"logGroupName": str(left["group"]), "logStreamName": str(left["stream"])}
    moment = round(time.time() * 1000)
    events = [{"timestamp": moment, "message": line} for line in left["lines"]]
    try:
        logs = client_of(runtime, "logs", str(left["role"]), outcome.region, opened_by="lambda")
        try:
            logs.put_log_events(**where, logEvents=events)
        except logs.exceptions.ResourceNotFoundException:
            _create_stream(logs, where)
            logs.put_log_events(**where, logEvents=events)
    except (ClientError, BotoCoreError) as error:
        log.info("no log of %s: %s", left["name"], error)


def _create_stream(logs: Any, where: Mapping[str, str]) -> None:
    try:
        logs.create_log_stream(**where)
    except logs.exceptions.ResourceNotFoundException:
        logs.create_log_group(logGroupName=where["logGroupName"])
        logs.create_log_stream(**where)


def _put_metrics(outcome: Outcome, runtime: Runtime) -> None:
    left = outcome.left
    throttled = bool(left.get("throttled"))
    values: list[tuple[str, float, str]] = [("Throttles", float(throttled), "Count")]
    if not throttled:
        values += [
            ("Invocations", 1.0, "Count"),
            ("Errors", float(bool(left["is_error"])), "Count"),
            ("Duration", float(left["duration_ms"]), "Milliseconds"),
        ]
    function = ("FunctionName", str(left["name"]))
    sets: list[tuple[tuple[str, str], ...]] = [(), (function,)]
    if left.get("qualifier"):
        sets.append((function, ("Resource", f"{left['name']}:{left['qualifier']}")))
    now = runtime.clock.now()
    for dimensions in sets:
        for name, value, unit in values:
            key = MetricKey(_NAMESPACE, name, dimensions)
            record(runtime, outcome.account, outcome.region, key, [Sample.of(value, unit=unit)], now)
