"""The operations of CodePipeline that the sandbox performs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codepipeline.executor import approvals, executions, pipelines, results, states
from plinth_sandbox.emulator.services.codepipeline.executor.results import record_outcome

__all__ = ["OPERATIONS", "record_outcome"]

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **pipelines.OPERATIONS,
    **executions.OPERATIONS,
    **states.OPERATIONS,
    **approvals.OPERATIONS,
    **results.OPERATIONS,
}
