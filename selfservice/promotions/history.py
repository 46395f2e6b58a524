"""Reads executions of a promotion pipeline from CodePipeline and from the records in the artifact bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from runtime.promotion.decisions.people import Person, user_of
from runtime.promotion.records import decision_of, failure_of, plan_of
from runtime.promotion.review import compared
from selfservice.promotions.place import PromotionPlace
from selfservice.promotions.promotion import Approval, Promotion, ServedState, StageRun
from settings.data.promotion_layout import BUSINESS, STAGES, TARGET, approval_of
from settings.types.kinds import RELEASED_TO

MOST = 20
"""Number of the newest executions that are read. Each takes a few calls."""
_ROLLBACK = "ROLLBACK"
Action = Mapping[str, Any]


def promotions_of(place: PromotionPlace, most: int = MOST) -> list[Promotion]:
    """Returns the newest executions of the pipeline, the newest first."""
    found = place.account.every(
        "codepipeline", "list_pipeline_executions", "pipelineExecutionSummaries", pipelineName=place.pipeline
    )
    history = _History(place)
    return [history.promotion(summary) for summary in islice(found, most)]


def runs_of(place: PromotionPlace, execution: str) -> list[Action]:
    """Returns the runs of the actions of an execution, in the order of their start. A retried action has several."""
    found = place.account.every(
        "codepipeline",
        "list_action_executions",
        "actionExecutionDetails",
        pipelineName=place.pipeline,
        filter={"pipelineExecutionId": execution},
    )
    return sorted(found, key=lambda action: action["startTime"])


def served_states(place: PromotionPlace) -> list[ServedState]:
    """Returns the last robust state of each environment that has one."""
    records = {environment: place.records.served(environment) for environment in RELEASED_TO}
    return [ServedState.of_record(name, record) for name, record in records.items() if record is not None]


@dataclass
class _History:
    """Reads one pipeline. The state of the pipeline is read once, for the tokens of pending approvals."""

    place: PromotionPlace
    _tokens: dict[tuple[str, str], str] | None = field(default=None, init=False)

    def promotion(self, summary: Mapping[str, Any]) -> Promotion:
        execution = str(summary["pipelineExecutionId"])
        target = summary.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId")
        plan = self.place.records.read(plan_of(target or execution)) or {}
        actions = self._last_runs(execution)
        return Promotion(
            use_case=self.place.names.prefix,
            execution=execution,
            status=str(summary["status"]),
            started=_time(summary["startTime"]),
            started_by=_started_by(summary.get("trigger", {})),
            is_rollback=summary.get("executionType") == _ROLLBACK,
            plan=plan.get("execution"),
            version=plan.get("version"),
            commit=plan.get("commit"),
            metrics=compared(plan.get("metrics", {}), plan.get("deployed")),
            involved=tuple(map(Person.of_record, plan.get("involved", ()))),
            target=self._variable(execution, TARGET),
            reason=summary.get("stopTrigger", {}).get("reason") or summary.get("statusSummary"),
            stages=tuple(self._stages(summary, actions)),
        )

    def _last_runs(self, execution: str) -> list[Action]:
        """Returns the last run of each action of an execution, in the order of their first start."""
        return list({(run["stageName"], run["actionName"]): run for run in runs_of(self.place, execution)}.values())

    def _variable(self, execution: str, name: str) -> str | None:
        """Returns the value of a variable of the pipeline in an execution."""
        client = self.place.account.client("codepipeline")
        found = client.get_pipeline_execution(pipelineName=self.place.pipeline, pipelineExecutionId=execution)
        listed = found["pipelineExecution"].get("variables", [])
        return next((str(variable["resolvedValue"]) for variable in listed if variable["name"] == name), None)

    def _stages(self, summary: Mapping[str, Any], actions: Sequence[Action]) -> list[StageRun]:
        execution = str(summary["pipelineExecutionId"])
        entered = {stage: [action for action in actions if action["stageName"] == stage] for stage in STAGES}
        stages = [self._stage(execution, stage, ran) for stage, ran in entered.items() if ran]
        if summary["status"] == "Succeeded" and summary.get("executionType") != _ROLLBACK:
            # An execution that succeeded has entered all stages but those that a condition skips.
            skipped = (stage for stage, ran in entered.items() if not ran and self._has(stage))
            stages += [StageRun(stage=stage, status="Skipped") for stage in skipped]
        return stages

    def _has(self, stage: str) -> bool:
        """Returns whether the pipeline has a stage. The business does not approve promotions of every use case."""
        return stage != BUSINESS or stage in self.place.approvers

    def _stage(self, execution: str, stage: str, ran: Sequence[Action]) -> StageRun:
        failed = next((action for action in ran if action["status"] != "Succeeded"), None)
        approve = next((action for action in ran if action["actionName"] == approval_of(stage)), None)
        approval = self._approval(execution, stage, approve) if approve else None
        status = "Succeeded" if failed is None else str(failed["status"])
        details: dict[str, Any] = {}
        if failed is not None and failed is not approve:
            details = {"action": failed["actionName"]}
            if status == "Failed":
                details |= self._failure(execution, stage, failed)
        ended = None if status == "InProgress" else _time(max(action["lastUpdateTime"] for action in ran))
        return StageRun(stage=stage, status=status, ended=ended, approval=approval, **details)

    def _failure(self, execution: str, stage: str, failed: Action) -> dict[str, Any]:
        """Returns the reason that the action recorded, or what CodePipeline says if it could not record one."""
        record = self.place.records.newest(failure_of(execution, stage)) or {}
        said = failed.get("output", {}).get("executionResult", {}).get("errorDetails", {}).get("message")
        return {
            "reason": record.get("reason") or said or failed["status"],
            "alarms": tuple(record.get("alarms", ())),
        }

    def _approval(self, execution: str, stage: str, action: Action) -> Approval:
        if action["status"] == "InProgress":
            return Approval(answer="pending", token=self._token(stage, execution))
        result = action.get("output", {}).get("executionResult", {})
        comment = result.get("externalExecutionSummary")
        if action["status"] != "Succeeded" and result.get("errorDetails", {}).get("code") and not comment:
            return Approval(answer="expired", at=_time(action["lastUpdateTime"]))
        record = self.place.records.newest(decision_of(execution, stage)) or {}
        return Approval(
            answer="approved" if action["status"] == "Succeeded" else "rejected",
            by=user_of(str(action.get("updatedBy", ""))),
            at=_time(action["lastUpdateTime"]),
            comment=comment,
            void=tuple(record.get("faults", ())),
        )

    def _token(self, stage: str, execution: str) -> str | None:
        if self._tokens is None:
            state = self.place.account.client("codepipeline").get_pipeline_state(name=self.place.pipeline)
            self._tokens = {
                (stage_state["stageName"], stage_state.get("latestExecution", {}).get("pipelineExecutionId", "")): token
                for stage_state in state["stageStates"]
                for action in stage_state["actionStates"]
                if (token := action.get("latestExecution", {}).get("token"))
            }
        return self._tokens.get((stage, execution))


def _started_by(trigger: Mapping[str, str]) -> str:
    """Returns who or what started an execution (CodePipeline API Reference, ExecutionTrigger)."""
    kind, detail = trigger.get("triggerType", ""), trigger.get("triggerDetail", "")
    if kind == "AutomatedRollback":
        return f"failure of {detail}"
    if kind in ("CloudWatchEvent", "Webhook"):
        return f"rule {user_of(detail)}"
    return user_of(detail) or kind or "unknown"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
