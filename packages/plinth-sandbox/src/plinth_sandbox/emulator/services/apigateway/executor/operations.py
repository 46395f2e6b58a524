"""Parts of API Gateway besides the emulator patches: the outcomes of requests to APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.apigateway.executor.records import record_outcome

__all__ = ["OPERATIONS", "record_outcome"]

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {}
