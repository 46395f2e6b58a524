"""The operations that start, stop, retry and roll back executions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.references import caller
from plinth_sandbox.emulator.services.codepipeline.executor import rollbacks
from plinth_sandbox.emulator.services.codepipeline.executor.events import execution_changed
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Execution
from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import (
    advance,
    forget_actions,
    inside,
    resume,
    stop,
)
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import Pipeline, pipeline_of
from plinth_sandbox.emulator.services.events.executor.targets import TRIGGER_HEADER

MOST_RUNNING = 50
"""Executions that run or wait in the modes QUEUED and PARALLEL (User Guide, "Quotas in AWS CodePipeline")."""
_REVISIONS = {"CodeCommit": ("COMMIT_ID",), "S3": ("S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY")}
"""Types of revisions by provider of a source action."""


def begin(pipeline: Pipeline, request: Mapping[str, Any], trigger: Mapping[str, str], runtime: Runtime) -> Execution:
    """Adds an execution, as ``request`` of StartPipelineExecution says. The caller advances it. Raises: AwsError."""
    now, declaration = runtime.clock.now(), pipeline.declaration
    overrides: dict[str, list[Mapping[str, str]]] = {}
    for source_revision in request.get("sourceRevisions", []):
        _check_override(source_revision, declaration)
        overrides.setdefault(source_revision["actionName"], []).append(source_revision)
    running = [earlier for earlier in pipeline.executions.values() if earlier.is_running]
    if declaration["executionMode"] != "SUPERSEDED" and len(running) >= MOST_RUNNING:
        message = f"The pipeline has reached the limit of {MOST_RUNNING} concurrent executions"
        raise AwsError("ConcurrentPipelineExecutionsLimitExceededException", message)
    execution = Execution(
        id=str(mock_random.uuid4()),
        pipeline=pipeline.name,
        account=pipeline.account,
        region=pipeline.region,
        declaration=declaration,
        trigger=trigger,
        started=now,
        updated=now,
        variables=_variables(declaration, request.get("variables", [])),
        overrides=overrides,
    )
    pipeline.executions[execution.id] = execution
    execution_changed(execution)
    return execution


def _variables(declaration: Mapping[str, Any], given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Returns the values of the variables of a pipeline. Refuses unknown and missing ones."""
    declared = {str(variable["name"]): variable for variable in declaration.get("variables", [])}
    asked = {variable["name"]: variable["value"] for variable in given}
    if unknown := sorted(asked.keys() - declared.keys()):
        message = f"The following variables are not declared in the pipeline: {', '.join(unknown)}"
        raise AwsError("ValidationException", message)
    found = {name: asked.get(name, variable.get("defaultValue")) for name, variable in declared.items()}
    if missing := sorted(name for name, value in found.items() if value is None):
        message = f"Values must be provided for variables without default values: {', '.join(missing)}"
        raise AwsError("ValidationException", message)
    return {name: str(value) for name, value in found.items()}


def _check_override(given: Mapping[str, str], declaration: Mapping[str, Any]) -> None:
    sources = {str(source["name"]): source for source in declaration["stages"][0]["actions"]}
    action = sources.get(given["actionName"])
    if action is None:
        raise AwsError("ValidationException", f"The pipeline has no source action with name {given['actionName']}")
    kinds = _REVISIONS[action["actionTypeId"]["provider"]]
    if given["revisionType"] not in kinds:
        message = f"The source action {given['actionName']} has revisions of type {' and '.join(kinds)}"
        raise AwsError("ValidationException", message)
    may_override = action["configuration"].get("AllowOverrideForS3ObjectKey", "false").lower() == "true"
    if given["revisionType"] == "S3_OBJECT_KEY" and not may_override:
        message = f"The source action {given['actionName']} does not allow to override its object key"
        raise AwsError("ValidationException", message)


def _start(exchange: Exchange, runtime: Runtime) -> Answer:
    """Starts an execution, once for each token."""
    call = exchange.call
    pipeline = pipeline_of(exchange.memory, call.account, call.region, str(call.parameters["name"]))
    token = call.parameters.get("clientRequestToken", "")
    if token not in pipeline.tokens:
        execution = begin(pipeline, call.parameters, _trigger(call), runtime)
        if token:
            pipeline.tokens[token] = execution.id
        advance(pipeline, runtime)
        return call.reply({"pipelineExecutionId": execution.id})
    return call.reply({"pipelineExecutionId": pipeline.tokens[token]})


def _trigger(call: Call) -> dict[str, str]:
    """Returns who started an execution: an event rule, or the caller."""
    if rule := call.request.header(TRIGGER_HEADER):
        return {"triggerType": "CloudWatchEvent", "triggerDetail": rule}
    return {
        "triggerType": "StartPipelineExecution",
        "triggerDetail": caller(call.account, call.region, call.access_key),
    }


