"""Queues, topics and functions to which Lambda delivers, log groups, and groups of schedules.

Sources: Lambda API, CreateFunction and PutFunctionEventInvokeConfig; CloudWatch Logs API, PutMetricFilter; EventBridge
Scheduler API, CreateSchedule (read 2026-11-29).
"""

from __future__ import annotations

from plinth_sandbox.emulator.preconditions.policy_documents import is_emulated
from plinth_sandbox.emulator.preconditions.references.reference import (
    MISSING,
    Question,
    Reference,
    References,
    Refusal,
)
from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError
from plinth_sandbox.emulator.services.events.executor.targets import Arn, kind_of


def _target(text: str, _: Question) -> str:
    """Looks up a queue, a topic or a function by its ARN, without its version. Others, and those of accounts that are
    not emulated, exist."""
    parts = text.split(":")
    if len(parts) < 6 or not is_emulated(parts[4]):
        return ""
    arn = Arn.parse(":".join(parts[:7]))
    if (kind := kind_of(arn)) is None:
        return ""
    try:
        kind.policies(arn)
    except NotDeliveredError:
        return MISSING
    return ""


def _schedule_group(name: str, question: Question) -> str:
    from moto.scheduler.models import scheduler_backends

    return "" if name in scheduler_backends[question.call.account][question.call.region].schedule_groups else MISSING


def _log_group(name: str, question: Question) -> str:
    from moto.logs.models import logs_backends

    return "" if name in logs_backends[question.call.account][question.call.region].groups else MISSING


_INVALID = "InvalidParameterValueException"
_DEAD_LETTERS = Reference(
    "DeadLetterConfig.TargetArn", _target, Refusal(_INVALID, "The dead letter target {name} does not exist.")
)
_DESTINATIONS = tuple(
    Reference(
        f"DestinationConfig.{outcome}.Destination",
        _target,
        Refusal(_INVALID, "The destination ARN {name} is invalid."),
    )
    for outcome in ("OnSuccess", "OnFailure")
)

_GROUP = Reference(
    "GroupName", _schedule_group, Refusal("ResourceNotFoundException", "Schedule group {name} does not exist.")
)

REFERENCES: References = {
    ("lambda", "CreateFunction"): (_DEAD_LETTERS,),
    ("lambda", "UpdateFunctionConfiguration"): (_DEAD_LETTERS,),
    ("lambda", "PutFunctionEventInvokeConfig"): _DESTINATIONS,
    ("lambda", "UpdateFunctionEventInvokeConfig"): _DESTINATIONS,
    ("logs", "PutMetricFilter"): (
        Reference(
            "logGroupName",
            _log_group,
            Refusal("ResourceNotFoundException", "The specified log group does not exist."),
        ),
    ),
    ("scheduler", "CreateSchedule"): (_GROUP,),
    ("scheduler", "UpdateSchedule"): (_GROUP,),
}
