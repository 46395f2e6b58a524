"""Mutation testing of guardrails and boundaries: for each Deny statement, finds a cell that fails without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iam_evaluator.evaluation import Layer, decide
from iam_evaluator.mutation import Removal
from iam_evaluator.policy_document import Policy
from tests.access.cell_results import CellResult
from tests.access.world.landing import RESOURCE_CONTROL, SERVICE_CONTROL
from tests.access.world.world import World

CONTROL: dict[str, Layer] = {
    SERVICE_CONTROL: "service control policy",
    RESOURCE_CONTROL: "resource control policy",
}


def removals(world: World) -> list[Removal]:
    """Returns every Deny statement of the provisioned guardrails and boundaries, each once for all policies with it."""
    found = {
        Removal(layer, statement.sid)
        for layer, policy in _limits(world)
        for statement in policy.statements
        if statement.effect == "Deny"
    }
    return sorted(found, key=str)


def _limits(world: World) -> Iterator[tuple[Layer, Policy]]:
    for attached in world.landing.attached.values():
        yield from ((CONTROL[type_], policy) for type_, policies in attached.items() for policy in policies)
    for role in world.roles.values():
        yield from (("permissions boundary", policy) for policy in role.principal.boundary or ())


def first_to_fail(removal: Removal, results: Iterable[CellResult]) -> CellResult | None:
    """Returns a cell that should be denied and is allowed without the statement, or None. Only cells that the statement
    denied can change.
    """
    return next((result for result in results if _opens(removal, result)), None)


def _opens(removal: Removal, result: CellResult) -> bool:
    return result.cell.expected == "denied" and any(
        decide(removal.applied_to(attempt.request)).allowed
        for attempt in result.attempts
        if removal.is_among(attempt.decision.denials) and not attempt.decision.missing_allows
    )
