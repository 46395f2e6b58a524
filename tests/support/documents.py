"""Reads policy documents that a program registered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.recorder import Record


def statements(record: Record, property_: str = "policy") -> dict[str, dict[str, Any]]:
    """Returns the statements of a policy document by Sid."""
    document = json.loads(record.inputs[property_])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def as_list(value: object) -> list[Any]:
    """Returns a value as a list, because IAM accepts a list of one item without brackets."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def actions(statements: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Returns the actions that any of the statements names."""
    return {action for statement in statements.values() for action in as_list(statement["Action"])}
