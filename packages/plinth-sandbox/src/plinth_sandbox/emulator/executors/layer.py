"""The executors as a layer above the patches. It starts the runs that a call requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import SIGNED_AS, Outcome, outcome_of
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.process import CHARGES_PATH, METRICS_PATH
from plinth_sandbox.emulator.services.sagemaker.endpoints.metrics import record_metrics
from plinth_sandbox.emulator.services.table import modules_of


class Executor(Protocol):
    """The interface of a service's module."""

    @property
    def OPERATIONS(self) -> Mapping[str, Callable[[Exchange, Runtime], Answer]]:  # noqa: N802 (a constant there)
        """Operations that start a run or report about runs."""

    def record_outcome(self, outcome: Outcome, runtime: Runtime) -> None:
        """Stores the outcome of a run."""


@dataclass(frozen=True, slots=True)
class ExecutorsLayer:
    runtime: Runtime

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.signing_name == SIGNED_AS and call.request.path == METRICS_PATH:
            record_metrics(call.request, self.runtime)
            return Answer.of_json(200, {})
        if call.signing_name == SIGNED_AS and call.request.path == CHARGES_PATH:
            # Few sandboxes have charges.
            from plinth_sandbox.emulator.services.ce.patches.cost_explorer import record_charges

            record_charges(json.loads(call.request.body)["charges"], self.runtime.memory)
            return Answer.of_json(200, {})
        if call.signing_name == SIGNED_AS:
            outcome = outcome_of(call.request)
            (executor,) = _executor(outcome.executor)
            executor.record_outcome(outcome, self.runtime)
            self.runtime.runner.settle(outcome.run)
            return Answer.of_json(200, {})
        for executor in _executor(call.service):
            if handle := executor.OPERATIONS.get(call.name):
                return handle(Exchange(call, self.runtime.memory, below), self.runtime)
        return below(call)


def _executor(service: str) -> tuple[Executor, ...]:
    """Returns the module of a service; nothing if the service runs nothing."""
    modules: Any = modules_of(service, "executor")
    return modules  # type: ignore[no-any-return]
