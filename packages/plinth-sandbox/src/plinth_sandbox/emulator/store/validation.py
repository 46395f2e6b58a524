"""Checks a request against the constraints of the service model before it is executed, as AWS does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.core.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from plinth_sandbox.emulator.store.refusals import invalid


def validate(operation: OperationModel, parameters: dict[str, Any]) -> None:
    """Raises the operation's own validation error, which lists every violation."""
    if operation.input_shape is None:
        return
    faults = list(_faults(operation.input_shape, parameters, ""))
    if faults:
        raise invalid(operation, faults)


def _faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from _structure_faults(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _length_faults(shape, value, path)
        for position, item in enumerate(value, start=1):
            yield from _faults(shape.member, item, f"{path}.{position}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _faults(shape.value, item, f"{path}.{key}")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _length_faults(shape, value, path)
        yield from _string_faults(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double") and isinstance(value, int | float):
        yield from _range_faults(shape, value, path)


def _structure_faults(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fault("null", _below(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _faults(member, value[name], _below(path, name))


def _string_faults(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _fault(_shown(shape, value), path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield _fault(_shown(shape, value), path, f"Member must satisfy regular expression pattern: {pattern}")


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        # The models contain Java patterns. The few that Python cannot parse are not checked.
        return True


def _length_faults(shape: Shape, value: str | list[Any], path: str) -> Iterator[str]:
    if len(value) < shape.metadata.get("min", 0):
        yield _fault(
            _shown(shape, value), path, f"Member must have length greater than or equal to {shape.metadata['min']}"
        )
    if len(value) > shape.metadata.get("max", len(value)):
        yield _fault(
            _shown(shape, value), path, f"Member must have length less than or equal to {shape.metadata['max']}"
        )


def _range_faults(shape: Shape, value: float, path: str) -> Iterator[str]:
    if value < shape.metadata.get("min", value):
        yield _fault(
            _shown(shape, value), path, f"Member must have value greater than or equal to {shape.metadata['min']}"
        )
    if value > shape.metadata.get("max", value):
        yield _fault(
            _shown(shape, value), path, f"Member must have value less than or equal to {shape.metadata['max']}"
        )


def _shown(shape: Shape, value: object) -> str:
    return "***Sensitive Data Redacted***" if shape.metadata.get("sensitive") else f"'{value}'"


def _fault(shown: str, path: str, constraint: str) -> str:
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _below(path: str, name: str) -> str:
    camel = name[:1].lower() + name[1:]
    return f"{path}.{camel}" if path else camel
