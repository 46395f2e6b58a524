"""The stacks that a new use case changes, besides its own."""

from __future__ import annotations

from collections.abc import Iterable

EXTENDED_BY_FIRST = ("tooling", "governance")
"""Stacks that get resources of deliveries with the first use case: the artifact bucket, and endpoints for builds."""


def environments_of(stacks: Iterable[str], team: str) -> list[str]:
    """Returns the stacks of the team's environments, in the given order. Their buckets accept keys of the use cases in
    the settings only."""
    from settings.derived.stack_graph import StackIdentity

    found = [(stack, StackIdentity.parse(stack)) for stack in stacks]
    return [stack for stack, identity in found if identity.is_environment and identity.team == team]
