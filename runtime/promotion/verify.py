"""The command after each manual approval: records it, and refuses one that does not count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import boto3

from runtime.promotion.errors import PromotionError
from runtime.promotion.people import faults_of_approval, user_of
from runtime.promotion.plan import Plan
from runtime.promotion.records import Records, decision_of
from runtime.promotion.variables import Variables
from settings.data.promotion_layout import APPROVAL


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An approval, as it is recorded for good (PROM-10)."""

    stage: str
    approver: str
    """User name of the session that approved."""
    approver_arn: str
    at: str
    comment: str
    version: int
    commit: str
    faults: tuple[str, ...]
    """Why the approval is void; empty if it counts."""


def verify(variables: Variables, session: boto3.Session, records: Records, plan: Plan) -> Decision:
    """Records the approval of a stage. Raises PromotionError if it is void.

    IAM decides who may approve at all, but cannot compare an approver with an author. CodePipeline records who
    approved.
    """
    stage = variables.required("STAGE")
    action = _approval(variables, session, stage)
    arn = str(action.get("updatedBy", ""))
    result = action.get("output", {}).get("executionResult", {})
    decision = Decision(
        stage=stage,
        approver=user_of(arn),
        approver_arn=arn,
        at=action["lastUpdateTime"].isoformat(),
        comment=str(result.get("externalExecutionSummary", "")),
        version=plan.version,
        commit=plan.commit,
        faults=tuple(faults_of_approval(user_of(arn), variables.approvers.get(stage, ()), plan.involved)),
    )
    records.write(decision_of(variables.execution, stage), asdict(decision))
    if decision.faults:
        raise PromotionError(f"the approval of stage {stage} is void: {'; '.join(decision.faults)}")
    return decision


def _approval(variables: Variables, session: boto3.Session, stage: str) -> dict[str, Any]:
    """Returns the newest approval of the stage in this execution."""
    pages = (
        session.client("codepipeline")
        .get_paginator("list_action_executions")
        .paginate(pipelineName=variables.pipeline, filter={"pipelineExecutionId": variables.execution})
    )
    found: list[dict[str, Any]] = [
        one
        for page in pages
        for one in page["actionExecutionDetails"]
        if (one["stageName"], one["actionName"], one["status"]) == (stage, APPROVAL, "Succeeded")
    ]
    if not found:
        raise PromotionError(f"nobody has approved stage {stage} of execution {variables.execution}")
    return max(found, key=lambda one: one["lastUpdateTime"])
