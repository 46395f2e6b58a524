"""The operations of SageMaker that executors perform."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.sagemaker import executions, jobs, orchestrator
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {**jobs.OPERATIONS, **executions.OPERATIONS}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the outcome of a job and continues the pipeline executions that waited for it."""
    jobs.record_outcome(outcome, runtime)
    orchestrator.job_ended(outcome.account, outcome.region, outcome.run, runtime)
