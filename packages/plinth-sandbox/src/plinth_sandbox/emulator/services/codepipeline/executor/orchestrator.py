"""Advances executions of pipelines: when they start, when what an action waits for ends, and when a person decides.

An execution occupies nothing while it waits. Whatever advances it is a call in the journal, so a replay advances it in
the same way. An execution waits before each stage until the stage is free, but in the mode PARALLEL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.codepipeline.executor import actions, rollbacks
from plinth_sandbox.emulator.services.codepipeline.executor.conditions import failed_rules
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.references import UnresolvedError, resolved
from plinth_sandbox.emulator.services.codepipeline.executor.events import (
    action_changed,
    execution_changed,
    stage_changed,
)
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import Pipeline


def advance(pipeline: Pipeline, runtime: Runtime) -> None:
    """Starts what may start, until everything waits or has ended. Executions that started first go first."""
    while any(_step(execution, pipeline, runtime) for execution in list(pipeline.executions.values())):
        pass


def _step(execution: Execution, pipeline: Pipeline, runtime: Runtime) -> bool:
    """Moves an execution on if it can. Returns whether something changed."""
    if not execution.is_running:
        return False
    if not execution.has_entered:
        return _enter(execution, pipeline, runtime)
    running = execution.in_stage(execution.stage_name)
    if any(action.status == "InProgress" for action in running):
        return False
    if any(action.status != "Succeeded" for action in running):
        _fail_stage(execution, pipeline, runtime)
        return True
    if execution.status == "Stopping":
        _end_stopped(execution, runtime)
        return True
    if waiting := _next_actions(execution, running):
        for declaration in waiting:
            _start(execution, declaration, runtime)
        return True
    return _leave(execution, pipeline, runtime)


def _next_actions(execution: Execution, running: list[Action]) -> list[Mapping[str, Any]]:
    """Returns the actions with the next run order."""
    begun = {action.name for action in running}
    waiting = [action for action in execution.stage["actions"] if action["name"] not in begun]
    first = min((action["runOrder"] for action in waiting), default=0)
    return [action for action in waiting if action["runOrder"] == first]


def waiting_for(pipeline: Pipeline, stage: str) -> list[Execution]:
    """Returns the executions that wait before a stage, in the order in which they enter it."""
    found = [
        execution for execution in pipeline.executions.values() if execution.is_running and not execution.has_entered
    ]
    return [execution for execution in found if execution.stage_name == stage]


def inside(pipeline: Pipeline, stage: str) -> Iterator[Execution]:
    for execution in pipeline.executions.values():
        if execution.is_running and execution.has_entered and execution.stage_name == stage:
            yield execution


def _enter(execution: Execution, pipeline: Pipeline, runtime: Runtime) -> bool:
    stage = execution.stage_name
    if execution.status == "Stopping":
        _end_stopped(execution, runtime)
        return True
    if execution.mode == "SUPERSEDED":
        waiting = waiting_for(pipeline, stage)
        if waiting[-1] is not execution:
            _end(execution, "Superseded", runtime)
            return True
    if stage in pipeline.disabled and execution.mode != "PARALLEL":
        return False
    is_locked = execution.mode != "PARALLEL" and any(inside(pipeline, stage))
    if is_locked or (execution.mode == "QUEUED" and waiting_for(pipeline, stage)[0] is not execution):
        return False
    execution.has_entered = True
    _set_stage(execution, "InProgress", runtime)
    conditions = list(execution.stage.get("beforeEntry", {}).get("conditions", []))
    for result, reason in failed_rules(conditions, execution, runtime, actions.opener(execution, runtime)):
        execution.summary = f"Condition before the stage {stage}: {reason}"
        if result == "SKIP":
            _set_stage(execution, "Skipped", runtime)
            _go_on(execution, runtime)
        else:
            _fail(execution, runtime)
        return True
    return True


def _leave(execution: Execution, pipeline: Pipeline, runtime: Runtime) -> bool:
    conditions = list(execution.stage.get("onSuccess", {}).get("conditions", []))
    for result, reason in failed_rules(conditions, execution, runtime, actions.opener(execution, runtime)):
        execution.summary = f"Condition after the stage {execution.stage_name}: {reason}"
        _fail(execution, runtime)
        if result == "ROLLBACK":
            rollbacks.roll_back_automatically(pipeline, execution, runtime)
        return True
    _set_stage(execution, "Succeeded", runtime)
    _go_on(execution, runtime)
    return True


def _go_on(execution: Execution, runtime: Runtime) -> None:
    if execution.is_last_stage:
        _end(execution, "Succeeded", runtime)
    else:
        execution.stage_index += 1
        execution.has_entered = False


def _fail_stage(execution: Execution, pipeline: Pipeline, runtime: Runtime) -> None:
    """Ends an execution whose stage has failed, retries the stage, or rolls it back."""
    if execution.status == "Stopping":
        _end_stopped(execution, runtime)
        return
    handling = execution.stage.get("onFailure", {})
    stage = execution.stage_name
    if handling.get("result") == "RETRY" and "autoStageRetryAttempt" not in execution.retries.get(stage, {}):
        mode = handling.get("retryConfiguration", {}).get("retryMode", "FAILED_ACTIONS")
        execution.retries[stage] = {"autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}
        forget_actions(execution, stage, mode)
        stage_changed(execution, stage, "RESUMED")
        return
    _fail(execution, runtime)
    if handling.get("result") == "ROLLBACK":
        rollbacks.roll_back_automatically(pipeline, execution, runtime)
        return
    for _, reason in failed_rules(
        list(handling.get("conditions", [])), execution, runtime, actions.opener(execution, runtime)
    ):
        execution.summary = f"Condition after the failure of the stage {stage}: {reason}"
        rollbacks.roll_back_automatically(pipeline, execution, runtime)
        return


def forget_actions(execution: Execution, stage: str, mode: str) -> None:
    """Lets the failed actions of a stage, or all, run again."""
    for action in execution.in_stage(stage):
        if mode == "ALL_ACTIONS" or action.status != "Succeeded":
            action.is_retried = True


def resume(execution: Execution, pipeline: Pipeline, runtime: Runtime) -> None:
    """Continues a failed or stopped execution in the stage in which it ended."""
    execution.status, execution.summary, execution.stop_reason = "InProgress", "", None
    execution.attempts += 1
    execution.updated = runtime.clock.now()
    execution.stage_statuses[execution.stage_name] = "InProgress"
    execution_changed(execution, "RESUMED")
    stage_changed(execution, execution.stage_name, "RESUMED")
    advance(pipeline, runtime)


def _fail(execution: Execution, runtime: Runtime) -> None:
    _set_stage(execution, "Failed", runtime)
    _end(execution, "Failed", runtime)


def _end_stopped(execution: Execution, runtime: Runtime) -> None:
    if execution.has_entered:
        _set_stage(execution, "Stopped", runtime)
    _end(execution, "Stopped", runtime)


def _end(execution: Execution, status: str, runtime: Runtime) -> None:
    execution.status, execution.updated = status, runtime.clock.now()
    execution_changed(execution)


def _set_stage(execution: Execution, status: str, runtime: Runtime) -> None:
    execution.stage_statuses[execution.stage_name] = status
    execution.updated = runtime.clock.now()
    stage_changed(execution, execution.stage_name)


def stop(execution: Execution, pipeline: Pipeline, runtime: Runtime, *, abandon: bool) -> None:
    """Stops an execution after its running actions, or at once. Abandoned actions go on without anybody who waits."""
    execution.status, execution.updated = "Stopping", runtime.clock.now()
    execution_changed(execution)
    if execution.has_entered:
        execution.stage_statuses[execution.stage_name] = "Stopping"
    if abandon:
        for action in execution.in_stage(execution.stage_name):
            if action.status == "InProgress":
                action.status, action.updated, action.token = "Abandoned", runtime.clock.now(), ""
                action_changed(execution, action)
    advance(pipeline, runtime)


def _start(execution: Execution, declaration: Mapping[str, Any], runtime: Runtime) -> None:
    now = runtime.clock.now()
    action = Action(
        str(mock_random.uuid4()), execution.stage_name, declaration, now, now, actions.session_arn(execution)
    )
    execution.actions.append(action)
    execution.updated = now
    action_changed(execution, action)
    try:
        action.configuration = resolved(declaration["configuration"], execution.known_variables())
        actions.start(action, execution, runtime)
    except UnresolvedError as error:
        fail(action, execution, runtime, "InvalidVariable", str(error))
    except actions.ActionFailedError as error:
        fail(action, execution, runtime, error.code, str(error))
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        is_denied = "AccessDenied" in code or "NotAuthorized" in code
        fail(action, execution, runtime, "PermissionError" if is_denied else "ConfigurationError", str(error))
    except (BotoCoreError, AwsError) as error:
        fail(action, execution, runtime, "ConfigurationError", str(error))


def succeed(action: Action, execution: Execution, runtime: Runtime) -> None:
    """Ends an action. Its variables and artifacts serve later actions."""
    action.status, action.updated = "Succeeded", runtime.clock.now()
    for artifact in action.outputs:
        execution.artifacts[artifact.name] = artifact
    if namespace := action.declaration.get("namespace"):
        execution.namespaces[str(namespace)] = dict(action.variables)
    action_changed(execution, action)


def fail(action: Action, execution: Execution, runtime: Runtime, code: str, message: str) -> None:
    action.status, action.updated = "Failed", runtime.clock.now()
    action.error_code, action.error_message = code, message[:5000]
    action.token = ""
    action_changed(execution, action)
