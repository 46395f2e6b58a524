"""EC2's tag specifications, with which a creating call tags what it creates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEMBER = "TagSpecifications"
"""Member of a creating call of EC2."""


def tag_specifications(kind: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Returns the argument that tags a created resource of this kind (`vpc-endpoint`). No tags need no argument."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {MEMBER: [{"ResourceType": kind, "Tags": listed}]} if listed else {}
