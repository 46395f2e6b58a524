"""Reads and writes items of a table, whose attributes are strings."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from selfservice.request_tables import writes
from selfservice.request_tables.writes import Expected, Write, key, typed

Item = dict[str, str]
_LOST = ("ConditionalCheckFailed", "TransactionConflict")
"""Reasons of a cancelled transaction that mean that somebody else has written."""


@dataclass(frozen=True, slots=True)
class TableItems(ABC):
    """The items of a table in one account."""

    TABLE: ClassVar[str]

    client: Any
    """Client of DynamoDB."""

    def get(self, partition: str, sort: str) -> Item | None:
        found = self.client.get_item(TableName=self.TABLE, Key=key(partition, sort), ConsistentRead=True)
        return plain(found["Item"]) if "Item" in found else None

    def all(self) -> Iterator[Item]:
        for page in self.client.get_paginator("scan").paginate(TableName=self.TABLE, ConsistentRead=True):
            yield from map(plain, page["Items"])

    def put(self, item: Mapping[str, str]) -> None:
        """Writes an item, whatever is in its place."""
        self.client.put_item(TableName=self.TABLE, **writes.put(item)["Put"])

    def add(self, item: Mapping[str, str]) -> bool:
        """Writes an item. Returns False if there is one already."""
        return self.replace(item, writes.ABSENT)

    def replace(self, item: Mapping[str, str], expected: Expected) -> bool:
        """Writes an item if the one in its place is as expected. Returns whether it was."""
        try:
            self.client.put_item(TableName=self.TABLE, **writes.put(item, expected)["Put"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def change(self, partition: str, sort: str, changes: Mapping[str, str | None], *, expected: Expected) -> bool:
        """Changes attributes of an item if it exists and others have the expected values. Returns whether they had."""
        try:
            self.client.update_item(TableName=self.TABLE, **writes.update(partition, sort, changes, expected)["Update"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def transact(self, *together: Write) -> frozenset[int]:
        """Carries out all writes, or none. Returns the places of those that prevented it; none if all were carried out.

        A write prevents it if its item is not as expected, or if somebody else writes this item at the same moment.
        """
        named = [{kind: {"TableName": self.TABLE, **write[kind]} for kind in write} for write in together]
        try:
            self.client.transact_write_items(TransactItems=named)
        except self.client.exceptions.TransactionCanceledException as error:
            reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
            if not {*reasons} <= {*_LOST, "None"}:
                raise
            return frozenset(place for place, reason in enumerate(reasons) if reason in _LOST)
        return frozenset()

    def remove(self, partition: str, sort: str) -> None:
        self.client.delete_item(TableName=self.TABLE, Key=key(partition, sort))

    def query(
        self, condition: str, names: Mapping[str, str], values: Mapping[str, str], **others: Any
    ) -> Iterator[Item]:
        """Yields the items for which a condition on keys holds.

        ``names`` and ``values`` are those of the condition. ``others`` are further arguments of the call.
        """
        pages = self.client.get_paginator("query").paginate(
            TableName=self.TABLE,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=typed(values),
            **others,
        )
        return (plain(item) for page in pages for item in page["Items"])


def plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Returns the attributes that are strings. A person may have written others, which nobody reads."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
