"""Reads the outputs of other stacks. No other module looks at another stack.

A `pulumi.StackReference` is a resource, and the engine fails the whole preview when the referenced stack does not
exist: previewing a team's environment before the organization exists would show that error and nothing else. The
engine's function `readStackOutputs` returns the same outputs and raises an error that the program can handle. In a
preview, missing outputs become unknowns of the contract's types; in an update they are one error, raised before
anything is created. Nothing is stored in the state.
"""

from __future__ import annotations

from typing import TypeVar, cast

import pulumi
from pydantic import ValidationError

from settings.derived.stack_graph import StackIdentity
from stacks.shared.output_contract import OutputContract, UpstreamMissing, UpstreamOutputs

READ_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"
UNKNOWN_STACK = "unknown stack"
"""Part of the engine's error message for a stack that does not exist."""

Contract = TypeVar("Contract", bound=OutputContract)


def read(contract: type[Contract], stack: StackIdentity) -> Contract:
    """Returns the outputs of ``stack``, typed by its contract.

    Raises: UpstreamMissing in an update, when the stack does not exist or an output of the contract is missing.
    """
    outputs = _outputs_of(stack)
    try:
        values = contract.validate(outputs)
    except ValidationError as error:
        if pulumi.runtime.is_dry_run():
            return contract(UpstreamOutputs(stack, None))
        raise UpstreamMissing(_explanation(stack, outputs, error)) from None
    return contract(UpstreamOutputs(stack, values))


def _outputs_of(stack: StackIdentity) -> dict[str, object]:
    """Returns the outputs of a stack of this project, or none when the stack does not exist."""
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
    invalid = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors()}))
    return (
        f"{needs} that are missing or not of the expected type ({invalid}); bring it up to date: plinth up {stack.name}"
    )
