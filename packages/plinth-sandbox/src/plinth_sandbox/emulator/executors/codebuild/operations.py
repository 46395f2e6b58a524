"""The operations of CodeBuild that the sandbox performs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.codebuild import builds, projects, reports, webhooks
from plinth_sandbox.emulator.executors.codebuild.builds import record_outcome
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange

__all__ = ["OPERATIONS", "record_outcome"]

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **projects.OPERATIONS,
    **builds.OPERATIONS,
    **reports.OPERATIONS,
    **webhooks.OPERATIONS,
}
