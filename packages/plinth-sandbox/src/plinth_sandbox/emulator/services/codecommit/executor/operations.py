"""The operations of CodeCommit that the sandbox performs on git repositories."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor import (
    branches,
    comments,
    commits,
    contents,
    merges,
    pull_requests,
    repositories,
)
from plinth_sandbox.emulator.services.codecommit.executor.references import record_outcome

__all__ = ["OPERATIONS", "record_outcome"]

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **repositories.OPERATIONS,
    **branches.OPERATIONS,
    **comments.OPERATIONS,
    **commits.OPERATIONS,
    **contents.OPERATIONS,
    **merges.OPERATIONS,
    **pull_requests.OPERATIONS,
}
