"""Approvals: the notification, the decision of a person, and its time limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.references import caller
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import find, pipeline_of


def notification(action: Action, execution: Execution, expires: datetime) -> dict[str, Any]:
    """Returns the message to a topic (User Guide, "JSON data format for manual approval notifications")."""
    base = f"https://console.aws.amazon.com/codepipeline/home?region={execution.region}#/view/{execution.pipeline}"
    place = f"{quote(action.stage)}/{quote(action.name)}"
    optional = {"externalEntityLink": "ExternalEntityLink", "customData": "CustomData"}
    return {
        "region": execution.region,
        "consoleLink": base,
        "approval": {
            "pipelineName": execution.pipeline,
            "stageName": action.stage,
            "actionName": action.name,
            "token": action.token,
            "expires": f"{expires:%Y-%m-%dT%H:%MZ}",
            "approvalReviewLink": f"{base}/{place}/approve/{action.token}",
            **{name: action.configuration[key] for name, key in optional.items() if key in action.configuration},
        },
    }


def expire(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Fails an action that nobody has ended in time: an approval, or a function without a result."""
    from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import advance, fail

    record = find(runtime.memory, execution.account, execution.region, execution.pipeline)
    if action.status != "InProgress" or record is None:
        return
    fail(action, execution, runtime, "JobFailed", f"The action {action.name} has timed out.")
    advance(record.values["pipeline"], runtime)


def _put_result(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    pipeline = pipeline_of(exchange.memory, call.account, call.region, str(given["pipelineName"]))
    stage = next(
        (candidate for candidate in pipeline.declaration["stages"] if candidate["name"] == given["stageName"]), None
    )
    if stage is None:
        raise AwsError("StageNotFoundException", f"Pipeline '{pipeline.name}' does not have stage {given['stageName']}")
    declared = [candidate for candidate in stage["actions"] if candidate["name"] == given["actionName"]]
    if not declared or declared[0]["actionTypeId"]["category"] != "Approval":
        message = f"Stage '{given['stageName']}' does not have an approval action named {given['actionName']}"
        raise AwsError("ActionNotFoundException", message)
    asked = [
        (execution, action)
        for execution in pipeline.executions.values()
        for action in execution.actions
        if (action.stage, action.name) == (given["stageName"], given["actionName"])
    ]
    answered = runtime.memory.notes("codepipeline-approvals", pipeline.arn)
    if given["token"] in answered:
        raise AwsError(
            "ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected."
        )
    waiting = [pair for pair in asked if pair[1].status == "InProgress" and pair[1].token == given["token"]]
    if not waiting:
        raise AwsError("InvalidApprovalTokenException", "The approval request token is not valid.")
    execution, action = waiting[0]
    answered[given["token"]] = action.id
    runtime.deadlines.cancel(f"approval {action.id}")
    _decide(exchange, execution, action, runtime)
    return call.reply({"approvedAt": action.updated})


def _decide(exchange: Exchange, execution: Execution, action: Action, runtime: Runtime) -> None:
    """Ends an approval. Who decided is the caller, as in ``updatedBy`` of the action."""
    from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import advance, fail, succeed

    call = exchange.call
    result = call.parameters["result"]
    action.updated_by = caller(call.account, call.region, call.access_key)
    action.summary, action.token = str(result["summary"]), ""
    if result["status"] == "Approved":
        succeed(action, execution, runtime)
    else:
        fail(action, execution, runtime, "", "")
    advance(pipeline_of(exchange.memory, call.account, call.region, execution.pipeline), runtime)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"PutApprovalResult": _put_result}
