"""Reads and writes items of the team catalog, whose attributes are strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE

Item = dict[str, str]


@dataclass(frozen=True, slots=True)
class CatalogItems:
    """The items of the table of one account."""

    client: Any
    """Client of DynamoDB."""

    def get(self, partition: str, sort: str) -> Item | None:
        found = self.client.get_item(
            TableName=TABLE, Key=_typed({PARTITION: partition, SORT: sort}), ConsistentRead=True
        )
        return _plain(found["Item"]) if "Item" in found else None

    def of(self, partition: str) -> Iterator[Item]:
        """Yields the items of a partition in the order of their sort keys."""
        return self._query("#key = :value", {"#key": PARTITION}, {":value": partition}, ConsistentRead=True)

    def found_by(self, value: str) -> Iterator[Item]:
        """Yields the items with this look-up value in the order of their sort keys. The index lags a moment."""
        return self._query("#key = :value", {"#key": LOOKUP}, {":value": value}, IndexName=LOOKUP)

    def all(self) -> Iterator[Item]:
        for page in self.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
            yield from map(_plain, page["Items"])

    def put(self, item: Mapping[str, str]) -> None:
        """Writes an item, whatever is in its place."""
        self.client.put_item(TableName=TABLE, Item=_typed(item))

    def add(self, item: Mapping[str, str]) -> bool:
        """Writes an item. Returns False if there is one already."""
        try:
            self.client.put_item(
                TableName=TABLE, Item=_typed(item), ConditionExpression=f"attribute_not_exists({PARTITION})"
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def change(
        self, partition: str, sort: str, changes: Mapping[str, str | None], *, expected: Mapping[str, str | None]
    ) -> bool:
        """Changes attributes of an item if others have the expected values. None stands for no attribute.

        Returns whether the expectation held.
        """
        names = {f"#{name}": name for name in (*changes, *expected)}
        values = {f":{name}": value for name, value in changes.items() if value is not None}
        values |= {f":was_{name}": value for name, value in expected.items() if value is not None}
        conditions = [f"attribute_exists({PARTITION})"] + [
            f"attribute_not_exists(#{name})" if value is None else f"#{name} = :was_{name}"
            for name, value in expected.items()
        ]
        set_ = ", ".join(f"#{name} = :{name}" for name, value in changes.items() if value is not None)
        removed = ", ".join(f"#{name}" for name, value in changes.items() if value is None)
        update = " ".join(part for part in (set_ and f"SET {set_}", removed and f"REMOVE {removed}") if part)
        try:
            self.client.update_item(
                TableName=TABLE,
                Key=_typed({PARTITION: partition, SORT: sort}),
                UpdateExpression=update,
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeNames=names,
                **({"ExpressionAttributeValues": _typed(values)} if values else {}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def remove(self, partition: str, sort: str) -> None:
        self.client.delete_item(TableName=TABLE, Key=_typed({PARTITION: partition, SORT: sort}))

    def _query(
        self, condition: str, names: Mapping[str, str], values: Mapping[str, str], **others: Any
    ) -> Iterator[Item]:
        pages = self.client.get_paginator("query").paginate(
            TableName=TABLE,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=_typed(values),
            **others,
        )
        return (_plain(item) for page in pages for item in page["Items"])


def _typed(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"S": str(value)} for name, value in values.items()}


def _plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Returns the attributes that are strings. A person may have written others, which nobody reads."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
