"""Errors that an operation declares, selected by their cause."""

from __future__ import annotations

import re

from moto.core.model import OperationModel

from plinth_sandbox.emulator.call import AwsError

_NOT_FOUND = re.compile(r"NotFound|NoSuch|DoesNotExist|NonExist", re.I)
_EXISTS = re.compile(r"AlreadyExist|Exists|ResourceInUse|Conflict|Duplicate", re.I)
_IN_USE = re.compile(r"InUse|Conflict|DeleteConflict|NotEmpty", re.I)

_UNDECLARED = {"sagemaker"}
"""Services whose operations answer a plain validation error if they declare no error of their own."""


def not_found(operation: OperationModel, noun: str, identifiers: dict[str, object]) -> AwsError:
    return _refusal(operation, _NOT_FOUND, noun, f"{noun} {_named(identifiers)} does not exist.")


def already_exists(operation: OperationModel, noun: str, identifiers: dict[str, object]) -> AwsError:
    return _refusal(operation, _EXISTS, noun, f"{noun} {_named(identifiers)} already exists.")


def in_use(operation: OperationModel, noun: str, by: str) -> AwsError:
    return _refusal(operation, _IN_USE, noun, f"{noun} still holds {by}; delete that first.")


def _refusal(operation: OperationModel, wanted: re.Pattern[str], noun: str, message: str) -> AwsError:
    """Returns a matching error of the operation or of the service, else the one that AWS sends if the model declares
    none."""
    model = operation.service_model
    names = [shape.name for shape in operation.error_shapes]
    if not names and model.service_name not in _UNDECLARED:
        names = [shape.name for shape in model.error_shapes]
    fitting = sorted((name for name in names if wanted.search(name)), key=lambda name: noun.lower() not in name.lower())
    fallback = "ValidationError" if model.protocol in ("query", "ec2") else "ValidationException"
    return AwsError(fitting[0] if fitting else fallback, message)


def _named(identifiers: dict[str, object]) -> str:
    return ", ".join(str(value) for value in identifiers.values())
