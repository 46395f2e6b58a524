"""The operations of CloudWatch that the sandbox performs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.cloudwatch.executor import alarms, dashboards, data

OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    **alarms.OPERATIONS,
    **dashboards.OPERATIONS,
    **data.OPERATIONS,
}
