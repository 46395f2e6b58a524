"""Reads a resource's properties in three states: known, unknown until deployed, absent.

A preview cannot know every value. A rule therefore asks for shape before value: what is absent is judged
at once, what is unknown passes the preview and is judged when the deployment knows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Unknown(Enum):
    """The state of a value that only the deployment will know."""

    UNKNOWN = "unknown until deployed"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Properties:
    """A tree of properties, read by path. Absent is None, as null is to the engine."""

    tree: Mapping[str, object] = field(default_factory=dict)

    def value(self, *path: str) -> object:
        """What stands at the path: a plain value, UNKNOWN when it or a parent is unknown, None when absent."""
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
        """A provider's own properties are text, so ``"true"`` is a flag too."""
        value = self.value(*path)
        return value if value is None or isinstance(value, bool | Unknown) else str(value).lower() == "true"

    def number(self, *path: str) -> float | Unknown | None:
        """Every number crosses the wire as floating point."""
        value = self.value(*path)
        return value if value is None or isinstance(value, Unknown) else float(str(value))

    def items(self, *path: str) -> Sequence[object] | Unknown | None:
        """The length of a list may be known although its items are not: those are UNKNOWN."""
        value = self.value(*path)
        return value if value is None or isinstance(value, Unknown | list) else [value]

    def blocks(self, *path: str) -> Sequence[Properties]:
        """The known blocks of a list (or the one block) of nested properties."""
        items = self.items(*path)
        if items is None or isinstance(items, Unknown):
            return []
        return [Properties(item) for item in items if isinstance(item, Mapping)]

    def may_hold_more(self, *path: str) -> bool:
        """Whether the list, or an item of it, is unknown: then what it lacks now it may hold on `up`."""
        items = self.items(*path)
        return isinstance(items, Unknown) or (items is not None and UNKNOWN in items)

    def json(self, *path: str) -> object:
        """The value of a property that may hold JSON text, as a provider's own properties do."""
        value = self.value(*path)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value


def lacks(value: object) -> bool:
    """Whether a value is absent or empty for certain: an unknown one is not."""
    return value in (None, "", [], {})


def is_no_key_of_ours(key: object) -> bool:
    """Whether a key is absent, or one that AWS keeps for the account."""
    return lacks(key) or (isinstance(key, str) and "alias/aws/" in key)
