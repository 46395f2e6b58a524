"""Steps of a preview as texts, and those that nobody approved."""

from __future__ import annotations

from collections.abc import Iterable

from selfservice.operations.operation import Difference

_COVERED = {"create": ("import", "update"), "replace": ("create", "delete", "update")}
"""Steps that an approved one covers: what is left of it after an interruption."""


def steps_of(differences: Iterable[Difference]) -> list[str]:
    """Returns the steps of a preview, sorted: each is the kind of step and the resource."""
    return sorted({f"{difference.step} {difference.urn}" for difference in differences})


def unapproved(differences: Iterable[Difference], approved: Iterable[str]) -> list[str]:
    """Returns the steps of a preview that were not approved, sorted.

    A creation that was interrupted is continued as an update of what it left, and a replacement as its parts.
    """
    allowed = set(approved)
    for step in list(allowed):
        kind, _, urn = step.partition(" ")
        allowed |= {f"{covered} {urn}" for covered in _COVERED.get(kind, ())}
    return sorted(set(steps_of(differences)) - allowed)
