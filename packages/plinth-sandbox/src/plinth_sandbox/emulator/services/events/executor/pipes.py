"""EventBridge Pipes from streams of DynamoDB to event buses.

A pipe receives the records of each call that changes a table while the pipe runs. It reads them and publishes events as
its role. Sources: EventBridge User Guide, "Amazon DynamoDB stream as a source for EventBridge Pipes", "Event filtering
in Amazon EventBridge Pipes" and "Amazon EventBridge Pipes input transformation" (read 2026-11-27).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.events.models import events_backends
from moto.pipes.models import Pipe, pipes_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.events.executor.delivery import Deliveries
from plinth_sandbox.emulator.services.events.executor.outbox import Published
from plinth_sandbox.emulator.services.events.executor.patterns import InvalidPatternError, matches, parse
from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError, Sender, require
from plinth_sandbox.emulator.services.events.executor.targets import Arn
from plinth_sandbox.emulator.services.events.executor.transformation import find, is_path

SERVICE = "pipes.amazonaws.com"
READING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
"""Actions with which a pipe reads a stream."""
_STREAM = re.compile(r"arn:[^:]+:dynamodb:[^:]+:\d{12}:table/[^/]+/stream/.+")
_BUS = re.compile(r"arn:[^:]+:events:[^:]+:\d{12}:event-bus/.+")
_VARIABLE = re.compile(r"<(\$[^>]*)>")


def pipe_records(call: Call, deliveries: Deliveries) -> None:
    """Passes the records that a call has added to streams to the running pipes of its account."""
    positions = deliveries.runtime.memory.notes("stream-positions", call.account, call.region)
    for table in dynamodb_backends[call.account][call.region].tables.values():
        if table.stream_shard is None:
            continue
        arn, records = _stream_arn(table), table.stream_shard.items
        read = positions.get(arn, 0)
        positions[arn] = len(records)
        for record in records[read:]:
            event = _event(record.record, arn, call.region)
            for pipe in _pipes_from(arn, call):
                _send(pipe, event, table, deliveries)


def _stream_arn(table: Table) -> str:
    return f"{table.table_arn}/stream/{table.latest_stream_label}"


def _pipes_from(stream: str, call: Call) -> Iterator[Pipe]:
    for pipe in pipes_backends[call.account][call.region].pipes.values():
        if pipe.source == stream and pipe.desired_state == "RUNNING" and _BUS.fullmatch(pipe.target):
            yield pipe


def _event(record: Mapping[str, Any], stream: str, region: str) -> dict[str, Any]:
    """Returns a record as pipes see it. Times are seconds."""
    moment = record["dynamodb"]["ApproximateCreationDateTime"]
    seconds = int(moment.timestamp()) if isinstance(moment, datetime) else moment
    changes = {**record["dynamodb"], "ApproximateCreationDateTime": seconds}
    return {**record, "awsRegion": region, "dynamodb": changes, "eventSourceARN": stream}


def _send(pipe: Pipe, event: Mapping[str, Any], table: Table, deliveries: Deliveries) -> None:
    filters = ((pipe.source_parameters or {}).get("FilterCriteria") or {}).get("Filters") or []
    if filters and not any(matches(event, parse(filter_["Pattern"])) for filter_ in filters):
        return
    sender = Sender(SERVICE, pipe.arn, pipe.account_id, pipe.region_name, pipe.role_arn)
    with deliveries.recorded(sender, {"Arn": pipe.target}, event):
        for action in READING:
            require(sender, action, pipe.source, {}, key_arn=_key(table), reads_only=True)
        _publish(pipe, sender, event)


def _key(table: Table) -> str:
    """Returns the customer managed key of a table, which encrypts its stream too; empty if it has none."""
    key = str((table.sse_specification or {}).get("KMSMasterKeyId") or "")
    return key if key.startswith("arn:") else ""


def _publish(pipe: Pipe, sender: Sender, event: Mapping[str, Any]) -> None:
    target, parameters = Arn.parse(pipe.target), pipe.target_parameters or {}
    bus = events_backends[target.account][target.region].event_buses.get(target.name)
    if bus is None:
        raise NotDeliveredError("NO_RESOURCE", f"The event bus {pipe.target} does not exist.")
    require(sender, "events:PutEvents", pipe.target, {"event bus policy": bus.policy or ""})
    template = parameters.get("InputTemplate")
    detail = json.loads(_filled(template, event)) if template else dict(event)
    if not isinstance(detail, dict):
        raise NotDeliveredError("INVALID_PARAMETER", "Detail is malformed.")
    given = parameters.get("EventBridgeEventBusParameters") or {}
    source, kind = given.get("Source") or f"Pipe {pipe.name}", given.get("DetailType") or "Event from aws:dynamodb"
    published = outbox.envelope(
        pipe.account_id, target.region, source, kind, detail, given.get("Resources") or [pipe.source]
    )
    outbox.put(Published(target.account, target.region, target.name, published))


def _filled(template: str, event: Mapping[str, Any]) -> str:
    """Returns a template with the values of its paths. Inside quotes, they are texts."""
    places, end, quoted = [], 0, False
    for variable in _VARIABLE.finditer(template):
        before = template[end : variable.start()]
        quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        value = find(event, variable[1])
        text = value if isinstance(value, str) else json.dumps(value)
        places += [before, json.dumps(text)[1:-1] if quoted else json.dumps(value)]
        end = variable.end()
    return "".join([*places, template[end:]])


def _check(call: Call, below: Handler) -> Answer:
    """Refuses what EventBridge refuses, and what a pipe of this sandbox would do otherwise than at AWS."""
    given: Mapping[str, Any] = call.parameters
    source = given.get("SourceParameters") or {}
    for filter_ in (source.get("FilterCriteria") or {}).get("Filters") or []:
        try:
            parse(filter_["Pattern"])
        except InvalidPatternError as error:
            raise AwsError("ValidationException", f"Invalid filter pattern: {error}") from error
    for path in _VARIABLE.findall((given.get("TargetParameters") or {}).get("InputTemplate") or ""):
        if not is_path(path):
            raise AwsError("ValidationException", f"Invalid JSON path in the input template: {path}")
    if _STREAM.fullmatch(str(given.get("Source", ""))):
        position = (source.get("DynamoDBStreamParameters") or {}).get("StartingPosition")
        if position is None:
            raise AwsError("ValidationException", "StartingPosition is required for a DynamoDB stream.")
        if position != "LATEST":
            raise _unsupported(f"a pipe with the starting position {position}")
        if not _BUS.fullmatch(str(given["Target"])):
            raise _unsupported(f"a pipe from a DynamoDB stream to {given['Target']}")
    return below(call)


def _unsupported(what: str) -> AwsError:
    return AwsError("NotImplementedBySandbox", f"The sandbox does not run {what}.")


OPERATIONS: Mapping[str, Callable[[Call, Handler], Answer]] = {"CreatePipe": _check, "UpdatePipe": _check}
"""Operations that the layer checks."""
