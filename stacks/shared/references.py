"""Reads what other stacks promise: the only place where one stack looks at another.

A `pulumi.StackReference` is a resource, and the engine fails the whole preview when the stack behind it was never made;
a person who previews a team's environment before the organization exists would see nothing but that. The engine also
answers the same question as a function, `readStackOutputs`, whose refusal the program may handle. So upstream outputs
are read by that function: in a preview, what is not there yet is an unknown of the contract's type; in an update it is
one error, before anything is created. Nothing of it is kept in the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import pulumi
from pydantic import ValidationError

from settings.derived.outputs import OutputContract
from settings.derived.stack_graph import StackIdentity

READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"
UNKNOWN_STACK = "unknown stack"
"""What the engine says of a stack that was never made."""

Contract = TypeVar("Contract", bound=OutputContract)


class UpstreamMissing(pulumi.RunError):
    """An update needs outputs that another stack has not written. Raised before anything is registered."""


def read(contract: type[Contract], stack: StackIdentity) -> pulumi.Output[Contract]:
    """What ``stack`` promised, once all of it is there.

    Raises: UpstreamMissing in an update, when the stack does not exist or lacks a promised output.
    """
    outputs = _outputs_of(stack)
    try:
        # An output that is None is not kept by the engine, so what is absent is None.
        promised = contract.model_validate({name: outputs.get(name) for name in contract.output_names()})
    except ValidationError as error:
        if pulumi.runtime.is_dry_run():
            return pulumi.Output.from_input(cast(Contract, pulumi.UNKNOWN))
        raise UpstreamMissing(_explanation(stack, outputs, error)) from None
    named = {name: _Entries(stack, name, value) for name, value in promised if isinstance(value, Mapping)}
    return pulumi.Output.from_input(promised.model_copy(update=named))


class _Entries(dict[str, Any]):
    """What a stack promised by name. A name that comes with a later phase is treated as a promise that is missing."""

    def __init__(self, stack: StackIdentity, output: str, entries: Mapping[str, Any]) -> None:
        super().__init__(entries)
        self._stack, self._output = stack, output

    def __missing__(self, name: str) -> pulumi.Output[Any]:
        if pulumi.runtime.is_dry_run():
            return pulumi.Output.from_input(pulumi.UNKNOWN)
        raise UpstreamMissing(
            f"stack {pulumi.get_stack()} needs {name} of the output {self._output} of {self._stack.name}, which it "
            f"does not have yet; bring it up to date: plinth up {self._stack.name}"
        )


def _outputs_of(stack: StackIdentity) -> dict[str, object]:
    """The outputs of a stack of this project; none where it was never made."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack.name}"
    try:
        answer = pulumi.runtime.invoke(READ_STACK_OUTPUTS, {"name": name})
    except Exception as refusal:  # the SDK raises no narrower type
        if UNKNOWN_STACK in str(refusal):
            return {}
        raise
    return cast(dict[str, object], answer.value["outputs"])


def _explanation(stack: StackIdentity, outputs: dict[str, object], error: ValidationError) -> str:
    needs = f"stack {pulumi.get_stack()} needs outputs of {stack.name}"
    if not outputs:
        return f"{needs}, which is not up yet; bring it up first: plinth up {stack.name}"
    faulty = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors()}))
    return f"{needs} that are missing or not as promised ({faulty}); bring it up to date: plinth up {stack.name}"
