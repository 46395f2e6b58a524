"""The steps of a catalogue entry, ready to run: calls bound to their operations, and functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.operations.operation import Operation, search
from plinth_sandbox.provider.properties.property_types import PropertyType
from plinth_sandbox.provider.vocabulary import Call, Properties, Step


@dataclass(frozen=True)
class Bound:
    """A step of the catalogue, ready to run."""

    operation: Operation | None
    """None for a function."""
    step: Step

    def run(self, caller: Caller, known: Properties) -> dict[str, Any]:
        """Makes the call (or runs the function) and answers with what AWS (or it) said."""
        if self.operation is not None:
            return caller.run(self.operation, known)
        assert callable(self.step)
        return self.step(caller, known) or {}

    def gives(self, answer: Mapping[str, Any], known: Properties) -> Properties:
        """The properties that the catalogue names explicitly in the answer of a creating call."""
        if self.operation is None:
            return dict(answer)
        given = {name: search(path, answer, known) for name, path in self.operation.call.gives.items()}
        return {name: value for name, value in given.items() if value is not None}

    def ask(self, caller: Caller, known: Properties) -> tuple[Mapping[str, Any], Properties | None]:
        """The answer and the properties it gives; None when it says that there is no such resource."""
        if self.operation is not None:
            answer = caller.run(self.operation, known)
            return answer, self.operation.properties(answer, known)
        assert callable(self.step)
        properties = self.step(caller, known)
        return properties or {}, properties

    def readable_of(self, given: Properties | None) -> Properties:
        """What was given, and None for the properties that the answer could have given and did not."""
        could = self.operation.readable if self.operation is not None else frozenset()
        return {**dict.fromkeys(could), **(given or {})}


@dataclass(frozen=True)
class BoundUpdate:
    """A group of properties and the calls that change them."""

    carries: frozenset[str]
    step: Bound
    otherwise: Bound | None
    decisive: frozenset[str]
    """The properties whose lack of a value calls for `otherwise`: the first that the catalogue names, or all."""
    whole: bool
    """Whether the step replaces everything, so that what it leaves out is unset."""
    always: bool
    """Whether it completes every creation."""


def bind(
    step: Step,
    *,
    service: str,
    properties: PropertyType,
    renames: Mapping[str, str],
    address: Mapping[str, Any],
    asks: bool = False,
    tagged: bool = False,
) -> Bound:
    """A step of the catalogue, ready to run."""
    if callable(step):
        return Bound(None, step)
    call = Call(step) if isinstance(step, str) else step
    operation = Operation(
        call, service=service, properties=properties, renames=renames, address=address, asks=asks, tagged=tagged
    )
    return Bound(operation, step)
