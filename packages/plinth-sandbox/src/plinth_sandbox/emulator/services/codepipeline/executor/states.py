"""The operations that read executions: the state of a pipeline, its history, and the history of its actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import waiting_for
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import Pipeline, pipeline_of


def _pipeline(exchange: Exchange, member: str = "pipelineName") -> Pipeline:
    call = exchange.call
    return pipeline_of(exchange.memory, call.account, call.region, str(call.parameters[member]))


def _get_state(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    pipeline = _pipeline(exchange, "name")
    return exchange.call.reply(
        {
            "pipelineName": pipeline.name,
            "pipelineVersion": max(pipeline.versions),
            "stageStates": [_stage_state(pipeline, stage) for stage in pipeline.declaration["stages"]],
            "created": pipeline.created,
            "updated": pipeline.updated,
        }
    )


def _stage_state(pipeline: Pipeline, stage: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what happens in a stage: the execution that entered it last, and those that wait before it."""
    name = str(stage["name"])
    entered = [execution for execution in pipeline.executions.values() if name in execution.stage_statuses]
    waiting = [
        {"pipelineExecutionId": execution.id, "status": "InProgress", "type": execution.kind}
        for execution in waiting_for(pipeline, name)
    ]
    found: dict[str, Any] = {
        "stageName": name,
        "inboundTransitionState": pipeline.disabled.get(name, {"enabled": True}),
        "inboundExecutions": waiting,
        **({"inboundExecution": waiting[-1]} if waiting else {}),
    }
    # A rollback or a retry may enter a stage after an execution that started later.
    latest = max(entered, key=lambda execution: _entry(execution, name), default=None)
    if latest is not None:
        status = latest.stage_statuses[name]
        found["latestExecution"] = {"pipelineExecutionId": latest.id, "status": status, "type": latest.kind}
        if name in latest.retries:
            found["retryStageMetadata"] = latest.retries[name]
    actions = {action.name: action for action in (latest.in_stage(name) if latest else [])}
    found["actionStates"] = [_action_state(str(action["name"]), actions) for action in stage["actions"]]
    return found


def _entry(execution: Execution, stage: str) -> Any:
    return max((action.started for action in execution.actions if action.stage == stage), default=execution.updated)


def _action_state(name: str, actions: Mapping[str, Action]) -> dict[str, Any]:
    action = actions.get(name)
    if action is None:
        return {"actionName": name}
    latest: dict[str, Any] = {
        "actionExecutionId": action.id,
        "status": action.status,
        "lastStatusChange": action.updated,
        "lastUpdatedBy": action.updated_by,
        **_result(action),
    }
    if action.summary:
        latest["summary"] = action.summary
    if action.token and action.status == "InProgress":
        latest["token"] = action.token
    found: dict[str, Any] = {"actionName": name, "latestExecution": latest}
    revisions = [output for output in action.outputs if output.revision]
    if action.kind[0] == "Source" and revisions:
        artifact = revisions[0]
        found["currentRevision"] = {
            "revisionId": artifact.revision,
            "revisionChangeId": artifact.revision[:100],
            "created": artifact.created,
        }
    return found


def _result(action: Action) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if action.external_id:
        found["externalExecutionId"] = action.external_id
    if action.external_url:
        found["externalExecutionUrl"] = action.external_url
    if action.error_code:
        found["errorDetails"] = {"code": action.error_code, "message": action.error_message}
    return found


def _execution(exchange: Exchange) -> Execution:
    pipeline, identifier = _pipeline(exchange), exchange.call.parameters["pipelineExecutionId"]
    if identifier not in pipeline.executions:
        message = f"Pipeline '{pipeline.name}' does not have an execution with id {identifier}"
        raise AwsError("PipelineExecutionNotFoundException", message)
    return pipeline.executions[identifier]


