"""How actions start: by calls in the name of the role of the action or of the pipeline, or in a process of their own.

An action that waits is registered under what it waits for: a build, a run of the task runner, or a job of a function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.executors.task_runner import Task
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.action_types import (
    APPROVAL_MINUTES,
    FUNCTION_HOURS,
)
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Artifact, Execution

if TYPE_CHECKING:
    from plinth_sandbox.emulator.executors.runtime import Runtime

SESSION = "CodePipeline"
_SOURCE_SECONDS = 600.0
"""Time limit of a source action. AWS documents one hour; what it copies here is on the same machine."""


class ActionFailedError(Exception):
    """The action fails with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def opener(execution: Execution, runtime: Runtime, action: Action | None = None) -> Callable[[str], Any]:
    """Returns a function that opens clients as the role of an action, or as that of the pipeline."""
    role = str(execution.declaration["roleArn"])
    then = str(action.declaration.get("roleArn", "")) if action else ""
    source = f"arn:aws:codepipeline:{execution.region}:{execution.account}:{execution.pipeline}"

    def client(service: str) -> Any:
        return runtime.client(
            service, role, execution.region, SESSION, opened_by="codepipeline", source_arn=source, then=then
        )

    return client


def session_arn(execution: Execution) -> str:
    """Returns who changes actions unless a person does: the session of the role of the pipeline."""
    name = str(execution.declaration["roleArn"]).rpartition("/")[2]
    return f"arn:aws:sts::{execution.account}:assumed-role/{name}/{SESSION}"


def waits(runtime: Runtime) -> dict[str, tuple[str, str, str, str, str]]:
    """Returns the waiting actions by what they wait for: account, region, pipeline, execution, and action."""
    return runtime.memory.notes("codepipeline-waits")


def wait(action: Action, execution: Execution, runtime: Runtime, event: str) -> None:
    where = (execution.account, execution.region, execution.pipeline, execution.id, action.id)
    waits(runtime)[event] = where


