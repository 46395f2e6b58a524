"""The people who signed a release off, for the policies (SM-12)."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.promotion.plan import Plan
from runtime.promotion.records import Records, decision_of
from settings.data.promotion_layout import APPROVALS, IN_REGISTRY, PROPOSED


def sign_offs(plan: Plan, records: Records) -> dict[str, str]:
    """Returns the people who approved what a plan deploys, by decision: in the registry, and in each stage.

    Only approvals count that were recorded for this version and commit and are not void. In a rollback, they are those
    of the earlier execution.
    """
    return dict(_sign_offs(plan, records))


def _sign_offs(plan: Plan, records: Records) -> Iterator[tuple[str, str]]:
    for person in plan.involved:
        if person.part == PROPOSED:
            yield IN_REGISTRY, person.names[0]
    for stage in APPROVALS:
        decision = records.newest(decision_of(plan.execution, stage)) or {}
        about = (decision.get("version"), decision.get("commit"))
        if decision.get("answer") == "approved" and not decision["faults"] and about == (plan.version, plan.commit):
            yield stage, decision["approver"]
