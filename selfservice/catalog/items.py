"""Reads and writes items of the team catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from selfservice.catalog.service_clock import ServiceClock
from selfservice.request_tables.items import Item, TableItems, plain
from selfservice.request_tables.writes import key
from settings.data import catalog_layout
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT

_LARGEST_BATCH = 100
"""Most items of one batch (DynamoDB API, BatchGetItem)."""


@dataclass(frozen=True, slots=True)
class CatalogItems(TableItems):
    """The items of the table of one account."""

    TABLE: ClassVar = catalog_layout.TABLE

    clock: ServiceClock = field(default_factory=ServiceClock, compare=False)
    """The time of DynamoDB, if :meth:`at` made these items."""

    @classmethod
    def at(cls, client: Any) -> CatalogItems:
        """Returns the items with the time of the service that holds them."""
        return cls(client, ServiceClock.of(client))

    def get_many(self, keys: Iterable[tuple[str, str]]) -> Iterator[Item]:
        """Yields the items with these partition and sort keys that exist, in no order."""
        wanted = [key(partition, sort) for partition, sort in dict.fromkeys(keys)]
        while wanted:
            asked = {self.TABLE: {"Keys": wanted[:_LARGEST_BATCH], "ConsistentRead": True}}
            answer = self.client.batch_get_item(RequestItems=asked)
            yield from map(plain, answer["Responses"].get(self.TABLE, ()))
            unprocessed = answer.get("UnprocessedKeys", {}).get(self.TABLE, {}).get("Keys", [])
            wanted = [*unprocessed, *wanted[_LARGEST_BATCH:]]

    def of(self, partition: str) -> Iterator[Item]:
        """Yields the items of a partition in the order of their sort keys."""
        return self.query("#key = :value", {"#key": PARTITION}, {":value": partition}, ConsistentRead=True)

    def found_by(self, value: str, *attributes: str) -> Iterator[Item]:
        """Yields the items with this look-up value in the order of their sort keys. The index lags a moment.

        With ``attributes``, the items have no others.
        """
        names = {f"#a{number}": name for number, name in enumerate(attributes)}
        projection = {"ProjectionExpression": ", ".join(names)} if names else {}
        return self.query("#key = :value", {"#key": LOOKUP, **names}, {":value": value}, IndexName=LOOKUP, **projection)

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
        return self.query(condition, names, values, **limits, **where)
