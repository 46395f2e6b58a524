"""Connections of Glue, whose properties AWS wants to hear of even where a network needs none."""

from __future__ import annotations

from typing import Any


def with_properties(request: dict[str, Any]) -> dict[str, Any]:
    """What the vendor's provider sends of a connection without properties, name included."""
    request["ConnectionInput"].setdefault("ConnectionProperties", {})
    return request
