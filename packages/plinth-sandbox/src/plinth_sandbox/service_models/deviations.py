"""Places where AWS accepts what its own service model forbids. Each entry states the evidence."""

from __future__ import annotations

from botocore.model import Shape, StructureShape

_OPTIONAL: dict[tuple[str, str, str], str] = {}
"""Reason by service, structure and member, for required members that AWS does not require."""

_ANY_VALUE: dict[tuple[str, str], str] = {}
"""Reason by service and shape, for enumerations that lag behind AWS."""

_ANY_PATTERN: dict[tuple[str, str], str] = {
    ("s3control", "S3ResourceArn"): "It requires a region, and ARNs of general purpose buckets have none. "
    "docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging.html (2026-11-21) tags them by this ARN.",
}
"""Reason by service and shape, for patterns that refuse values that AWS accepts."""

_ANY_LENGTH: dict[tuple[str, str], str] = {}
"""Reason by service and shape, for lengths that AWS does not enforce."""


def is_optional(service: str, structure: StructureShape, member: str) -> bool:
    return (service, structure.name, member) in _OPTIONAL


def has_any_value(service: str, shape: Shape) -> bool:
    return (service, shape.name) in _ANY_VALUE


def has_any_pattern(service: str, shape: Shape) -> bool:
    return (service, shape.name) in _ANY_PATTERN


def has_any_length(service: str, shape: Shape) -> bool:
    return (service, shape.name) in _ANY_LENGTH
