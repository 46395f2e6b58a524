"""Events about jobs, pipeline executions and their steps.

Source: SageMaker Developer Guide, "Amazon SageMaker AI events that EventBridge can monitor" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.sagemaker.executor.execution import Execution, Step
from plinth_sandbox.emulator.store.record import Record

SOURCE = "aws.sagemaker"
_PIPELINE = "SageMaker Model Building Pipeline Execution"


def job_changed(noun: str, record: Record) -> None:
    """Publishes the status of a job, with the members that describe it. Times are milliseconds."""
    values = {name: value for name, value in record.values.items() if name != "Tags"}
    detail = {f"{noun}Arn": record.arn, "CreationTime": record.created, **values, "Tags": record.tags}
    detail_type = f"SageMaker {noun.removesuffix('Job')} Job State Change"
    place = record.place
    outbox.publish(place.account, place.region, SOURCE, detail_type, milliseconds(detail), resources=[record.arn])


def milliseconds(value: Any) -> Any:
    """Returns a value with its times in milliseconds since the epoch."""
    if isinstance(value, datetime):
        return round(value.replace(tzinfo=UTC).timestamp() * 1000)
    if isinstance(value, Mapping):
        return {name: milliseconds(item) for name, item in value.items()}
    return [milliseconds(item) for item in value] if isinstance(value, list) else value


def execution_changed(execution: Execution, previous: str | None) -> None:
    detail: dict[str, Any] = {
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
        "pipelineExecutionDisplayName": execution.request.get(
            "PipelineExecutionDisplayName", f"execution-{execution.id}"
        ),
        "pipelineExecutionDescription": execution.request.get("PipelineExecutionDescription", ""),
        "currentPipelineExecutionStatus": execution.status,
        "executionStartTime": _text(execution.started),
    }
    if previous is not None:
        detail["previousPipelineExecutionStatus"] = previous
    if execution.status in ("Failed", "Stopped", "Succeeded"):
        detail["executionEndTime"] = _text(execution.changed)
    _publish(execution, f"{_PIPELINE} Status Change", detail)


def step_changed(step: Step, execution: Execution, previous: str) -> None:
    detail: dict[str, Any] = {
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
        "stepName": step.name,
        "stepType": step.kind,
        "currentStepStatus": step.status,
        "previousStepStatus": previous,
        "stepStartTime": _text(step.started),
        "metadata": _lower(step.metadata),
    }
    if step.ended:
        detail["stepEndTime"] = _text(step.ended)
    if step.failure:
        detail["failureReason"] = step.failure
    _publish(execution, f"{_PIPELINE} Step Status Change", detail)


def _publish(execution: Execution, detail_type: str, detail: Mapping[str, Any]) -> None:
    resources = [execution.pipeline_arn, execution.arn]
    outbox.publish(execution.account, execution.region, SOURCE, detail_type, detail, resources=resources)


def _text(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _lower(value: Any) -> Any:
    """Returns metadata with the names of events, which begin with a small letter."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _lower(item) for name, item in value.items()}
    return value
