"""Reads the policy documents that a program registered."""

from __future__ import annotations

import json
from typing import Any

from tests.support.recorder import Record


def statements(record: Record, property_: str = "policy") -> dict[str, dict[str, Any]]:
    """The statements of a policy document, by their identifier."""
    document = json.loads(record.inputs[property_])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def as_list(value: object) -> list[Any]:
    """IAM lets a list of one be written without its brackets."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
