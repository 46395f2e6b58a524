"""The operations of EventBridge that concern delivery: PutEvents, PutRule, PutTargets and TestEventPattern."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.events.executor.outbox import Published
from plinth_sandbox.emulator.services.events.executor.patterns import InvalidPatternError, Pattern, matches, parse
from plinth_sandbox.emulator.services.events.executor.targets import KINDS, UNSUPPORTED, Arn, kind_of
from plinth_sandbox.emulator.services.events.executor.transformation import is_path

LARGEST_REQUEST = 1024 * 1024
"""Bytes of all entries of PutEvents (API reference as of botocore 1.44.5: "must be less than 1MB")."""
TARGETS_OF_A_RULE = 5
"""API reference, PutTargets: "Each rule can have up to five (5) targets"."""


def _put_events(call: Call, below: Handler) -> Answer:
    del below
    entries = call.parameters["Entries"]
    if sum(map(_size, entries)) >= LARGEST_REQUEST:
        raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
    results = [_put_event(call, entry) for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return call.reply({"FailedEntryCount": failed, "Entries": results})


def _size(entry: Mapping[str, Any]) -> int:
    """Returns the size of an entry (EventBridge User Guide, "Calculating PutEvents event entry size")."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *entry.get("Resources", [])]
    return sum(len(text.encode()) for text in texts if text) + (14 if "Time" in entry else 0)


def _put_event(call: Call, entry: Mapping[str, Any]) -> dict[str, str]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    if str(entry["Source"]).startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    account, region, bus = _bus(call, entry.get("EventBusName", "default"))
    if account != call.account and (reason := _bus_refusal(call, account, region, bus)):
        return {"ErrorCode": "AccessDeniedException", "ErrorMessage": reason}
    given = entry.get("Time")
    at = given.astimezone(UTC) if isinstance(given, datetime) else None
    arguments = (call.account, region, entry["Source"], entry["DetailType"], detail, entry.get("Resources", []))
    event = outbox.envelope(*arguments, at=at)
    outbox.put(Published(account, region, bus, event))
    return {"EventId": event["id"]}


def _bus(call: Call, name: str) -> tuple[str, str, str]:
    """Returns account, region and name of a bus, which is given by name or ARN."""
    if not name.startswith("arn:"):
        return call.account, call.region, name
    arn = Arn.parse(name)
    return arn.account, arn.region, arn.name


def _bus_refusal(call: Call, account: str, region: str, name: str) -> str:
    """Returns why the policy of another account's bus does not let the caller's account send events."""
    bus = events_backends[account][region].event_buses.get(name)
    policy = bus.policy if bus else None
    role = f"arn:aws:iam::{call.account}:root"
    named = [role, call.account, "*"]
    statements = json.loads(policy)["Statement"] if policy else []
    for statement in statements:
        principal = statement["Principal"]
        given = principal.get("AWS", []) if isinstance(principal, dict) else principal
        if any(text in named for text in ([given] if isinstance(given, str) else given)):
            return ""
    return f"{role} is not authorized to perform: events:PutEvents on resource: {name}"


def _put_rule(call: Call, below: Handler) -> Answer:
    if text := call.parameters.get("EventPattern"):
        _pattern(text)
    return below(call)


def _test_pattern(call: Call, below: Handler) -> Answer:
    del below
    pattern = _pattern(call.parameters["EventPattern"])
    try:
        event = json.loads(call.parameters["Event"])
    except ValueError as error:
        raise AwsError("ValidationException", "Parameter Event is not valid. Reason: Invalid JSON") from error
    return call.reply({"Result": matches(event, pattern)})


def _pattern(text: str) -> Pattern:
    try:
        return parse(text)
    except InvalidPatternError as error:
        raise AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}") from error


def _put_targets(call: Call, below: Handler) -> Answer:
    for target in call.parameters["Targets"]:
        _check(call, target)
    known = _targets(call)
    if len(known | {target["Id"] for target in call.parameters["Targets"]}) > TARGETS_OF_A_RULE:
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    return below(call)


def _targets(call: Call) -> set[str]:
    account, region, name = _bus(call, call.parameters.get("EventBusName", "default"))
    bus = events_backends[account][region].event_buses.get(name)
    rule = bus.rules.get(call.parameters["Rule"]) if bus else None
    return {str(target["Id"]) for target in rule.targets} if rule else set()


def _check(call: Call, target: Mapping[str, Any]) -> None:
    """Refuses targets that EventBridge refuses, and those to which the sandbox does not deliver."""
    text = str(target["Arn"])
    if text.count(":") < 5 or not text.startswith("arn:"):
        raise AwsError(
            "ValidationException", f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format."
        )
    _check_input(target)
    arn = Arn.parse(text)
    if arn.service == "events" and arn.resource.startswith("event-bus/"):
        _check_bus(call, target, arn)
        return
    kind = kind_of(arn)
    if kind is None:
        if arn.service in UNSUPPORTED or arn.service in KINDS or arn.service == "events":
            raise AwsError("NotImplementedBySandbox", f"The sandbox does not deliver events to {text}.")
        raise AwsError("ValidationException", f"Parameter {text} is not valid. Reason: Unsupported service.")
    is_foreign = arn.account != call.account
    if is_foreign and not kind.crosses_accounts:
        raise AwsError(
            "AccessDeniedException",
            f"Access to the resource {text} is denied. Reason: Adding cross-account target is not permitted.",
        )
    if "RoleArn" not in target and (kind.needs_role or is_foreign):
        raise AwsError("ValidationException", f"RoleArn is required for target {text}.")
    if arn.service == "sqs" and arn.resource.endswith(".fifo") and not target.get("SqsParameters"):
        raise AwsError(
            "ValidationException", f"Parameter(s) SqsParameters must be specified for target: {target['Id']}."
        )


def _check_bus(call: Call, target: Mapping[str, Any], arn: Arn) -> None:
    if arn.account == call.account:
        return
    if any(name in target for name in ("Input", "InputPath", "InputTransformer")):
        # API reference, PutTargets.
        raise AwsError("ValidationException", f"Modifying the input for target {arn.text} is not supported.")
    if "RoleArn" not in target:
        raise AwsError("ValidationException", f"RoleArn is required for target {arn.text}.")


def _check_input(target: Mapping[str, Any]) -> None:
    given = [name for name in ("Input", "InputPath", "InputTransformer") if name in target]
    if len(given) > 1:
        raise AwsError(
            "ValidationException",
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}.",
        )
    if "Input" in target and not _is_json(str(target["Input"])):
        raise AwsError("ValidationException", f"JSON syntax error in input for target {target['Id']}.")
    paths = {**target.get("InputTransformer", {}).get("InputPathsMap", {})}
    if "InputPath" in target:
        paths["InputPath"] = target["InputPath"]
    for path in paths.values():
        if not is_path(path):
            raise AwsError("ValidationException", f"Invalid InputPath for target {target['Id']}.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


OPERATIONS: Mapping[str, Callable[[Call, Handler], Answer]] = {
    "CreateArchive": _put_rule,
    "PutEvents": _put_events,
    "PutRule": _put_rule,
    "PutTargets": _put_targets,
    "TestEventPattern": _test_pattern,
    "UpdateArchive": _put_rule,
}
"""Operations that the layer answers or checks."""
