"""The type of preconditions, and what several services check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from plinth_sandbox.emulator.call import Call

Check = Callable[[Call], None]
"""Raises AwsError if AWS would refuse the call."""

Checks = Mapping[tuple[str, str], Check]
"""Checks by service and operation."""


def has_reserved_tag(tags: Iterable[Mapping[str, str]]) -> bool:
    """Returns whether a key begins with the prefix that AWS reserves ("Tagging AWS Resources User Guide")."""
    return any(tag["Key"].lower().startswith("aws:") for tag in tags)
