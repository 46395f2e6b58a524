"""Events of pipelines, stages and actions.

Source: CodePipeline User Guide, "Monitoring CodePipeline events" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.events.executor import outbox

_STATES = {"InProgress": "STARTED", "Cancelled": "CANCELED"}
"""State in events by status, if it is not the status in capital letters."""


def execution_changed(execution: Execution, state: str = "") -> None:
    """Publishes the status of an execution, or that it was resumed."""
    detail: dict[str, Any] = {
        **_common(execution),
        "state": state or _state(execution.status),
        "execution-trigger": {
            "trigger-type": execution.trigger["triggerType"],
            "trigger-detail": execution.trigger["triggerDetail"],
        },
    }
    if execution.stop_reason is not None:
        detail["stop-execution-comments"] = execution.stop_reason
    _publish(execution, "Pipeline", detail)


def stage_changed(execution: Execution, stage: str, state: str = "") -> None:
    found = state or _state(execution.stage_statuses[stage])
    _publish(execution, "Stage", {**_common(execution), "stage": stage, "state": found})


def action_changed(execution: Execution, action: Action) -> None:
    result: dict[str, str] = {}
    if action.external_id:
        result |= {"external-execution-id": action.external_id}
    if action.summary:
        result |= {"external-execution-summary": action.summary}
    if action.error_code:
        result |= {"error-code": action.error_code}
    type_id = action.declaration["actionTypeId"]
    detail = {
        **_common(execution),
        "stage": action.stage,
        "action": action.name,
        "action-execution-id": action.id,
        "state": _state(action.status),
        "region": execution.region,
        "type": {name: type_id[name] for name in ("owner", "provider", "category", "version")},
        **({"execution-result": result} if result else {}),
        **({"input-artifacts": [_artifact(input_) for input_ in action.inputs]} if action.inputs else {}),
        **({"output-artifacts": [_artifact(output) for output in action.outputs]} if action.outputs else {}),
    }
    _publish(execution, "Action", detail)


def _artifact(artifact: Any) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}


def _state(status: str) -> str:
    return _STATES.get(status, status.upper())


def _common(execution: Execution) -> dict[str, Any]:
    return {
        "pipeline": execution.pipeline,
        "execution-id": execution.id,
        "start-time": f"{execution.started:%Y-%m-%dT%H:%M:%S.}{execution.started.microsecond // 1000:03d}Z",
        "version": float(execution.declaration["version"]),
        "pipeline-execution-attempt": float(execution.attempts),
    }


def _publish(execution: Execution, what: str, detail: Mapping[str, Any]) -> None:
    arn = f"arn:aws:codepipeline:{execution.region}:{execution.account}:{execution.pipeline}"
    kind = f"CodePipeline {what} Execution State Change"
    outbox.publish(execution.account, execution.region, "aws.codepipeline", kind, detail, resources=[arn])
