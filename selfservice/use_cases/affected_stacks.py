"""The stacks that a new use case changes, besides its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

EXTENDED_BY_FIRST = ("tooling", "governance")
"""Stacks that get resources of deliveries with the first use case: the artifact bucket, and endpoints for builds."""


def environments_of(stacks: Iterable[str], team: str) -> list[str]:
    """Returns the stacks of the team's environments, in the given order. Their buckets accept keys of the use cases in
    the settings only."""
    from settings.derived.stack_graph import StackIdentity

    found = [(stack, StackIdentity.parse(stack)) for stack in stacks]
    return [stack for stack, identity in found if identity.is_environment and identity.team == team]


def datasets_that_admit(foundation: Foundation, team: str, use_case: str) -> list[str]:
    """Returns the stacks of datasets that take results of the use case. Their drop points name its pipeline roles."""
    from settings.derived.sharing import result_writing_roles
    from settings.derived.stack_graph import StackIdentity

    owner = foundation.teams[team]
    kept = {name: settings for name, settings in owner.use_cases.items() if name != use_case}
    without = owner.model_copy(update={"use_cases": kept})
    return [
        StackIdentity("dataset", dataset=name).name
        for name, dataset in foundation.datasets.items()
        for environment in dataset.returned_by.get(team, ())
        if result_writing_roles(owner, environment) != result_writing_roles(without, environment)
    ]
