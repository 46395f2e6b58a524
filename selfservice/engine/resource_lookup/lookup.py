"""Kinds of resource lookups: compose the id from properties, search a listing, or run a function.

Every lookup names its natural key: the inputs that distinguish a resource from all others of its type in an account and
region. They find a resource that a killed engine created.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from selfservice.engine.account_access import Account

Properties = Mapping[str, Any]


class Lookup(Protocol):
    """Returns the provider's id of a resource from its inputs and its account, or None."""

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key: inputs, nested ones with dots. Empty if AWS allows one per account, region or
        organization."""

    def __call__(self, inputs: Properties, account: Account, /) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Composed:
    """A lookup that composes the id from inputs, ``@account`` and ``@region``. A refresh must follow, which drops
    resources that do not exist."""

    pattern: str

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(name for name in _fields(self.pattern) if not name.startswith("@"))

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        known = {**inputs, "@account": account.id, "@region": account.region}
        if any(known.get(name) is None for name in _fields(self.pattern)):
            return None
        return self.pattern.format_map(known)


def named(key: str) -> Lookup:
    """Returns a lookup for types whose id is an input."""
    return Composed(f"{{{key}}}")


@dataclass(frozen=True, slots=True)
class Searched:
    """A lookup with a function."""

    search: Callable[[Properties, Account], str | None]
    key: tuple[str, ...]

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        return self.search(inputs, account)


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

    @property
    def key(self) -> tuple[str, ...]:
        asked = (name for pattern in self.asked.values() for name in Composed(pattern).key)
        return tuple(dict.fromkeys([*self.alike.values(), *asked]))

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        asked = {parameter: Composed(pattern)(inputs, account) for parameter, pattern in self.asked.items()}
        for item in account.every(self.service, self.operation, self.items, **asked):
            if self._is(item, inputs):
                return Composed(self.pattern)({**inputs, "@found": item[self.identity]}, account)
        return None

    def _is(self, item: Properties, inputs: Properties) -> bool:
        same = all(item.get(theirs) == inputs.get(ours) for theirs, ours in self.alike.items())
        return same and not any(item.get(theirs) == value for theirs, value in self.unless.items())


def value_of(inputs: Properties, path: str) -> Any:
    """Returns the input at a path of a natural key (``tags.Name``), or None."""
    found: Any = inputs
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def first(identities: Iterator[str]) -> str | None:
    return next(identities, None)


def _fields(pattern: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
