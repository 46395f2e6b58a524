"""Asynchronous invocations: a queue of events, retries, and what happens to an event in the end.

The call that queues an event is in the journal, and so is its end. An event that had not ended when the sandbox did is
run again after the restart. A failed event is run again at once, up to the limit of the function; AWS waits a minute
and then two.

Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (read 2026-11-22).
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.awslambda.executor import records
from plinth_sandbox.emulator.services.awslambda.executor.fleet import Fleet
from plinth_sandbox.emulator.services.awslambda.executor.instance import Event
from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion, function_of, version_of

log = logging.getLogger(__name__)

_WORKERS = 4
"""Number of events that are processed at the same time."""
_RETRIES = 2


@dataclass(frozen=True, slots=True)
class Queued:
    """An event in the queue."""

    account: str
    region: str
    function: str
    qualifier: str
    event: Event


class EventQueue:
    """The queue of a sandbox, with its workers."""

    def __init__(self, runtime: Runtime, fleet: Fleet) -> None:
        self._runtime, self._fleet = runtime, fleet
        self._waiting: queue.SimpleQueue[Queued] = queue.SimpleQueue()
        self._workers = 0
        runtime.outside.at_open(self._resume)

    def add(self, queued: Queued) -> None:
        """Queues an event, in the call that sends it."""
        self._pending()[queued.event.request_id] = queued
        if self._runtime.outside.is_open:
            self._enqueue(queued)

    def _pending(self) -> dict[str, Queued]:
        return pending(self._runtime)

    def _resume(self) -> None:
        for queued in list(self._pending().values()):
            self._enqueue(queued)

    def _enqueue(self, queued: Queued) -> None:
        self._waiting.put(queued)
        if self._workers < _WORKERS:
            self._workers += 1
            threading.Thread(target=self._work, name=f"events-{self._workers}", daemon=True).start()

    def _work(self) -> None:
        while True:
            queued = self._waiting.get()
            try:
                self._process(queued)
            except Exception:
                # Continue with the next event.
                log.exception("event %s of %s", queued.event.request_id, queued.function)

    def _process(self, queued: Queued) -> None:
        attempts = 0
        while self._runtime.outside.is_open:
            with self._runtime.outside.lock:
                found = _found(queued, self._runtime)
            if found is None:
                # The function was deleted: AWS drops its events.
                with self._runtime.outside.lock:
                    self._pending().pop(queued.event.request_id, None)
                return
            version, most_attempts = found
            if self._fleet.waits_for_room(version):
                continue
            left = self._attempt(version, queued.event)
            if left is None:
                continue
            attempts += 1
            is_last = not left["is_error"] or attempts >= most_attempts
            if is_last:
                left["event"] = {
                    "attempts": attempts,
                    "request": queued.event.payload,
                    "response": left.pop("payload"),
                    "function": queued.function,
                }
            records.report(version, queued.event.request_id, self._runtime, left)
            if is_last:
                return

    def _attempt(self, version: FunctionVersion, event: Event) -> dict[str, Any] | None:
        """Runs an event once. Returns None if another invocation took the room."""
        try:
            result, instance = self._fleet.invoke(version, event)
        except AwsError as error:
            if error.code == "TooManyRequestsException":
                return None
            payload = json.dumps({"errorType": error.code, "errorMessage": error.message})
            return {"is_error": True, "duration_ms": 0.0, "payload": payload}
        return {**records.of_result(version, event.request_id, result, instance), "payload": result.payload}


def pending(runtime: Runtime) -> dict[str, Queued]:
    """Returns the events that have not ended, by request id."""
    return runtime.memory.notes("function-events")


def _found(queued: Queued, runtime: Runtime) -> tuple[FunctionVersion, int] | None:
    """Returns the version that runs an event, and how often. None if the function no longer exists."""
    try:
        version = version_of(queued.account, queued.region, queued.function, queued.qualifier, runtime.memory)
    except (AwsError, NotEmulatedError):
        return None
    config = config_of(version.account, version.region, version.name, queued.qualifier, runtime)
    return version, 1 + int(config.get("MaximumRetryAttempts", _RETRIES))


def config_of(account: str, region: str, name: str, qualifier: str, runtime: Runtime) -> Mapping[str, Any]:
    """Returns the configuration of asynchronous invocations, of the qualifier that was invoked."""
    kept = runtime.memory.notes("event-invoke-configs", account, region, name)
    found: Mapping[str, Any] = kept.get(qualifier or "$LATEST", {})
    return found


def settle(outcome: Outcome, runtime: Runtime) -> None:
    """Ends an event: forgets it, and sends what came of it to its destination, or to the dead-letter queue."""
    left = outcome.left
    pending(runtime).pop(outcome.run, None)
    ended, failed = left["event"], outcome.state == "FAILED"
    name, qualifier = str(left["name"]), str(left["qualifier"])
    config = config_of(outcome.account, outcome.region, name, qualifier, runtime)
    side = "OnFailure" if failed else "OnSuccess"
    destination = ((config.get("DestinationConfig") or {}).get(side) or {}).get("Destination")
    try:
        if destination:
            _send(str(destination), _record(outcome, ended, failed=failed), outcome, runtime)
        if failed:
            function, _ = function_of(outcome.account, outcome.region, name)
            dead_letters = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
            if dead_letters:
                error = json.loads(ended["response"])
                attributes = {
                    "RequestID": {"DataType": "String", "StringValue": outcome.run},
                    "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                    "ErrorMessage": {"DataType": "String", "StringValue": str(error.get("errorMessage", ""))[:1000]},
                }
                _send(str(dead_letters), str(ended["request"]), outcome, runtime, attributes)
    except (ClientError, BotoCoreError, AwsError) as error:
        log.warning("the event %s of %s reached no destination: %s", outcome.run, name, error)


def _record(outcome: Outcome, ended: Mapping[str, Any], *, failed: bool) -> str:
    """Returns the record of an invocation, as destinations receive it."""
    left = outcome.left
    arn = f"arn:aws:lambda:{outcome.region}:{outcome.account}:function:{left['name']}"
    answered = {"statusCode": 200, "executedVersion": left["version"]}
    if failed:
        answered["functionError"] = "Unhandled"
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": outcome.run,
                "functionArn": f"{arn}:{left['qualifier'] or '$LATEST'}",
                "condition": "RetriesExhausted" if failed else "Success",
                "approximateInvokeCount": ended["attempts"],
            },
            "requestPayload": json.loads(ended["request"]),
            "responseContext": answered,
            "responsePayload": json.loads(ended["response"]),
        }
    )


def _send(arn: str, text: str, outcome: Outcome, runtime: Runtime, attributes: Mapping[str, Any] | None = None) -> None:
    """Sends a text to a queue, a topic, a function or an event bus, as the role of the function."""
    _, _, service, region, _, resource = arn.split(":", 5)
    client = records.client_of(runtime, service, str(outcome.left["role"]), region, opened_by="lambda")
    if service == "sqs":
        account = arn.split(":")[4]
        url = f"http://sqs.{region}.amazonaws.com/{account}/{resource}"
        client.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=dict(attributes or {}))
    elif service == "sns":
        client.publish(TopicArn=arn, Message=text, MessageAttributes=dict(attributes or {}))
    elif service == "lambda":
        client.invoke(FunctionName=arn, InvocationType="Event", Payload=text.encode())
    elif service == "events":
        kind = "Failure" if outcome.state == "FAILED" else "Success"
        name = f"arn:aws:lambda:{outcome.region}:{outcome.account}:function:{outcome.left['name']}"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {kind}",
            "Detail": text,
            "Resources": [arn, f"{name}:{outcome.left['qualifier'] or '$LATEST'}"],
            "EventBusName": arn,
        }
        client.put_events(Entries=[entry])
