"""Ways to look for what a resource became in AWS: by what names it, or by going through a listing."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from selfservice.engine.account_access import Account

Properties = Mapping[str, Any]
Lookup = Callable[[Properties, Account], str | None]
"""From the inputs of a resource and the account that it lands in to the provider's id of it."""


def named(key: str) -> Lookup:
    """The id is a property given by the program; the refresh that follows drops it if there is no such thing."""
    return lambda inputs, _: inputs.get(key)


@dataclass(frozen=True, slots=True)
class Composed:
    """An id made of properties, and of ``@account`` and ``@region`` where it is; dropped like a named one."""

    pattern: str

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        known = {**inputs, "@account": account.id, "@region": account.region}
        parts = [key for _, key, _, _ in string.Formatter().parse(self.pattern) if key is not None]
        return None if any(known.get(key) is None for key in parts) else self.pattern.format_map(known)


@dataclass(frozen=True, slots=True)
class Listed:
    """The first item of a listing that is the resource."""

    service: str
    operation: str
    items: str
    """Where the answer keeps them."""
    identity: str
    """Where an item says its id."""
    alike: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What an item says -> our property that says the same."""
    asked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Parameter of the listing -> what it is given, a pattern as in :class:`Composed`."""
    unless: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What an item says that is another's, or on its way out."""
    pattern: str = "{@found}"
    """The provider's id, from properties and from ``@found``."""

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
