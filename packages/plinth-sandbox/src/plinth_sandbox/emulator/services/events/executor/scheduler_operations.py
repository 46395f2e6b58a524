"""The operations of EventBridge Scheduler that concern firing: CreateSchedule and UpdateSchedule.

Source: EventBridge Scheduler User Guide, "Setting up the execution role" and "Managing targets" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.iam.models import iam_backends
from moto.scheduler.models import scheduler_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.events.executor.firing import SCHEDULER, UNIVERSAL, source_of
from plinth_sandbox.emulator.services.events.executor.permissions import Sender, trust_refusal
from plinth_sandbox.emulator.services.events.executor.targets import Arn, kind_of


def _create(call: Call, below: Handler) -> Answer:
    _check(call)
    return below(call)


def _update(call: Call, below: Handler) -> Answer:
    """Updates a schedule. moto keeps the action after completion that it had."""
    _check(call)
    answer = below(call)
    if answer.succeeded:
        backend = scheduler_backends[call.account][call.region]
        schedule = backend.get_schedule(call.parameters.get("GroupName"), call.parameters["Name"])
        schedule.action_after_completion = call.parameters.get("ActionAfterCompletion")
    return answer


def _check(call: Call) -> None:
    """Refuses what EventBridge Scheduler refuses, and targets that the sandbox does not call."""
    zone = call.parameters.get("ScheduleExpressionTimezone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise AwsError("ValidationException", f"Invalid Schedule Expression Timezone {zone}.") from error
    target = call.parameters["Target"]
    text = str(target["Arn"])
    if not text.startswith(UNIVERSAL):
        arn = Arn.parse(text)
        is_bus = arn.service == "events" and arn.resource.startswith("event-bus/")
        if not is_bus and kind_of(arn) is None:
            raise AwsError("NotImplementedBySandbox", f"The sandbox does not call {text} on a schedule.")
        if is_bus and "EventBridgeParameters" not in target:
            raise AwsError("ValidationException", f"EventBridgeParameters must be specified for target {text}.")
    role_arn = str(target["RoleArn"])
    roles = iam_backends[role_arn.split(":")[4]]["aws"].roles.values()
    role = next((role for role in roles if role.arn == role_arn), None)
    group = source_of(call.account, call.region, call.parameters.get("GroupName", "default"))
    sender = Sender(SCHEDULER, group, call.account, call.region, role_arn)
    if role is None or trust_refusal(sender, role.assume_role_policy_document):
        raise AwsError(
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        )


OPERATIONS: Mapping[str, Callable[[Call, Handler], Answer]] = {"CreateSchedule": _create, "UpdateSchedule": _update}
