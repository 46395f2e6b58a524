"""Resource options for adopting an existing AWS account or organization by id."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def adoption(
    parent: pulumi.Resource, adopted_id: str | None, *, protect: bool, kept_as_found: Sequence[str] = ()
) -> pulumi.ResourceOptions:
    """Returns the options of a resource that is created, or imported if ``adopted_id`` is set.

    The engine reads an imported resource first and then updates it to match the program, so an adopted account moves to
    its organizational unit in the same deployment. ``kept_as_found`` names the properties that are not updated: AWS
    cannot change them, so a difference would cause a replacement. They are not updated in a created resource either,
    because the command line also imports resources without an id in the settings (decision 38). The id may stay in the
    settings permanently.
    """
    return pulumi.ResourceOptions(
        parent=parent, protect=protect, import_=adopted_id, ignore_changes=list(kept_as_found) or None
    )
