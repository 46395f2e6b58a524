"""Places where AWS accepts what its own service model forbids. Each entry states the evidence."""

from __future__ import annotations

from botocore.model import Shape, StructureShape

_OPTIONAL: dict[tuple[str, str, str], str] = {}
"""Reason by service, structure and member, for required members that AWS does not require."""

_ANY_VALUE: dict[tuple[str, str], str] = {
    ("ec2", "SpotAllocationStrategy"): "CreateFleet takes lowestPrice where the model lists lowest-price (moto's tests "
    "that were verified against AWS, 5.2.5).",
    ("s3", "BucketLocationConstraint"): "S3 checks the location itself, and refuses it with an error of its own, "
    "IllegalLocationConstraintException (moto's tests that were verified against AWS, 5.2.5).",
}
"""Reason by service and shape, for enumerations that are not part of the check of the model."""

_ORDER: dict[tuple[str, str], tuple[str, ...]] = {
    ("application-autoscaling", "PolicyType"): ("PredictiveScaling", "StepScaling", "TargetTrackingScaling"),
    ("dynamodb", "Select"): ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
}
"""Values of enumerations in the order in which the service lists them, where it is another one than that of the model
(moto's tests that were verified against AWS, 5.2.5)."""

_ANY_PATTERN: dict[tuple[str, str], str] = {
    ("s3control", "S3ResourceArn"): "It requires a region, and ARNs of general purpose buckets have none. "
    "docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging.html (2026-11-21) tags them by this ARN.",
}
"""Reason by service and shape, for patterns that refuse values that AWS accepts."""

_ANY_LENGTH: dict[tuple[str, str], str] = {}
"""Reason by service and shape, for lengths that AWS does not enforce."""


def is_optional(service: str, structure: StructureShape, member: str) -> bool:
    return (service, structure.name, member) in _OPTIONAL


def values_in_order(service: str, shape: Shape) -> list[str] | None:
    """Returns the values that a text may have, in the order of messages, or None if it may have any."""
    if (service, shape.name) in _ANY_VALUE:
        return None
    modelled: list[str] | None = shape.metadata.get("enum")
    order = _ORDER.get((service, shape.name), ())
    return modelled and sorted(modelled, key=lambda value: order.index(value) if value in order else len(order))


def has_any_pattern(service: str, shape: Shape) -> bool:
    return (service, shape.name) in _ANY_PATTERN


def has_any_length(service: str, shape: Shape) -> bool:
    return (service, shape.name) in _ANY_LENGTH
