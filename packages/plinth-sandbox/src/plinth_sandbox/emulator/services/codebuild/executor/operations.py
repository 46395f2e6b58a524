"""The operations of CodeBuild that the sandbox performs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codebuild.executor import builds, projects, reports, webhooks
from plinth_sandbox.emulator.services.codepipeline.executor import results

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **projects.OPERATIONS,
    **builds.OPERATIONS,
    **reports.OPERATIONS,
    **webhooks.OPERATIONS,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the outcome of a build and continues the pipeline that waited for it."""
    arn = builds.record_outcome(outcome, runtime)
    if arn is not None:
        results.build_ended(arn, runtime)
