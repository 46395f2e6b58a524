"""Taking over what exists already, by its identifier."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def adoption(
    parent: pulumi.Resource, adopted_id: str | None, *, protect: bool, kept_as_found: Sequence[str] = ()
) -> pulumi.ResourceOptions:
    """Options of a resource that is created, or imported where an identifier is given.

    The engine first reads what it imports and then brings it to what the program says, so an adopted account moves to
    its unit in the same deployment. ``kept_as_found`` names the properties that are not brought into line: those that
    AWS cannot change, where a difference would mean a replacement. The identifier may stay in the settings for ever.
    """
    if adopted_id is None:
        return pulumi.ResourceOptions(parent=parent, protect=protect)
    return pulumi.ResourceOptions(
        parent=parent, protect=protect, import_=adopted_id, ignore_changes=list(kept_as_found) or None
    )
