"""Constraints that a service enforces and documents, and that its model does not contain. Read on 2026-11-21."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape


@dataclass(frozen=True, slots=True)
class Rule:
    """Documented constraints of a service on a number or a text."""

    values: tuple[Any, ...] = ()
    """Allowed values; any value if there are none."""
    multiple_of: int = 0
    """Number whose multiples are allowed besides the values."""
    least: int | None = None
    most: int | None = None

    def broken_by(self, value: Any) -> Iterable[str]:
        """Yields the constraints that a value breaks, as AWS words them. Attributes are numbers written as text."""
        number = _number(value)
        if self.values and value not in self.values and not (self.multiple_of and number % self.multiple_of == 0):
            further = f" or a multiple of {self.multiple_of}" if self.multiple_of else ""
            yield f"Member must satisfy enum value set: [{', '.join(map(str, self.values))}]{further}"
        if self.most is not None and not number <= self.most:
            yield f"Member must have value less than or equal to {self.most}"
        if self.least is not None and not number >= self.least:
            yield f"Member must have value greater than or equal to {self.least}"


def _number(value: Any) -> float:
    """Returns the number that an attribute's text contains. Other text is no number, which no range contains."""
    try:
        return float(value)
    except ValueError:
        return float("nan")


_PORT = Rule(least=-1, most=65_535)

_SHAPES: Mapping[tuple[str, str], Rule] = {
    # CloudWatch Logs API, PutRetentionPolicy, "retentionInDays".
    ("logs", "Days"): Rule(
        values=(
            *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
            *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
        )
    ),
    # KMS API, ScheduleKeyDeletion, "PendingWindowInDays".
    ("kms", "PendingWindowInDaysType"): Rule(least=7, most=30),
}
"""Rules by service and shape, in place of the model's range."""

_MEMBERS: Mapping[tuple[str, str, str], Rule] = {
    # CloudWatch API, PutMetricAlarm, "Period" and "TreatMissingData".
    ("cloudwatch", "PutMetricAlarmInput", "Period"): Rule(values=(10, 20, 30), multiple_of=60),
    ("cloudwatch", "PutMetricAlarmInput", "TreatMissingData"): Rule(
        values=("breaching", "notBreaching", "ignore", "missing")
    ),
    # EC2 API, CreateFlowLogs, "MaxAggregationInterval".
    ("ec2", "CreateFlowLogsRequest", "MaxAggregationInterval"): Rule(values=(60, 600)),
    # EC2 API, IpPermission, "FromPort" and "ToPort".
    ("ec2", "IpPermission", "FromPort"): _PORT,
    ("ec2", "IpPermission", "ToPort"): _PORT,
}
"""Rules by service, structure and member, where the member's shape serves other members too."""

_ENTRIES: Mapping[tuple[str, str], Mapping[str, Rule]] = {
    # SQS API, SetQueueAttributes, "Attributes".
    ("sqs", "QueueAttributeMap"): {
        "DelaySeconds": Rule(least=0, most=900),
        "KmsDataKeyReusePeriodSeconds": Rule(least=60, most=86_400),
        "MaximumMessageSize": Rule(least=1_024, most=1_048_576),
        "MessageRetentionPeriod": Rule(least=60, most=1_209_600),
        "ReceiveMessageWaitTimeSeconds": Rule(least=0, most=20),
        "VisibilityTimeout": Rule(least=0, most=43_200),
    },
}
"""Rules by key, by service and map of attributes."""


def of_shape(service: str, shape: Shape) -> Rule | None:
    return _SHAPES.get((service, shape.name))


def of_member(service: str, structure: Shape, member: str) -> Rule | None:
    return _MEMBERS.get((service, structure.name, member))


def of_entries(service: str, shape: Shape) -> Mapping[str, Rule]:
    return _ENTRIES.get((service, shape.name), {})
