"""Queues, topics and functions to which Lambda delivers, and log groups.

Sources: Lambda API, CreateFunction and PutFunctionEventInvokeConfig; CloudWatch Logs API, PutMetricFilter (read
2026-11-29).
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


def _target(text: str, _: Question) -> str:
    """Looks up a queue, a topic, a function or a bus by its ARN. Others, and those of accounts that are not emulated,
    exist."""
    parts = text.split(":")
    if len(parts) < 6 or not is_emulated(parts[4]):
        return ""
    service, region, account, name = parts[2], parts[3], parts[4], parts[5]
    match service:
        case "sqs":
            from moto.sqs.models import sqs_backends

            return "" if name in sqs_backends[account][region].queues else MISSING
        case "sns":
            from moto.sns.models import sns_backends

            return "" if text in sns_backends[account][region].topics else MISSING
        case "lambda":
            from moto.awslambda.models import lambda_backends

            known = {one.function_name for one in lambda_backends[account][region].list_functions()}
            return "" if parts[6] in known else MISSING
    return ""


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
}
