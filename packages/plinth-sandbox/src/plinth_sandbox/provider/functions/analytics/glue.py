"""Glue connections, whose properties AWS requires even for network connections, which need none."""

from __future__ import annotations

from typing import Any


def with_properties(request: dict[str, Any]) -> dict[str, Any]:
    """Adds empty properties, as the vendor's provider does."""
    request["ConnectionInput"].setdefault("ConnectionProperties", {})
    return request
