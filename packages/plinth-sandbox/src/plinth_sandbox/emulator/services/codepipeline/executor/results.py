"""The results of actions: what a source contained, how a build ended, and what a function reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codepipeline.executor import actions
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.codepipeline.executor.orchestrator import advance, fail, succeed
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import Pipeline, find


def _take(event: str, runtime: Runtime) -> tuple[Pipeline, Execution, Action] | None:
    """Returns the action that waits for an event. It waits no more."""
    where = actions.waits(runtime).pop(event, None)
    if where is None:
        return None
    account, region, name, execution_id, action_id = where
    record = find(runtime.memory, account, region, name)
    if record is None or execution_id not in record.values["pipeline"].executions:
        return None
    pipeline: Pipeline = record.values["pipeline"]
    execution = pipeline.executions[execution_id]
    action = next(candidate for candidate in execution.actions if candidate.id == action_id)
    return (pipeline, execution, action) if action.status == "InProgress" else None


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Ends a source action with what its process left."""
    found = _take(f"run {outcome.run}", runtime)
    if found is None:
        return
    pipeline, execution, action = found
    left = outcome.left
    if outcome.state == "SUCCEEDED":
        action.variables, action.summary = left["variables"], left["summary"]
        artifact = action.outputs[0]
        artifact.revision, artifact.summary = left["revision"], left["summary"]
        artifact.created = datetime.fromtimestamp(left["created"], UTC)
        action.external_id = left["revision"]
        succeed(action, execution, runtime)
    else:
        code, _, message = outcome.message.partition(": ")
        fail(action, execution, runtime, code, message or f"The source was not read: {outcome.state}")
    advance(pipeline, runtime)


def build_ended(arn: str, runtime: Runtime) -> None:
    """Ends the action that waits for a build, with the variables that the build exports."""
    found = _take(f"build {arn}", runtime)
    if found is None:
        return
    pipeline, execution, action = found
    try:
        client = actions.opener(execution, runtime, action)("codebuild")
        build = client.batch_get_builds(ids=[action.external_id])["builds"][0]
    except ClientError as error:
        fail(action, execution, runtime, "PermissionError", str(error))
    else:
        action.variables = {variable["name"]: variable["value"] for variable in build["exportedEnvironmentVariables"]}
        if build["buildStatus"] == "SUCCEEDED":
            succeed(action, execution, runtime)
        else:
            fail(action, execution, runtime, "JobFailed", _reason(build))
    advance(pipeline, runtime)


def _reason(build: Mapping[str, Any]) -> str:
    failed = [phase for phase in build["phases"] if phase.get("phaseStatus", "SUCCEEDED") != "SUCCEEDED"]
    contexts = [context["message"] for phase in failed for context in phase.get("contexts", [])]
    return f"Build terminated with state: {build['buildStatus']}. {' '.join(contexts)}".strip()


def _put_job_result(exchange: Exchange, runtime: Runtime) -> Answer:
    """Ends the action that waits for a function."""
    given = exchange.call.parameters
    if given.get("continuationToken"):
        raise AwsError("NotImplementedBySandbox", "The sandbox does not continue jobs of functions.")
    found = _take(f"job {given['jobId']}", runtime)
    if found is None:
        raise AwsError("JobNotFoundException", f"The job {given['jobId']} does not exist or has ended.")
    pipeline, execution, action = found
    runtime.deadlines.cancel(f"job {given['jobId']}")
    details = given.get("failureDetails")
    if details:
        fail(action, execution, runtime, str(details["type"]), str(details["message"]))
    else:
        action.variables = dict(given.get("outputVariables", {}))
        action.summary = str(given.get("executionDetails", {}).get("summary", ""))
        succeed(action, execution, runtime)
    advance(pipeline, runtime)
    return exchange.call.reply({})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "PutJobFailureResult": _put_job_result,
    "PutJobSuccessResult": _put_job_result,
}
