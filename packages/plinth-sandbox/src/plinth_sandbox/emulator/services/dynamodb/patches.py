"""DynamoDB: transactions whose cost does not grow with their tables.

To undo a transaction, moto copies the whole table for each of its writes. With a few thousand items, one transaction
then takes longer than a client waits.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from plinth_sandbox.emulator.patches.patch import Patches

_UPDATES: ContextVar[Sequence[Mapping[str, Any]]] = ContextVar("_UPDATES", default=())
"""The updates of the transaction under way. moto changes their items in place, and replaces those of other writes."""


def patch_moto() -> None:
    """Lets transactions keep only the items that they change."""
    if not isinstance(models.copy, SimpleNamespace):
        models.copy = SimpleNamespace(deepcopy=_copied)
        transact = models.DynamoDBBackend.transact_write_items

        def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
            token = _UPDATES.set(
                [transact_item["Update"] for transact_item in transact_items if "Update" in transact_item]
            )
            try:
                transact(self, transact_items)
            finally:
                _UPDATES.reset(token)

        models.DynamoDBBackend.transact_write_items = transact_write_items


def _copied(value: Any) -> Any:
    return _snapshot(value) if isinstance(value, Table) else copy.deepcopy(value)


def _snapshot(table: Table) -> Table:
    """Returns a table with the present items, to which a failed transaction goes back."""
    kept = copy.copy(table)
    kept.items = defaultdict(dict)
    for key, items in table.items.items():
        kept.items[key] = dict(items) if table.has_range_key else items
    for hash_key, range_key in _updated(table):
        item = table.get_item(hash_key, range_key)
        if item is not None and range_key is not None:
            kept.items[hash_key][range_key] = copy.deepcopy(item)
        elif item is not None:
            kept.items[hash_key] = copy.deepcopy(item)
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.table, kept.stream_shard.items = kept, list(table.stream_shard.items)
    return kept


def _updated(table: Table) -> Iterator[tuple[DynamoType, DynamoType | None]]:
    """Yields the keys of the items of a table that the transaction under way updates."""
    for update in _UPDATES.get():
        if update["TableName"] in (table.name, table.table_arn):
            key = update["Key"]
            ranged = None if table.range_key_attr is None else DynamoType(key[table.range_key_attr])
            yield DynamoType(key[table.hash_key_attr]), ranged


PATCHES: Patches = {}
