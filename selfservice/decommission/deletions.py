"""The resources that the destruction of a stack deletes, as steps of an approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfservice.errors import RefusedError

_LISTED = 5
_NO_RESOURCES = ("pulumi:pulumi:", "pulumi:providers:")
"""Beginnings of types that the engine alone knows."""


def deletions(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the deletions, sorted: ``delete`` and the URN. Resources that AWS keeps are left out."""
    return sorted({f"delete {resource['urn']}" for resource in resources if _is_deleted(resource)})


def refuse_unapproved(stack: str, resources: Iterable[Mapping[str, Any]], approved: Sequence[str]) -> None:
    """Raises RefusedError if the stack has resources whose deletion nobody approved."""
    found = sorted(set(deletions(resources)) - set(approved))
    if found:
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise RefusedError(
            f"{stack} has resources that nobody approved to delete: {'; '.join(found[:_LISTED])}{more}. Request it "
            "again"
        )


def _is_deleted(resource: Mapping[str, Any]) -> bool:
    return (
        bool(resource.get("custom"))
        and not str(resource["type"]).startswith(_NO_RESOURCES)
        and not resource.get("retainOnDelete")
        and not resource.get("protect")
        and not resource.get("external")
    )
