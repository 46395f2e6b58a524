"""The resources that the example's stacks registered, by type, each with its account."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iam_evaluator.errors import UnsupportedError
from tests.support.recorder import Record, Recorder

_IN_A_CLUSTER = "kubernetes:"
"""Prefix of the types of objects in a cluster, which are resources of no account."""


@dataclass(frozen=True, slots=True)
class Item:
    """A resource of a stack."""

    stack: str
    account_id: str
    record: Record
    tags: Mapping[str, str]
    """The resource's tags and its provider's default tags."""

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def label(self) -> str:
        """Stack and name of the resource, for messages."""
        return f"{self.stack}/{self.record.name}"

    def property(self, name: str, default: Any = None) -> Any:
        """Returns an input or an output of the resource."""
        return self.record.computed.get(name, default)


class Inventory:
    """Every resource of every stack."""

    def __init__(self, deployment: Mapping[str, Recorder]) -> None:
        self._items: dict[str, list[Item]] = {}
        for stack, recorder in deployment.items():
            for item in _items_of(stack, recorder):
                self._items.setdefault(item.record.type, []).append(item)

    def __iter__(self) -> Iterator[Item]:
        return (item for items in self._items.values() for item in items)

    def all(self, type_: str) -> list[Item]:
        """Returns every resource of a type, such as ``iam/role:Role``."""
        return self._items.get(f"aws:{type_}", [])

    def by_id(self, type_: str) -> dict[str, Item]:
        return {item.id: item for item in self.all(type_)}


def _items_of(stack: str, recorder: Recorder) -> Iterator[Item]:
    providers = {record.name: record for record in recorder.records if record.is_provider}
    for record in recorder.resources:
        if record.type.startswith(_IN_A_CLUSTER):
            continue
        provider = providers[record.provider]
        (account_id,) = json.loads(provider.inputs["allowedAccountIds"])
        everywhere = json.loads(provider.inputs.get("defaultTags", "{}")).get("tags", {})
        own = record.inputs.get("tags")
        yield Item(stack, account_id, record, {**everywhere, **(own if isinstance(own, dict) else {})})


def found(things: Mapping[str, Any], name: str, what: str, needed_by: str) -> Any:
    """Returns a provisioned resource by name. Raises UnsupportedError if no stack provisions it."""
    if name not in things:
        raise UnsupportedError([f"{what} {name}, which {needed_by} names"])
    return things[name]
