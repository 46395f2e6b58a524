"""The subnets of an account in a region, which moto keeps by zone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def subnets_by_id(backend: Any) -> dict[str, Any]:
    """Returns all subnets of a backend of moto by their ids."""
    return {identifier: subnet for zone in backend.subnets.values() for identifier, subnet in zone.items()}


def subnets_of(backend: Any, identifiers: Iterable[str]) -> list[Any]:
    """Returns the subnets with these ids, in their order, without those that do not exist."""
    known = subnets_by_id(backend)
    return [known[identifier] for identifier in identifiers if identifier in known]
