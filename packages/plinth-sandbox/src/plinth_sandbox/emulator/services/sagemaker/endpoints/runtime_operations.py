"""The operations of SageMaker Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.endpoints import async_invocations, invocations

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "InvokeEndpoint": invocations.invoke,
    "InvokeEndpointAsync": async_invocations.invoke,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores that an asynchronous invocation has ended."""
    runtime.backlog.settle(outcome.run)
