"""The executors as a layer above the patches: what is started there really runs."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.task_runner import SIGNED_AS, Outcome, TaskRunner, outcome_of
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory

MODULES = {"athena": "queries", "glue": "glue_jobs"}
"""By service, which is also the name of the package that runs what it starts."""


class Executor(Protocol):
    """What a service's module has."""

    @property
    def OPERATIONS(self) -> Mapping[str, Callable[[Exchange, TaskRunner], Answer]]:  # noqa: N802 (a constant there)
        """Operations that start something, or tell of it."""

    def record_outcome(self, outcome: Outcome, memory: Memory) -> None:
        """Remember what a run came to."""


@dataclass(frozen=True, slots=True)
class ExecutorsLayer:
    memory: Memory
    runner: TaskRunner

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.signing_name == SIGNED_AS:
            outcome = outcome_of(call.request)
            _executor(outcome.executor).record_outcome(outcome, self.memory)
            return Answer.of_json(200, {})
        handle = _executor(call.service).OPERATIONS.get(call.name) if call.service in MODULES else None
        return handle(Exchange(call, self.memory, below), self.runner) if handle else below(call)


@functools.cache
def _executor(service: str) -> Executor:
    """Loaded when it is first called, as patches are."""
    module: Any = importlib.import_module(f"plinth_sandbox.emulator.executors.{MODULES[service]}")
    return module  # type: ignore[no-any-return]
