"""The operations of SageMaker that executors perform."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.sagemaker import executions, jobs, orchestrator, shared_registry, tuning
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **jobs.OPERATIONS,
    **tuning.OPERATIONS,
    **executions.OPERATIONS,
    **shared_registry.OPERATIONS,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the outcome of a job and continues the tuning jobs and pipeline executions that waited for it."""
    account, region = outcome.account, outcome.region
    jobs.record_outcome(outcome, runtime)
    for run in (outcome.run, *tuning.ended_by(account, region, outcome.run, runtime)):
        orchestrator.job_ended(account, region, run, runtime)
