"""The command after each manual approval: records it, and refuses one that does not count."""

from __future__ import annotations

import boto3

from runtime.promotion.decisions.approvals import Decision, approvals
from runtime.promotion.decisions.scans import judge_scans
from runtime.promotion.errors import PromotionError
from runtime.promotion.plan import Plan
from runtime.promotion.records import Records
from runtime.promotion.variables import Variables


def verify(variables: Variables, session: boto3.Session, records: Records, plan: Plan) -> Decision:
    """Records the approval of a stage. Raises PromotionError if it is void, or if a scan has found something since.

    IAM decides who may approve at all, but cannot compare an approver with an author. CodePipeline records who
    approved.
    """
    stage = variables.required("STAGE")
    found = [
        approval
        for approval in approvals(session, variables.pipeline, variables.execution)
        if (approval["stageName"], approval["status"]) == (stage, "Succeeded")
    ]
    if not found:
        raise PromotionError(f"nobody has approved stage {stage} of execution {variables.execution}")
    newest = max(found, key=lambda approval: approval["lastUpdateTime"])
    decision = Decision.of_action(newest, variables, plan)
    decision.record(records, variables.execution)
    if decision.faults:
        raise PromotionError(f"the approval of stage {stage} is void: {'; '.join(decision.faults)}")
    judge_scans(variables, session, plan.contents)
    return decision