def _named(exchange: Exchange, member: str = "pipelineExecutionId") -> tuple[Pipeline, Execution]:
    call = exchange.call
    pipeline = pipeline_of(exchange.memory, call.account, call.region, str(call.parameters["pipelineName"]))
    identifier = call.parameters[member]
    if identifier not in pipeline.executions:
        message = f"Pipeline '{pipeline.name}' does not have an execution with id {identifier}"
        raise AwsError("PipelineExecutionNotFoundException", message)
    return pipeline, pipeline.executions[identifier]


def _stop(exchange: Exchange, runtime: Runtime) -> Answer:
    given = exchange.call.parameters
    try:
        pipeline, execution = _named(exchange)
    except AwsError as error:
        if error.code != "PipelineExecutionNotFoundException":
            raise
        raise AwsError("PipelineExecutionNotStoppableException", str(error)) from error
    abandon = bool(given.get("abandon", False))
    if not execution.is_running:
        message = f"The execution {execution.id} is in the status {execution.status} and cannot be stopped"
        raise AwsError("PipelineExecutionNotStoppableException", message)
    if execution.status == "Stopping" and not abandon:
        raise AwsError("DuplicatedStopRequestException", f"The execution {execution.id} is already stopping")
    execution.stop_reason = given.get("reason", "")
    stop(execution, pipeline, runtime, abandon=abandon)
    return exchange.call.reply({"pipelineExecutionId": execution.id})


def _stage_of(pipeline: Pipeline, name: str) -> Mapping[str, Any]:
    for stage in pipeline.declaration["stages"]:
        if stage["name"] == name:
            found: Mapping[str, Any] = stage
            return found
    raise AwsError("StageNotFoundException", f"Pipeline '{pipeline.name}' does not have stage {name}")


def _retry(exchange: Exchange, runtime: Runtime) -> Answer:
    """Runs the failed actions of the stage in which an execution ended again, or all."""
    call, given = exchange.call, exchange.call.parameters
    pipeline, execution = _named(exchange)
    stage = str(given["stageName"])
    _stage_of(pipeline, stage)
    if execution.status not in ("Failed", "Stopped") or execution.stage_name != stage:
        message = f"Stage {stage} of the execution {execution.id} did not fail and cannot be retried"
        raise AwsError("StageNotRetryableException", message)
    others = list(pipeline.executions.values())
    later = others[others.index(execution) + 1 :]
    if execution.mode != "PARALLEL" and any(stage in other.stage_statuses for other in later):
        message = f"A later execution than {execution.id} has entered the stage {stage}"
        raise AwsError("NotLatestPipelineExecutionException", message)
    forget_actions(execution, stage, str(given["retryMode"]))
    attempts = execution.retries.get(stage, {}).get("manualStageRetryAttempt", 0) + 1
    execution.retries.setdefault(stage, {})["manualStageRetryAttempt"] = attempts
    execution.retries[stage]["latestRetryTrigger"] = "ManualStageRetry"
    resume(execution, pipeline, runtime)
    return call.reply({"pipelineExecutionId": execution.id})


def _roll_back(exchange: Exchange, runtime: Runtime) -> Answer:
    """Starts an execution that runs a stage as an earlier execution did."""
    call, given = exchange.call, exchange.call.parameters
    pipeline, target = _named(exchange, "targetPipelineExecutionId")
    stage = str(given["stageName"])
    declared = _stage_of(pipeline, stage)
    if declared is pipeline.declaration["stages"][0]:
        raise AwsError("UnableToRollbackStageException", f"Stage {stage} has source actions and cannot be rolled back")
    if target.declaration is not pipeline.declaration:
        message = f"The structure of the pipeline has changed since the execution {target.id}"
        raise AwsError("PipelineExecutionOutdatedException", message)
    is_possible = rollbacks.may_be_target(target, stage) and pipeline.declaration["executionMode"] != "PARALLEL"
    if not is_possible or any(inside(pipeline, stage)):
        message = f"Stage {stage} cannot be rolled back to the execution {target.id}"
        raise AwsError("UnableToRollbackStageException", message)
    trigger = {"triggerType": "ManualRollback", "triggerDetail": caller(call.account, call.region, call.access_key)}
    execution = rollbacks.start_rollback(pipeline, target, stage, runtime, trigger)
    advance(pipeline, runtime)
    return call.reply({"pipelineExecutionId": execution.id})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "RetryStageExecution": _retry,
    "RollbackStage": _roll_back,
    "StartPipelineExecution": _start,
    "StopPipelineExecution": _stop,
}
