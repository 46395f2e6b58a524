"""Kinds of resource lookups: compose the id from properties, or search a listing."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from selfservice.engine.account_access import Account

Properties = Mapping[str, Any]
Lookup = Callable[[Properties, Account], str | None]
"""Returns the provider's id of a resource from its inputs and its account, or None."""


def named(key: str) -> Lookup:
    """Returns a lookup for types whose id is an input. The following refresh drops resources that do not exist."""
    return lambda inputs, _: inputs.get(key)


@dataclass(frozen=True, slots=True)
class Composed:
    """A lookup that composes the id from inputs, ``@account`` and ``@region``. A refresh must follow."""

    pattern: str

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        known = {**inputs, "@account": account.id, "@region": account.region}
        parts = [key for _, key, _, _ in string.Formatter().parse(self.pattern) if key is not None]
        return None if any(known.get(key) is None for key in parts) else self.pattern.format_map(known)


@dataclass(frozen=True, slots=True)
class Listed:
    """A lookup that returns the first matching item of a listing."""

    service: str
    operation: str
    items: str
    """Key of the items in the response."""
    identity: str
    """Key of an item's id."""
    alike: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Key of an item -> input with the same value."""
    asked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Parameter of the listing -> its value, a pattern as in :class:`Composed`."""
    unless: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Values of items to ignore: they belong to another account, or are being deleted."""
    pattern: str = "{@found}"
    """Pattern of the provider's id, from inputs and ``@found`` (the item's id)."""

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        asked = {parameter: Composed(pattern)(inputs, account) for parameter, pattern in self.asked.items()}
        for item in account.every(self.service, self.operation, self.items, **asked):
            if self._is(item, inputs):
                return Composed(self.pattern)({**inputs, "@found": item[self.identity]}, account)
        return None

    def _is(self, item: Properties, inputs: Properties) -> bool:
        same = all(item.get(theirs) == inputs.get(ours) for theirs, ours in self.alike.items())
        return same and not any(item.get(theirs) == value for theirs, value in self.unless.items())


def first(identities: Iterator[str]) -> str | None:
    return next(identities, None)
