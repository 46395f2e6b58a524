"""Reads and writes items of the team catalog, whose attributes are strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfservice.catalog import writes
from selfservice.catalog.service_clock import ServiceClock
from selfservice.catalog.writes import Expected, Write, key, typed
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE

Item = dict[str, str]
_LOST = ("ConditionalCheckFailed", "TransactionConflict")
"""Reasons of a cancelled transaction that mean that somebody else has written."""
_LARGEST_BATCH = 100
"""Most items of one batch (DynamoDB API, BatchGetItem)."""


@dataclass(frozen=True, slots=True)
class CatalogItems:
    """The items of the table of one account."""

    client: Any
    """Client of DynamoDB."""
    clock: ServiceClock = field(default_factory=ServiceClock, compare=False)
    """The time of DynamoDB, if :meth:`at` made these items."""

    @classmethod
    def at(cls, client: Any) -> CatalogItems:
        """Returns the items with the time of the service that holds them."""
        return cls(client, ServiceClock.of(client))

    def get(self, partition: str, sort: str) -> Item | None:
        found = self.client.get_item(TableName=TABLE, Key=key(partition, sort), ConsistentRead=True)
        return _plain(found["Item"]) if "Item" in found else None

    def get_many(self, keys: Iterable[tuple[str, str]]) -> Iterator[Item]:
        """Yields the items with these partition and sort keys that exist, in no order."""
        wanted = [key(partition, sort) for partition, sort in dict.fromkeys(keys)]
        while wanted:
            asked = {TABLE: {"Keys": wanted[:_LARGEST_BATCH], "ConsistentRead": True}}
            answer = self.client.batch_get_item(RequestItems=asked)
            yield from map(_plain, answer["Responses"].get(TABLE, ()))
            unprocessed = answer.get("UnprocessedKeys", {}).get(TABLE, {}).get("Keys", [])
            wanted = [*unprocessed, *wanted[_LARGEST_BATCH:]]

    def of(self, partition: str) -> Iterator[Item]:
        """Yields the items of a partition in the order of their sort keys."""
        return self._query("#key = :value", {"#key": PARTITION}, {":value": partition}, ConsistentRead=True)

    def found_by(self, value: str, *attributes: str) -> Iterator[Item]:
        """Yields the items with this look-up value in the order of their sort keys. The index lags a moment.

        With ``attributes``, the items have no others.
        """
        names = {f"#a{number}": name for number, name in enumerate(attributes)}
        projection = {"ProjectionExpression": ", ".join(names)} if names else {}
        return self._query(
            "#key = :value", {"#key": LOOKUP, **names}, {":value": value}, IndexName=LOOKUP, **projection
        )

    def ordered(
        self, value: str, *, by: str = PARTITION, beyond: str = "", is_descending: bool = True, most: int
    ) -> Iterator[Item]:
        """Yields the items of a partition, or those with a look-up value, by their sort keys, beyond one of them.

        ``by`` is ``PARTITION`` or ``LOOKUP``. Each read gets ``most`` items, so taking no more costs one read.
        """
        names, values, condition = {"#key": by}, {":value": value}, "#key = :value"
        if beyond:
            names["#sort"], values[":beyond"] = SORT, beyond
            condition += f" AND #sort {'<' if is_descending else '>'} :beyond"
        where: dict[str, Any] = {"ConsistentRead": True} if by == PARTITION else {"IndexName": by}
        limits = {"ScanIndexForward": not is_descending, "PaginationConfig": {"PageSize": most}}
        return self._query(condition, names, values, **limits, **where)

    def all(self) -> Iterator[Item]:
        for page in self.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
            yield from map(_plain, page["Items"])

    def put(self, item: Mapping[str, str]) -> None:
        """Writes an item, whatever is in its place."""
        self.client.put_item(**writes.put(item)["Put"])

    def add(self, item: Mapping[str, str]) -> bool:
        """Writes an item. Returns False if there is one already."""
        return self.replace(item, writes.ABSENT)

    def replace(self, item: Mapping[str, str], expected: Expected) -> bool:
        """Writes an item if the one in its place is as expected. Returns whether it was."""
        try:
            self.client.put_item(**writes.put(item, expected)["Put"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def change(self, partition: str, sort: str, changes: Mapping[str, str | None], *, expected: Expected) -> bool:
        """Changes attributes of an item if others have the expected values. Returns whether they had."""
        try:
            self.client.update_item(**writes.update(partition, sort, changes, expected)["Update"])
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def transact(self, *together: Write) -> frozenset[int]:
        """Carries out all writes, or none. Returns the places of those that prevented it; none if all were carried out.

        A write prevents it if its item is not as expected, or if somebody else writes this item at the same moment.
        """
        try:
            self.client.transact_write_items(TransactItems=together)
        except self.client.exceptions.TransactionCanceledException as error:
            reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
            if not {*reasons} <= {*_LOST, "None"}:
                raise
            return frozenset(place for place, reason in enumerate(reasons) if reason in _LOST)
        return frozenset()

    def remove(self, partition: str, sort: str) -> None:
        self.client.delete_item(TableName=TABLE, Key=key(partition, sort))

    def _query(
        self, condition: str, names: Mapping[str, str], values: Mapping[str, str], **others: Any
    ) -> Iterator[Item]:
        pages = self.client.get_paginator("query").paginate(
            TableName=TABLE,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=typed(values),
            **others,
        )
        return (_plain(item) for page in pages for item in page["Items"])


def _plain(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Returns the attributes that are strings. A person may have written others, which nobody reads."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