def start(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Starts an action, which is ``InProgress`` afterwards. Raises: ActionFailedError, ClientError."""
    action.inputs = [
        execution.artifacts[input_artifact["name"]] for input_artifact in action.declaration["inputArtifacts"]
    ]
    if action.kind[0] == "Source":
        _start_source(action, execution, runtime)
    elif action.kind[1] == "CodeBuild":
        _start_build(action, execution, runtime)
    elif action.kind[1] == "Lambda":
        _invoke(action, execution, runtime)
    else:
        _ask(action, execution, runtime)


def _outputs(action: Action, execution: Execution) -> list[Artifact]:
    """Returns the places of the output artifacts. Names in the store are cut as CodePipeline cuts them."""
    bucket = store_of(execution)["location"]
    found = []
    for output_artifact in action.declaration["outputArtifacts"]:
        suffix = str(mock_random.uuid4()).replace("-", "")[:7]
        found.append(
            Artifact(
                output_artifact["name"], bucket, f"{execution.pipeline[:20]}/{output_artifact['name'][:10]}/{suffix}"
            )
        )
    return found


def store_of(execution: Execution) -> Mapping[str, Any]:
    stores = execution.declaration.get("artifactStores") or {}
    found: Mapping[str, Any] = execution.declaration.get("artifactStore") or stores[execution.region]
    return found


def _key(execution: Execution) -> str:
    return str(store_of(execution).get("encryptionKey", {}).get("id", ""))


def _start_source(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Reads a source in a process, because a replay of the journal would read what the source contains later."""
    action.outputs = _outputs(action, execution)
    if action.kind[1] == "CodeCommit" and "roleArn" not in action.declaration:
        _require_archive(action, execution)
    overrides = execution.overrides.get(action.name, ())
    run = action.id
    job_input = {
        "provider": action.kind[1],
        "role": execution.declaration["roleArn"],
        "then": action.declaration.get("roleArn", ""),
        "pipeline": f"arn:aws:codepipeline:{execution.region}:{execution.account}:{execution.pipeline}",
        "configuration": dict(action.configuration),
        "overrides": {override["revisionType"]: override["revisionValue"] for override in overrides},
        "bucket": action.outputs[0].bucket,
        "key": action.outputs[0].key,
        "encryption_key": _key(execution),
    }
    wait(action, execution, runtime, f"run {run}")
    runtime.runner.submit(Task("codepipeline", run, execution.account, execution.region, _SOURCE_SECONDS, job_input))


def _require_archive(action: Action, execution: Execution) -> None:
    """Judges the permissions by which CodePipeline reads a repository. No public operation has them."""
    # The module imports several of moto's services.
    from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError, Sender, require

    role, name = str(execution.declaration["roleArn"]), action.configuration["RepositoryName"]
    is_clone = action.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
    needed = ("GetRepository",) if is_clone else ("UploadArchive", "GetUploadArchiveStatus")
    pipeline = f"arn:aws:codepipeline:{execution.region}:{execution.account}:{execution.pipeline}"
    sender = Sender("codepipeline.amazonaws.com", pipeline, execution.account, execution.region, role)
    try:
        for operation in needed:
            arn = f"arn:aws:codecommit:{execution.region}:{execution.account}:{name}"
            require(sender, f"codecommit:{operation}", arn, {})
    except NotDeliveredError as error:
        raise ActionFailedError("PermissionError", str(error)) from error


def _start_build(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Starts a build with the artifacts of the pipeline as its source and result."""
    given = action.configuration
    action.outputs = _outputs(action, execution)
    overrides: dict[str, Any] = {}
    if "EnvironmentVariables" in given:
        overrides["environmentVariablesOverride"] = _environment(given["EnvironmentVariables"])
    if "BuildspecOverride" in given:
        overrides["buildspecOverride"] = given["BuildspecOverride"]
    token = str(mock_random.uuid4())
    primary = given.get("PrimarySource", action.inputs[0].name)
    # StartBuild has no members for the artifacts of a pipeline, so they are passed beside the call.
    runtime.memory.notes("codebuild-pipelines")[token] = {
        "initiator": f"codepipeline/{execution.pipeline}",
        "primary": primary,
        "revision": next(input_.revision for input_ in action.inputs if input_.name == primary),
        "inputs": [{"name": input_.name, "bucket": input_.bucket, "key": input_.key} for input_ in action.inputs],
        "output": next(({"bucket": output.bucket, "key": output.key} for output in action.outputs), None),
        "encryption_key": _key(execution),
    }
    codebuild = opener(execution, runtime, action)("codebuild")
    build = codebuild.start_build(projectName=given["ProjectName"], idempotencyToken=token, **overrides)["build"]
    action.external_id = build["id"]
    action.external_url = (
        f"https://console.aws.amazon.com/codebuild/home?region={execution.region}#/builds/{build['id']}/view/new"
    )
    wait(action, execution, runtime, f"build {build['arn']}")


def _environment(text: str) -> list[dict[str, str]]:
    try:
        given = json.loads(text)
        return [{"type": "PLAINTEXT", **{name: str(value) for name, value in variable.items()}} for variable in given]
    except (ValueError, TypeError, AttributeError) as error:
        message = f"Invalid configuration: EnvironmentVariables is not a JSON array of variables: {error}"
        raise ActionFailedError("ConfigurationError", message) from error


def _ask(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Waits for the decision of a person, and notifies a topic."""
    from plinth_sandbox.emulator.services.codepipeline.executor import approvals

    action.token = str(mock_random.uuid4())
    minutes = int(action.declaration.get("timeoutInMinutes", APPROVAL_MINUTES))
    expires = action.started + timedelta(minutes=minutes)
    action.variables = {}
    if topic := action.configuration.get("NotificationArn"):
        sns = opener(execution, runtime, action)("sns")
        message = approvals.notification(action, execution, expires)
        subject = f"APPROVAL NEEDED: AWS CodePipeline {execution.pipeline} for action {action.name}"[:100]
        sns.publish(TopicArn=topic, Subject=subject, Message=json.dumps(message))
    runtime.deadlines.set(f"approval {action.id}", expires, lambda: approvals.expire(action, execution, runtime))


def _invoke(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Invokes a function, which reports its result with the id of the job."""
    given = action.configuration
    action.external_id = str(mock_random.uuid4())
    data = {
        "actionConfiguration": {"configuration": dict(given)},
        "inputArtifacts": [],
        "outputArtifacts": [],
    }
    job = {"id": action.external_id, "accountId": execution.account, "data": data}
    from plinth_sandbox.emulator.services.codepipeline.executor import approvals

    wait(action, execution, runtime, f"job {action.external_id}")
    expires = action.started + timedelta(hours=FUNCTION_HOURS)
    runtime.deadlines.set(f"job {action.external_id}", expires, lambda: approvals.expire(action, execution, runtime))
    client = opener(execution, runtime, action)("lambda")
    payload = json.dumps({"CodePipeline.job": job}).encode()
    client.invoke(FunctionName=given["FunctionName"], InvocationType="Event", Payload=payload)
