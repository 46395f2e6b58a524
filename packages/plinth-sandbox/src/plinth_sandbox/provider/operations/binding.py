"""Binds the steps of a catalog entry: calls to their operations, and functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.operations.operation import Operation, search
from plinth_sandbox.provider.properties.property_types import PropertyType
from plinth_sandbox.provider.vocabulary import Call, Properties, Step, Tagging


@dataclass(frozen=True)
class Bound:
    """An executable step of the provider catalog."""

    operation: Operation | None
    """None if the step is a function."""
    step: Step

    def run(self, caller: Caller, known: Properties) -> dict[str, Any]:
        """Makes the call, or runs the function, and returns the answer."""
        if self.operation is not None:
            return caller.run(self.operation, known)
        assert callable(self.step)
        return self.step(caller, known) or {}

    def gives(self, answer: Mapping[str, Any], known: Properties) -> Properties:
        """Returns the properties that the entry explicitly takes from a creating call's answer."""
        if self.operation is None:
            return dict(answer)
        given = {name: search(path, answer, known) for name, path in self.operation.call.gives.items()}
        return {name: value for name, value in given.items() if value is not None}

    def ask(self, caller: Caller, known: Properties) -> tuple[Mapping[str, Any], Properties | None]:
        """Returns the answer and its properties. They are None if the resource does not exist."""
        if self.operation is not None:
            answer = caller.run(self.operation, known)
            return answer, self.operation.properties(answer, known)
        assert callable(self.step)
        properties = self.step(caller, known)
        return properties or {}, properties

    def readable_of(self, given: Properties | None) -> Properties:
        """Returns the given properties, and None for properties that the answer could contain but does not."""
        could = self.operation.readable if self.operation is not None else frozenset()
        return {**dict.fromkeys(could), **(given or {})}


@dataclass(frozen=True)
class BoundUpdate:
    """A group of properties and the calls that change them."""

    carries: frozenset[str]
    step: Bound
    otherwise: Bound | None
    decisive: frozenset[str]
    """Properties whose lack of a value selects `otherwise`: the first that the entry names, or all."""
    whole: bool
    """Whether the step replaces everything, so that omitted properties are cleared."""
    always: bool
    """Whether the step completes every creation."""


def bind(
    step: Step,
    *,
    service: str,
    properties: PropertyType,
    renames: Mapping[str, str],
    address: Mapping[str, Any],
    asks: bool = False,
    tagging: Tagging | None = None,
) -> Bound:
    """Returns an executable step."""
    if callable(step):
        return Bound(None, step)
    call = Call(step) if isinstance(step, str) else step
    operation = Operation(
        call, service=service, properties=properties, renames=renames, address=address, asks=asks, tagging=tagging
    )
    return Bound(operation, step)
