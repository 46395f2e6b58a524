"""Checks inputs against the service models of the calls that carry them, so that a preview refuses what AWS would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from plinth_sandbox.provider.entry import Entry
from plinth_sandbox.provider.operations.operation import Operation
from plinth_sandbox.provider.properties import shapes
from plinth_sandbox.provider.properties.property_types import ANY, PropertyType
from plinth_sandbox.provider.rpc.wire import UNKNOWN, has_unknown
from plinth_sandbox.service_models.constraints import Broken, Compiler

Violation = tuple[str, str]
"""Path of a property, and the reason."""


def violations(entry: Entry, inputs: Mapping[str, Any]) -> dict[str, str]:
    """Returns the reason by path for inputs that violate the model of a call that would carry them."""
    found: dict[str, str] = {}
    for name, value in inputs.items():
        if name not in entry.schema.inputs.fields or value is None:
            continue
        for operation in _carriers(entry, value):
            if (place := operation.place_of(name)) is not None:
                walk = _Walk(operation.service, entry.resource.renames)
                found.update(walk.at(place, value, entry.schema.inputs.fields[name], name))
    return found


def _carriers(entry: Entry, value: Any) -> Iterator[Operation]:
    """Yields the calls that may send a property. An update that has a call for the lack of a value sends only true
    ones."""
    steps = [entry.create, *(update.step for update in entry.updates if value or update.otherwise is None)]
    for step in steps:
        if step.operation is not None:
            yield step.operation


class _Walk:
    """Compares a property with the request member that it fills, as `shapes.to_member` converts it."""

    def __init__(self, service: str, renames: Mapping[str, str]) -> None:
        self._compiler = _compiler(service)
        self._renames = renames

    def at(self, place: tuple[Any, str], value: Any, expected: PropertyType, path: str) -> Iterator[Violation]:
        """Yields the violations of a property whose value fills a member of a structure, or an entry of a map."""
        holder, member = place
        if holder.type_name == "structure":
            yield from self.violations(value, expected, holder.members[member], path)
        if value is not None and not has_unknown(value):
            yield from _reasons(self._compiler.documented(holder, member), value, path)

    def violations(self, value: Any, expected: PropertyType, shape: Any, path: str) -> Iterator[Violation]:
        if value is None or value == UNKNOWN:
            return
        match value, shape.type_name:
            case list(), "list":
                yield from self._size(value, shape, path)
                for index, item in enumerate(value):
                    yield from self.violations(item, expected.item, shape.member, f"{path}[{index}]")
            case list(), "structure" if expected.item.kind == "object":
                for index, item in enumerate(value):
                    yield from self.violations(item, expected.item, shape, f"{path}[{index}]")
            case Mapping(), "list" if expected.kind == "object":
                yield from self.violations(value, expected, shape.member, path)
            case Mapping(), "structure":
                yield from self._members(value, expected, shape, path)
            case Mapping(), "map":
                yield from self._entries(value, expected, shape, path)
            case ((str() | int() | float()), "string" | "integer" | "long" | "float" | "double"):
                yield from self._scalar(value, shape, path)

    def _members(self, value: Mapping[str, Any], expected: PropertyType, shape: Any, path: str) -> Iterator[Violation]:
        for name, inner in value.items():
            member = shapes.match(name, shape.members, self._renames)
            if member is not None and name in expected.fields:
                yield from self.at((shape, member), inner, expected.fields[name], f"{path}.{name}")

    def _entries(self, value: Mapping[str, Any], expected: PropertyType, shape: Any, path: str) -> Iterator[Violation]:
        yield from self._size(value, shape, path)
        for key, inner in value.items():
            yield from self._scalar(key, shape.key, f"{path}.{key}")
            yield from self.violations(inner, expected.item, shape.value, f"{path}.{key}")

    def _scalar(self, value: Any, shape: Any, path: str) -> Iterator[Violation]:
        try:
            member = shapes.to_member(value, ANY, shape, self._renames)
        except ValueError:
            yield path, f"expected {shape.type_name}, got text"
            return
        yield from _reasons(self._compiler.scalar(shape), member, path)

    def _size(self, value: Any, shape: Any, path: str) -> Iterator[Violation]:
        if not has_unknown(value):
            yield from _reasons(self._compiler.sizes(shape), value, path)


def _reasons(broken: Broken | None, value: Any, path: str) -> Iterator[Violation]:
    for constraint in broken(value) if broken is not None else ():
        yield path, f"{_shown(value, constraint)} failed to satisfy constraint: {constraint}"


def _shown(value: Any, constraint: str) -> str:
    """Returns the value if it cannot be a secret: numbers, and choices from a set."""
    if isinstance(value, int | float) or "enum value set" in constraint:
        return f"value '{value}'"
    return f"value of length {len(value)}"


@cache
def _compiler(service: str) -> Compiler:
    return Compiler(service)
