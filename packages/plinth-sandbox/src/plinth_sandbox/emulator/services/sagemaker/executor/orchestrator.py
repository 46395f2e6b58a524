"""Advances pipeline executions: when they start, when a job ends, and when a client reports a callback.

An execution occupies nothing while it waits. Whatever advances it is a call in the journal, so a replay advances it in
the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.sagemaker.executor.events import execution_changed, step_changed
from plinth_sandbox.emulator.services.sagemaker.executor.execution import WAITING, Execution, Step
from plinth_sandbox.emulator.services.sagemaker.executor.jobs import TUNING, find, job_of, stop
from plinth_sandbox.emulator.services.sagemaker.executor.references import UnresolvedError
from plinth_sandbox.emulator.services.sagemaker.executor.steps import StepFailedError, start
from plinth_sandbox.emulator.services.sagemaker.executor.tuning import stop_tuning
from plinth_sandbox.emulator.store.record import now

STEPS_FAILED = "Step failure: One or multiple steps failed."
"""Reason of a failed execution. Each step has its own reason."""


def executions(memory: Memory, account: str, region: str) -> dict[str, Any]:
    """Returns the executions of a region by ARN."""
    return memory.notes("sagemaker-executions", account, region)


def advance(execution: Execution, runtime: Runtime) -> None:
    """Starts what may start, until everything waits or the execution has ended."""
    while ready := execution.ready():
        for step in ready:
            _start(step, execution, runtime)
    if execution.running() or execution.status not in ("Executing", "Stopping"):
        return
    statuses = {step.status for step in execution.steps.values()}
    if execution.status == "Stopping":
        _change(execution, "Stopped")
    elif "Failed" in statuses or "Stopped" in statuses:
        execution.failure = STEPS_FAILED
        _change(execution, "Failed")
    else:
        _change(execution, "Succeeded")


def _start(step: Step, execution: Execution, runtime: Runtime) -> None:
    step.started = now()
    try:
        start(step, execution, runtime)
    except StepFailedError as failure:
        _fail(step, str(failure))
    except (ClientError, BotoCoreError, UnresolvedError) as error:
        _fail(step, f"ClientError: {error}")
    if step.status == "Succeeded":
        step.ended = now()
    execution.changed = now()
    step_changed(step, execution, "Starting")


def _fail(step: Step, reason: str) -> None:
    step.status, step.failure, step.ended = "Failed", reason, now()


def _change(execution: Execution, status: str) -> None:
    previous, execution.status, execution.changed = execution.status, status, now()
    execution_changed(execution, previous)


def job_ended(account: str, region: str, run: str, runtime: Runtime) -> None:
    """Continues the execution that waited for a job."""
    for execution in executions(runtime.memory, account, region).values():
        for step in execution.running():
            if step.run == run:
                _end_job(step, execution, run, runtime)
                advance(execution, runtime)


def _end_job(step: Step, execution: Execution, run: str, runtime: Runtime) -> None:
    kind, name = job_of(run)
    record = find(kind, execution.account, execution.region, name, runtime)
    assert record is not None
    previous, status, step.ended = step.status, record.values[kind.status], now()
    if status == "Completed":
        step.status = "Succeeded"
    elif execution.status == "Stopping":
        step.status = "Stopped"
    else:
        _fail(step, f"ClientError: {record.values.get('FailureReason') or f'{kind.noun} {name} is {status}'}")
    step_changed(step, execution, previous)


def call_back(
    execution: Execution, step: Step, runtime: Runtime, *, outputs: Mapping[str, Any] | None, reason: str
) -> None:
    """Ends a Callback step, with outputs or with the reason of its failure."""
    previous = step.status
    if outputs is None:
        _fail(step, reason)
    else:
        step.status, step.ended = "Succeeded", now()
        step.properties = {"OutputParameters": dict(outputs)}
        step.metadata["Callback"]["OutputParameters"] = [
            {"Name": name, "Value": value} for name, value in outputs.items()
        ]
    step_changed(step, execution, previous)
    advance(execution, runtime)


def stop_execution(execution: Execution, runtime: Runtime) -> None:
    """Stops the running jobs. Steps that have not started do not start."""
    _change(execution, "Stopping")
    for step in execution.running():
        previous = step.status
        if step.run:
            kind, name = job_of(step.run)
            step.status = "Stopping"
            if kind is TUNING:
                stop_tuning(execution.account, execution.region, name, runtime)
            else:
                stop(kind, execution.account, execution.region, name, runtime)
        else:
            step.status, step.ended = "Stopped", now()
        step_changed(step, execution, previous)
    advance(execution, runtime)


def retry(execution: Execution, runtime: Runtime) -> None:
    """Starts the failed and stopped steps again. Steps that succeeded keep their results."""
    for step in execution.steps.values():
        if step.status in ("Failed", "Stopped"):
            step.status, step.failure, step.started, step.ended = WAITING, "", None, None
            step.run = step.token = ""
            step.metadata = {}
    execution.failure = ""
    _change(execution, "Executing")
    advance(execution, runtime)
