"""Decisions about manual approvals, as CodePipeline knows them and as they are recorded for good (PROM-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import boto3

from runtime.promotion.decisions.people import faults_of_approval, user_of
from runtime.promotion.plan import Plan
from runtime.promotion.records import Records, decision_of, plan_of
from runtime.promotion.variables import Variables
from settings.data.promotion_layout import approval_of


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision about a stage."""

    stage: str
    answer: Literal["approved", "rejected", "expired"]
    approver: str
    """User name of the session that decided; empty if nobody did."""
    approver_arn: str
    at: str
    comment: str
    version: int
    commit: str
    faults: tuple[str, ...]
    """Why an approval is void; empty if it counts."""

    @classmethod
    def of_action(cls, action: Mapping[str, Any], variables: Variables, plan: Plan) -> Decision:
        """Returns the decision of an action that has ended."""
        stage, answer = str(action["stageName"]), _answer(action)
        arn = "" if answer == "expired" else str(action.get("updatedBy", ""))
        faults = faults_of_approval(user_of(arn), variables.approvers.get(stage, ()), plan.involved)
        result = action.get("output", {}).get("executionResult", {})
        return cls(
            stage=stage,
            answer=answer,
            approver=user_of(arn),
            approver_arn=arn,
            at=action["lastUpdateTime"].isoformat(),
            comment=str(result.get("externalExecutionSummary", "")),
            version=plan.version,
            commit=plan.commit,
            faults=tuple(faults) if answer == "approved" else (),
        )

    def record(self, records: Records, execution: str) -> None:
        """Records the decision. Another decision about the stage, after a retry, gets a record of its own."""
        records.keep(decision_of(execution, self.stage), asdict(self))


def approvals(session: boto3.Session, pipeline: str, execution: str = "") -> Iterator[dict[str, Any]]:
    """Yields the manual approvals of a pipeline, or of one execution, that have ended or wait. The newest is first."""
    only = {"filter": {"pipelineExecutionId": execution}} if execution else {}
    pages = (
        session.client("codepipeline").get_paginator("list_action_executions").paginate(pipelineName=pipeline, **only)
    )
    for page in pages:
        yield from (
            execution_detail
            for execution_detail in page["actionExecutionDetails"]
            if execution_detail["actionName"] == approval_of(execution_detail["stageName"])
        )


def record_refusals(variables: Variables, session: boto3.Session, records: Records) -> None:
    """Records the rejections and the expired approvals of earlier executions.

    No action of an execution runs after them. CodePipeline forgets executions after twelve months.
    """
    for action in approvals(session, variables.pipeline):
        execution = str(action["pipelineExecutionId"])
        if action["status"] == "Failed" and (found := records.read(plan_of(execution))):
            Decision.of_action(action, variables, Plan.of_record(found)).record(records, execution)


def _answer(action: Mapping[str, Any]) -> Literal["approved", "rejected", "expired"]:
    if action["status"] == "Succeeded":
        return "approved"
    error = action.get("output", {}).get("executionResult", {}).get("errorDetails", {})
    return "expired" if "timed out" in error.get("message", "") else "rejected"
