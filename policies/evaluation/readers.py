"""Reads a resource's properties, each of which is known, unknown until deployment, or absent.

A preview does not know every value. A missing property is a violation at once. An unknown property passes the preview
and is checked during the update, when its value is known.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Unknown(Enum):
    """Marker for a value that is unknown until deployment."""

    UNKNOWN = "unknown until deployed"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Properties:
    """A tree of properties, read by path. An absent property is None, because the engine treats null as absent."""

    tree: Mapping[str, object] = field(default_factory=dict)

    def value(self, *path: str) -> object:
        """Returns the value at a path, UNKNOWN if it or a parent is unknown, or None if it is absent."""
        node: object = self.tree
        for step in path:
            if not isinstance(node, Mapping):
                return UNKNOWN if node is UNKNOWN else None
            node = node.get(step)
        return node

    def text(self, *path: str) -> str | Unknown | None:
        value = self.value(*path)
        return value if value is None or isinstance(value, Unknown) else str(value)

    def flag(self, *path: str) -> bool | Unknown | None:
        """Returns a boolean. The text ``"true"`` counts too, because properties of a provider are text."""
        value = self.value(*path)
        return value if value is None or isinstance(value, bool | Unknown) else str(value).lower() == "true"

    def number(self, *path: str) -> float | Unknown | None:
        """Returns a number as a float, because the engine sends every number as floating point."""
        value = self.value(*path)
        return value if value is None or isinstance(value, Unknown) else float(str(value))

    def items(self, *path: str) -> Sequence[object] | Unknown | None:
        """Returns the items of a list, or a single value as a list. Items of a known list may be UNKNOWN."""
        value = self.value(*path)
        return value if value is None or isinstance(value, Unknown | list) else [value]

    def blocks(self, *path: str) -> Sequence[Properties]:
        """Returns the known blocks of a list of nested properties, or of a single block."""
        items = self.items(*path)
        if items is None or isinstance(items, Unknown):
            return []
        return [Properties(item) for item in items if isinstance(item, Mapping)]

    def may_have_more(self, *path: str) -> bool:
        """Whether the list or one of its items is unknown, so that it may contain more items during the update."""
        items = self.items(*path)
        return isinstance(items, Unknown) or (items is not None and UNKNOWN in items)

    def json(self, *path: str) -> object:
        """Returns the value of a property that may be JSON text, as properties of a provider are."""
        value = self.value(*path)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value


def set_options(provider: Properties, harmless: Collection[str], unused: Collection[object]) -> Iterator[str]:
    """Yields the options of a provider that are not harmless. An unused or unknown value sets none, and names with two
    underscores belong to the engine."""
    for option, value in provider.tree.items():
        if option not in harmless and not option.startswith("__") and value not in (*unused, UNKNOWN):
            yield option


def is_missing(value: object) -> bool:
    """Whether a value is absent or empty. An unknown value is neither."""
    return value in (None, "", [], {})


def is_not_customer_managed(key: object) -> bool:
    """Whether a key is absent or an AWS managed key."""
    return is_missing(key) or (isinstance(key, str) and "alias/aws/" in key)
