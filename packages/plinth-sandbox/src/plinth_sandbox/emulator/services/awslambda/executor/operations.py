"""The operations of Lambda that run functions, or end instances of them.

Source: Lambda API, "Invoke" (read 2026-11-22).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer, DeferredAnswer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.awslambda.executor import records
from plinth_sandbox.emulator.services.awslambda.executor.events import EventQueue, Queued
from plinth_sandbox.emulator.services.awslambda.executor.fleet import Fleet
from plinth_sandbox.emulator.services.awslambda.executor.instance import Event, Instance, Result
from plinth_sandbox.emulator.services.awslambda.executor.records import record_outcome
from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion, version_of

__all__ = ["OPERATIONS", "record_outcome", "run"]

_MOST_BYTES = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}
_TAIL_BYTES = 4096


def fleet_of(runtime: Runtime) -> Fleet:
    kept = runtime.memory.notes("function-fleet")
    if not kept:
        fleet = Fleet(runtime.outside)
        kept.update(fleet=fleet, events=EventQueue(runtime, fleet))
    fleet = kept["fleet"]
    assert isinstance(fleet, Fleet)
    return fleet


def _events_of(runtime: Runtime) -> EventQueue:
    fleet_of(runtime)
    found = runtime.memory.notes("function-fleet")["events"]
    assert isinstance(found, EventQueue)
    return found


def run(version: FunctionVersion, event: Event, runtime: Runtime) -> tuple[Result, Instance]:
    """Runs a synchronous invocation, outside the emulator's lock, and reports it.

    Raises: AwsError if the function is throttled or cannot start.
    """
    try:
        result, instance = fleet_of(runtime).invoke(version, event)
    except AwsError as error:
        if error.code == "TooManyRequestsException":
            records.report(version, event.request_id, runtime, {"throttled": True})
        raise
    records.report(version, event.request_id, runtime, records.of_result(version, event.request_id, result, instance))
    return result, instance


def new_request_id() -> str:
    """Returns an id that differs between equal requests, unlike those from the seeded source."""
    return str(UUID(bytes=secrets.token_bytes(16), version=4))


def _invoke(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    kind = str(given.get("InvocationType") or "RequestResponse")
    payload = _payload(given, kind)
    name, qualifier = str(given["FunctionName"]), str(given.get("Qualifier") or "")
    version = version_of(call.account, call.region, name, qualifier, runtime.memory)
    if kind == "DryRun":
        return Answer(204)
    if kind == "Event":
        event = Event(str(mock_random.uuid4()), payload)
        _events_of(runtime).add(Queued(version.account, version.region, version.name, version.qualifier, event))
        return Answer(202, {"Content-Type": "application/json", "x-amzn-RequestId": event.request_id})
    context = given.get("ClientContext")
    event = Event(new_request_id(), payload, json.loads(base64.b64decode(context)) if context else None)

    def complete() -> Answer:
        try:
            result, _ = run(version, event, runtime)
        except AwsError as error:
            return call.reply(error)
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": version.number}
        if result.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if given.get("LogType") == "Tail":
            text = "\n".join(records.log_lines(version, event.request_id, result)).encode()
            headers["X-Amz-Log-Result"] = base64.b64encode(text[-_TAIL_BYTES:]).decode()
        return Answer(200, headers, result.payload.encode())

    return DeferredAnswer(200, complete=complete, calls_back=True)


def _payload(given: Mapping[str, Any], kind: str) -> str:
    """Returns the payload, which is a JSON document. Raises AwsError."""
    content = given.get("Payload") or b"{}"
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = content.read()
    if len(content) > _MOST_BYTES.get(kind, _MOST_BYTES["RequestResponse"]):
        most = _MOST_BYTES[kind]
        message = f"{len(content)} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
        raise AwsError("RequestTooLargeException", message, 413)
    try:
        text = content.decode("utf-8")
        json.loads(text)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", message, 400) from error
    return str(text)


def _changed(exchange: Exchange, runtime: Runtime) -> Answer:
    """Ends the instances of a function that changes or goes."""
    answer = exchange.below()
    if answer.succeeded and runtime.outside.is_open:
        fleet_of(runtime).retire(str(exchange.call.parameters["FunctionName"]), exchange.call.account)
    return answer


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a function. From the first one on, S3 and SNS can have functions as targets."""
    if not runtime.memory.notes("function-notifications"):
        from plinth_sandbox.emulator.services.awslambda.executor.notifications import connect

        connect(_events_of(runtime))
        runtime.memory.notes("function-notifications")["connected"] = True
    return exchange.below()


def _refuse_mapping(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    raise NotEmulatedError(f"lambda {exchange.call.name}, because the sandbox does not poll event sources")


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateEventSourceMapping": _refuse_mapping,
    "CreateFunction": _create,
    "DeleteFunction": _changed,
    "Invoke": _invoke,
    "UpdateFunctionCode": _changed,
    "UpdateFunctionConfiguration": _changed,
}