def _get_execution(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    execution = _execution(exchange)
    revisions = [
        {
            "name": artifact.name,
            "revisionId": artifact.revision,
            "revisionChangeIdentifier": artifact.revision[:100],
            "created": artifact.created,
            **({"revisionSummary": artifact.summary[:2048]} if artifact.summary else {}),
        }
        for artifact in execution.artifacts.values()
        if artifact.revision
    ]
    return exchange.call.reply(
        {
            "pipelineExecution": {
                "pipelineName": execution.pipeline,
                "pipelineVersion": execution.declaration["version"],
                "pipelineExecutionId": execution.id,
                "status": execution.status,
                "artifactRevisions": revisions,
                "variables": [{"name": name, "resolvedValue": value} for name, value in execution.variables.items()],
                **_described(execution),
            }
        }
    )


def _described(execution: Execution) -> dict[str, Any]:
    found: dict[str, Any] = {
        "trigger": dict(execution.trigger),
        "executionMode": execution.mode,
        "executionType": execution.kind,
    }
    if execution.summary:
        found["statusSummary"] = execution.summary
    if execution.rollback_target:
        found["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": execution.rollback_target}
    return found


def _list_executions(exchange: Exchange, runtime: Runtime) -> Answer:
    """Returns executions, the last one first."""
    del runtime
    given = exchange.call.parameters
    found = list(_pipeline(exchange).executions.values())[::-1]
    if stage := given.get("filter", {}).get("succeededInStage", {}).get("stageName"):
        found = [execution for execution in found if execution.stage_statuses.get(stage) == "Succeeded"]
    summaries = [
        {
            "pipelineExecutionId": execution.id,
            "status": execution.status,
            "startTime": execution.started,
            "lastUpdateTime": execution.updated,
            "sourceRevisions": [
                {"actionName": action.name, "revisionId": artifact.revision, "revisionSummary": artifact.summary[:2048]}
                for action in execution.actions
                for artifact in action.outputs
                if artifact.revision
            ],
            **({} if execution.stop_reason is None else {"stopTrigger": {"reason": execution.stop_reason}}),
            **_described(execution),
        }
        for execution in found
    ]
    items, further = page(summaries, given, 100, token="nextToken", limit="maxResults")
    return exchange.call.reply({"pipelineExecutionSummaries": items, **further})


def _list_actions(exchange: Exchange, runtime: Runtime) -> Answer:
    """Returns the runs of actions, the last one first."""
    del runtime
    given, pipeline = exchange.call.parameters, _pipeline(exchange)
    chosen = given.get("filter", {})
    latest = chosen.get("latestInPipelineExecution", {})
    wanted = chosen.get("pipelineExecutionId") or latest.get("pipelineExecutionId")
    if wanted is not None and wanted not in pipeline.executions:
        message = f"Pipeline '{pipeline.name}' does not have an execution with id {wanted}"
        raise AwsError("PipelineExecutionNotFoundException", message)
    pairs = [
        (execution, action)
        for execution in pipeline.executions.values()
        for action in execution.actions
        if wanted in (None, execution.id) and not (latest and action.is_retried)
    ]
    details = [_detail(*pair) for pair in sorted(pairs, key=lambda pair: pair[1].started)[::-1]]
    items, further = page(details, given, 100, token="nextToken", limit="maxResults")
    return exchange.call.reply({"actionExecutionDetails": items, **further})


def _detail(execution: Execution, action: Action) -> dict[str, Any]:
    declared = action.declaration
    details = {"configuration": declared["configuration"], "resolvedConfiguration": dict(action.configuration)}
    optional = {name: declared[name] for name in ("roleArn", "namespace") if name in declared}
    result = _result(action)
    if action.summary:
        result["externalExecutionSummary"] = action.summary
    return {
        "pipelineExecutionId": execution.id,
        "actionExecutionId": action.id,
        "pipelineVersion": execution.declaration["version"],
        "stageName": action.stage,
        "actionName": action.name,
        "startTime": action.started,
        "lastUpdateTime": action.updated,
        "updatedBy": action.updated_by,
        "status": action.status,
        "input": {
            "actionTypeId": declared["actionTypeId"],
            "region": execution.region,
            "inputArtifacts": [input_.described() for input_ in action.inputs],
            **details,
            **optional,
        },
        "output": {
            "outputArtifacts": [output.described() for output in action.outputs],
            "executionResult": result,
            "outputVariables": dict(action.variables),
        },
    }


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetPipelineExecution": _get_execution,
    "GetPipelineState": _get_state,
    "ListActionExecutions": _list_actions,
    "ListPipelineExecutions": _list_executions,
}
