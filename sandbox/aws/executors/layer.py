"""The executors as a layer above the mends: what is started there really runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sandbox.aws.call import Call
from sandbox.aws.executors import glue_jobs
from sandbox.aws.executors.runner import SIGNED_AS, Outcome, Runner, outcome_of
from sandbox.aws.layer import Handler
from sandbox.aws.mends.mend import Exchange, Memory
from sandbox.aws.message import Answer


class Executor(Protocol):
    """What a service's module has."""

    @property
    def OPERATIONS(self) -> Mapping[str, Callable[[Exchange, Runner], Answer]]:  # noqa: N802 (a constant there)
        """Operations that start something, or tell of it."""

    def settle(self, outcome: Outcome, memory: Memory) -> None:
        """Remember what a run came to."""


@dataclass(frozen=True, slots=True)
class Executions:
    memory: Memory
    runner: Runner

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.signing_name == SIGNED_AS:
            outcome = outcome_of(call.request)
            _EXECUTORS[outcome.executor].settle(outcome, self.memory)
            return Answer.of_json(200, {})
        module = _EXECUTORS.get(call.service)
        handle = module.OPERATIONS.get(call.name) if module else None
        return handle(Exchange(call, self.memory, below), self.runner) if handle else below(call)


_EXECUTORS: Mapping[str, Executor] = {"glue": glue_jobs}
"""By service, which is also the name of the module that runs things."""
