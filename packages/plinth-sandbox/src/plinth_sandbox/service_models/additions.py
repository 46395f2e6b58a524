"""Constraints that a service enforces and documents, and that its model does not contain. Read on 2026-11-21."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.model import Shape

_VALUES: Mapping[tuple[str, str], tuple[int, ...]] = {
    # CloudWatch Logs API, PutRetentionPolicy, "retentionInDays".
    ("logs", "Days"): (
        *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
    ),
}
"""Allowed numbers by service and shape."""

_RANGES: Mapping[tuple[str, str], tuple[int, int]] = {
    # KMS API, ScheduleKeyDeletion, "PendingWindowInDays": "between 7 and 30, inclusive".
    ("kms", "PendingWindowInDaysType"): (7, 30),
}
"""Smallest and largest number by service and shape."""

_ENTRIES: Mapping[tuple[str, str], Mapping[str, tuple[int, int]]] = {
    # SQS API, SetQueueAttributes, "Attributes".
    ("sqs", "QueueAttributeMap"): {
        "DelaySeconds": (0, 900),
        "KmsDataKeyReusePeriodSeconds": (60, 86_400),
        "MaximumMessageSize": (1_024, 1_048_576),
        "MessageRetentionPeriod": (60, 1_209_600),
        "ReceiveMessageWaitTimeSeconds": (0, 20),
        "VisibilityTimeout": (0, 43_200),
    },
}
"""Smallest and largest number by key, by service and map. The values are text."""


def values(service: str, shape: Shape) -> tuple[int, ...]:
    return _VALUES.get((service, shape.name), ())


def range_of(service: str, shape: Shape) -> tuple[float | None, float | None]:
    """Returns the smallest and the largest allowed number, those of the model if nothing else is documented."""
    modelled = (shape.metadata.get("min"), shape.metadata.get("max"))
    return _RANGES.get((service, shape.name), modelled)


def entries(service: str, shape: Shape) -> Mapping[str, tuple[int, int]]:
    return _ENTRIES.get((service, shape.name), {})
