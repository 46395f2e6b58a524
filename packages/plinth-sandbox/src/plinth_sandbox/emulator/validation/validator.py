"""Checks a request against the service model: types, required members, enumerations, patterns, lengths and ranges."""

from __future__ import annotations

import functools

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.parsing import MalformedRequestError
from plinth_sandbox.emulator.validation import errors
from plinth_sandbox.service_models.constraints import Compiler, Violation


def validate(call: Call) -> None:
    """Raises the service's own error, which lists every violation. A request that no model knows passes."""
    operation = call.operation
    if operation is None or operation.input_shape is None:
        return
    try:
        parameters = call.parameters
    except MalformedRequestError as error:
        raise errors.malformed(operation, str(error)) from error
    check = _compiler(call.service).check(operation.input_shape)
    if check is None:
        return
    violations: list[Violation] = []
    check(parameters, "", violations)
    if call.is_dry_run:
        # EC2 checks no values then (moto's tests that were verified against AWS: CreateFleet).
        violations = [violation for violation in violations if violation.missing]
    if violations:
        raise errors.refusal(operation, violations)


@functools.cache
def _compiler(service: str) -> Compiler:
    return Compiler(service)
