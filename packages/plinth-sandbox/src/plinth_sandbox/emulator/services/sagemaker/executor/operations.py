"""The operations of SageMaker that executors perform."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.endpoints import deployments
from plinth_sandbox.emulator.services.sagemaker.endpoints import operations as endpoints
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import NOUN
from plinth_sandbox.emulator.services.sagemaker.executor import (
    executions,
    jobs,
    orchestrator,
    shared_registry,
    transforms,
    tuning,
)

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **jobs.OPERATIONS,
    **transforms.OPERATIONS,
    **tuning.OPERATIONS,
    **executions.OPERATIONS,
    **shared_registry.OPERATIONS,
    **endpoints.OPERATIONS,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the outcome of a job, or of the start of a variant, and continues what waited for it."""
    if outcome.run.split(".")[2] == NOUN:
        deployments.hear(outcome, runtime)
        return
    account, region = outcome.account, outcome.region
    jobs.record_outcome(outcome, runtime)
    for run in (outcome.run, *tuning.ended_by(account, region, outcome.run, runtime)):
        orchestrator.job_ended(account, region, run, runtime)
