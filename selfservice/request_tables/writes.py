"""Writes with their conditions, as DynamoDB expects them alone and in transactions, but for the name of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settings.data.catalog_layout import PARTITION, SORT

Expected = Mapping[str, str | None]
"""Attributes that the present item must have. None stands for no attribute."""
Write = Mapping[str, Mapping[str, Any]]
"""One write of a transaction: its kind with its arguments."""
ABSENT: Expected = {PARTITION: None}
"""Expects that there is no item."""
LARGEST_TRANSACTION = 100
"""Most writes of one transaction (quota of DynamoDB)."""


def put(item: Mapping[str, str], expected: Expected | None = None) -> Write:
    """Returns the write of an item, whatever is in its place unless something is expected."""
    condition = _condition(expected) if expected else {}
    return {"Put": {"Item": typed(item), **condition}}


def update(partition: str, sort: str, changes: Mapping[str, str | None], expected: Expected) -> Write:
    """Returns the change of attributes of an item that exists. A change to None removes the attribute."""
    set_ = ", ".join(f"#{name} = :{name}" for name, value in changes.items() if value is not None)
    removed = ", ".join(f"#{name}" for name, value in changes.items() if value is None)
    parts = [set_ and f"SET {set_}", removed and f"REMOVE {removed}"]
    values = {f":{name}": value for name, value in changes.items() if value is not None}
    return {
        "Update": {
            "Key": key(partition, sort),
            "UpdateExpression": " ".join(part for part in parts if part),
            **_condition(expected, f"attribute_exists({PARTITION})", names=changes, values=values),
        }
    }


def check(partition: str, sort: str, expected: Expected) -> Write:
    """Returns the condition that an item is as expected, which writes nothing."""
    return {"ConditionCheck": {"Key": key(partition, sort), **_condition(expected)}}


def delete(partition: str, sort: str) -> Write:
    """Returns the removal of an item."""
    return {"Delete": {"Key": key(partition, sort)}}


def key(partition: str, sort: str) -> dict[str, dict[str, str]]:
    """Returns the keys of an item."""
    return typed({PARTITION: partition, SORT: sort})


def typed(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Returns attributes with their type."""
    return {name: {"S": str(value)} for name, value in values.items()}


def _condition(
    expected: Expected, *others: str, names: Mapping[str, Any] | None = None, values: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Returns the arguments of a condition. ``names`` and ``values`` are those that the rest of the call uses."""
    parts = [
        f"attribute_not_exists(#{name})" if value is None else f"#{name} = :was_{name}"
        for name, value in expected.items()
    ]
    used = {**(values or {}), **{f":was_{name}": value for name, value in expected.items() if value is not None}}
    named = {f"#{name}": name for name in (*(names or ()), *expected)}
    return {
        "ConditionExpression": " AND ".join((*others, *parts)),
        **({"ExpressionAttributeNames": named} if named else {}),
        **({"ExpressionAttributeValues": typed(used)} if used else {}),
    }
