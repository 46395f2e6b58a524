"""Converts between Pulumi properties and the members of AWS requests and answers, recursively and by name.

Names match if they differ only in case, hyphens, underscores and plural. The vendor's provider turns lists of at most
one element into objects, and writes some structures as JSON text, so values are converted to the type that the other
side declares.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from plinth_sandbox.provider.properties.property_types import PropertyType

Renames = Mapping[str, str]


@cache
def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


@cache
def _stem(name: str) -> str:
    folded = _folded(name)
    if folded.endswith("ies"):
        return folded[:-3] + "y"
    return folded[:-1] if folded.endswith("s") and not folded.endswith("ss") else folded


def match(property_name: str, names: Iterable[str], renames: Renames) -> str | None:
    """Returns the AWS name that matches a property."""
    candidates = list(names)
    if renames.get(property_name) in candidates:
        return renames[property_name]
    for spelling in (_folded, _stem):
        for name in candidates:
            if spelling(name) == spelling(property_name):
                return name
    return None


def to_members(values: Mapping[str, Any], properties: PropertyType, shape: Any, renames: Renames) -> dict[str, Any]:
    """Returns the members of a request structure for the given properties."""
    members: dict[str, Any] = {}
    for name, value in values.items():
        member = match(name, shape.members, renames)
        if member and value is not None and name in properties.fields:
            members[member] = to_member(value, properties.fields[name], shape.members[member], renames)
    return members


def to_member(value: Any, expected: PropertyType, shape: Any, renames: Renames) -> Any:
    """Returns a property's value as a request member of this shape."""
    match shape.type_name:
        case "structure":
            return _to_structure(value, expected, shape, renames)
        case "list":
            return _to_list(value, expected, shape, renames)
        case "map":
            element = expected.item if expected.kind == "map" else expected
            return {str(key): to_member(inner, element, shape.value, renames) for key, inner in value.items()}
        case scalar:
            return _to_scalar(value, scalar)


def _to_structure(value: Any, expected: PropertyType, shape: Any, renames: Renames) -> Any:
    if isinstance(value, Mapping):
        return to_members(value, expected, shape, renames)
    if isinstance(value, list) and expected.item.kind == "object":
        return _to_structure(value[0], expected.item, shape, renames) if value else {}
    if len(shape.members) == 1:  # a wrapper: EC2's {"Value": true}, S3's {"EncryptionType": [...]}
        ((member, inner),) = shape.members.items()
        return {member: to_member(value, expected, inner, renames)}
    return json.loads(value) if isinstance(value, str) else value


def _to_list(value: Any, expected: PropertyType, shape: Any, renames: Renames) -> list[Any]:
    if expected.kind == "map" and (pair := _pair(shape.member)):
        return [{pair[0]: key, pair[1]: inner} for key, inner in value.items()]
    items, element = (value, expected.item) if isinstance(value, list) else ([value], expected)
    return [to_member(item, element, shape.member, renames) for item in items]


def _pair(shape: Any) -> tuple[str, str] | None:
    """Returns the members of a structure that represents one entry of a map: `Key` and `Value`, `TagKey` and
    `TagValue`, or `Name` and `Value`."""
    if shape.type_name != "structure":
        return None
    key, value = (_member_ending(shape.members, ends) for ends in (_KEYS, _VALUES))
    return (key, value) if key and value else None


_KEYS, _VALUES = ("key", "name"), ("value",)


def _member_ending(members: Iterable[str], ends: Iterable[str]) -> str | None:
    return next((name for end in ends for name in members if name.lower().endswith(end)), None)


def _to_scalar(value: Any, scalar: str) -> Any:
    match scalar:
        case "string" if isinstance(value, bool):
            return str(value).lower()
        case "string" if isinstance(value, dict | list):
            return json.dumps(value)
        case "string":
            return str(value)
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean" if isinstance(value, str):
            return value.lower() == "true"
        case _:
            return value


def to_properties(members: Mapping[str, Any], properties: PropertyType, renames: Renames) -> dict[str, Any]:
    """Returns the properties in an answer's members."""
    found: dict[str, Any] = {}
    for name, expected in properties.fields.items():
        member = match(name, members, renames)
        if member is None or members[member] is None or _is_of_another(member, name, properties.fields, renames):
            continue
        found[name] = to_property(members[member], expected, renames)
    return found


def _is_of_another(member: str, name: str, properties: Iterable[str], renames: Renames) -> bool:
    """Returns whether a member has exactly the name of another property. If AWS omits `TrainingJobDefinitions`, then
    `TrainingJobDefinition` must not fill the plural."""
    if renames.get(name) == member or _folded(name) == _folded(member):
        return False
    return any(_folded(other) == _folded(member) for other in properties)


def to_property(value: Any, expected: PropertyType, renames: Renames) -> Any:
    """Returns an answer's value as a property of this type."""
    match expected.kind:
        case "object":
            if isinstance(value, list):
                return to_property(value[0], expected, renames) if value else None
            return to_properties(value, expected, renames) if isinstance(value, Mapping) else None
        case "list":
            value = _unwrapped(value) if expected.item.kind != "object" else value
            items = value if isinstance(value, list) else [value]
            return [to_property(item, expected.item, renames) for item in items]
        case "map":
            entries = _entries(value) if isinstance(value, list) else value
            return {key: to_property(inner, expected.item, renames) for key, inner in entries.items()}
        case kind:
            return _from_scalar(_unwrapped(value), kind)


def _entries(pairs: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {_value_ending(pair, _KEYS): _value_ending(pair, _VALUES) for pair in pairs}


def _value_ending(pair: Mapping[str, Any], ends: Iterable[str]) -> Any:
    member = _member_ending(pair, ends)
    return "" if member is None else pair[member]


def _unwrapped(value: Any) -> Any:
    """Returns the content of a structure with one member."""
    return next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value


def _from_scalar(value: Any, kind: str) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case bytes():
            return base64.b64encode(value).decode()
        case bool() if kind == "string":
            return str(value).lower()
        case dict() | list() if kind == "string":
            return json.dumps(value, default=str)
        case str() if kind == "integer":
            return int(value)
        case str() if kind == "number":
            return float(value)
        case str() if kind == "boolean":
            return value.lower() == "true"
        case int() | float() if kind == "string":
            return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
        case _:
            return value


def unmatched(value: Any, expected: PropertyType, shape: Any, renames: Renames, path: str) -> Iterator[str]:
    """Yields the paths of nested properties for which the request has no member."""
    match value, shape.type_name:
        case list(), "list":
            for index, item in enumerate(value):
                yield from unmatched(item, expected.item, shape.member, renames, f"{path}[{index}]")
        case list(), _:
            for index, item in enumerate(value):
                yield from unmatched(item, expected.item, shape, renames, f"{path}[{index}]")
        case Mapping(), "list" if expected.kind == "object":
            yield from unmatched(value, expected, shape.member, renames, path)
        case Mapping(), "structure":
            for name, inner in value.items():
                member = match(name, shape.members, renames)
                if member is None:
                    yield f"{path}.{name}"
                elif name in expected.fields:
                    yield from unmatched(inner, expected.fields[name], shape.members[member], renames, f"{path}.{name}")
        case _:
            return
