"""Checks a program's inputs before any call: names, types, values and rules of the vendor. Each error has its path."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.provider.entry import Entry, Source, module_of
from plinth_sandbox.provider.naming import GENERATED
from plinth_sandbox.provider.properties.model_check import violations
from plinth_sandbox.provider.properties.property_types import PropertyType
from plinth_sandbox.provider.properties.vendor_rules import vendor_rules
from plinth_sandbox.provider.rpc.wire import UNKNOWN, is_asset


@dataclass(frozen=True)
class Failure:
    """One error in the inputs."""

    path: str
    reason: str


_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (Mapping,),
    "object": (Mapping,),
}


def check_resource(entry: Entry, inputs: Mapping[str, Any]) -> list[Failure]:
    """Returns all errors in the inputs of a resource. Values are checked if all types are right."""
    wrong = [*check_properties(inputs, entry.schema.inputs), *_not_carried(entry, inputs)]
    if wrong:
        return wrong
    found = {**violations(entry, inputs), **dict(vendor_rules(entry, inputs))}
    return [Failure(path, reason) for path, reason in found.items()]


def check_arguments(source: Source, arguments: Mapping[str, Any]) -> list[Failure]:
    """Returns all errors in the arguments of a data source."""
    place = f"add it to the entry in {module_of(source.source.type)}.py of plinth_sandbox.provider.catalog"
    known = source.schema.inputs.fields.keys() & arguments.keys()
    ignored = [
        Failure(name, f"the sandbox does not support this argument of {source.source.type} yet: {place}")
        for name in sorted(known - source.carried)
    ]
    return [*check_properties(arguments, source.schema.inputs), *ignored]


def check_properties(inputs: Mapping[str, Any], expected: PropertyType, path: str = "") -> Iterator[Failure]:
    """Yields all errors in an object's properties."""
    for name in sorted(expected.required - inputs.keys()):
        yield Failure(_join(path, name), "missing: this property is required")
    for name, value in inputs.items():
        if name == GENERATED:
            continue
        if name in expected.fields:
            yield from _check(value, expected.fields[name], _join(path, name))
        else:
            yield Failure(_join(path, name), f"no such property{_suggestion(name, expected)}")


def _check(value: Any, expected: PropertyType, path: str) -> Iterator[Failure]:
    if value == UNKNOWN or value is None:
        return
    if expected.kind == "asset":
        if not is_asset(value):
            yield Failure(path, f"expected an asset, got {_kind_of(value)}")
        return
    if not _is_a(value, expected):
        yield Failure(path, f"expected {expected}, got {_kind_of(value)}")
        return
    match expected.kind:
        case "object":
            yield from check_properties(value, expected, path)
        case "list":
            for index, item in enumerate(value):
                yield from _check(item, expected.item, f"{path}[{index}]")
        case "map":
            for key, item in value.items():
                yield from _check(item, expected.item, _join(path, key))


def _is_a(value: Any, expected: PropertyType) -> bool:
    if expected.kind == "any":
        return True
    if isinstance(value, bool):
        return expected.kind == "boolean"
    return isinstance(value, _PYTHON_TYPES[expected.kind])


def _kind_of(value: Any) -> str:
    # Never the value itself: it may be a secret.
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"


def _suggestion(name: str, expected: PropertyType) -> str:
    close = difflib.get_close_matches(name, expected.fields, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _not_carried(entry: Entry, inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Yields properties that the vendor's provider supports but the provider catalog does not."""
    place = f"add it to the entry in {entry.module}.py of plinth_sandbox.provider.catalog"
    for name, value in inputs.items():
        if name not in entry.schema.inputs.fields:
            continue
        if name not in entry.carried:
            yield Failure(name, f"the sandbox does not support this property of {entry.resource.type} yet: {place}")
        elif value != UNKNOWN:
            for path in entry.not_sent(name, value):
                yield Failure(path, f"the sandbox does not support this property of {entry.resource.type} yet: {place}")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
