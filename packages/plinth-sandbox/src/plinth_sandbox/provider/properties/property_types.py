"""Property types of the vendor's SDK, as the checked-in schemas contain them.

A type expression is JSON: a scalar's name, `[element]` for a list, `{"*": element}` for a map, and `{"name": type,
"other!": type}` for an object, where `!` marks a required property.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

Kind = Literal["string", "integer", "number", "boolean", "asset", "any", "list", "map", "object"]


@dataclass(frozen=True, slots=True)
class PropertyType:
    """The type of one property, including nested types."""

    kind: Kind
    element: PropertyType | None = None
    """Element type of a list or a map."""
    fields: Mapping[str, PropertyType] = field(default_factory=dict)
    """Property types of an object."""
    required: frozenset[str] = frozenset()
    """Names of an object's required properties."""

    @property
    def item(self) -> PropertyType:
        """Type of an element of this list or map."""
        return self.element or ANY

    def __str__(self) -> str:
        return f"{self.kind} of {self.item}" if self.element else self.kind


ANY = PropertyType("any")
TAGS = PropertyType("map", element=PropertyType("string"))


@dataclass(frozen=True, slots=True)
class Schema:
    """The properties that a program may set on a resource type (or pass to a data source), and those that it may
    read."""

    inputs: PropertyType
    outputs: PropertyType
    """All readable properties, including the inputs."""


def parse(expression: Any) -> PropertyType:
    """Returns the type for a JSON type expression."""
    match expression:
        case str():
            return PropertyType(expression)  # type: ignore[arg-type]
        case [element]:
            return PropertyType("list", element=parse(element))
        case {"*": element}:
            return PropertyType("map", element=parse(element))
        case _:
            return PropertyType(
                "object",
                fields={name.rstrip("!"): parse(inner) for name, inner in expression.items()},
                required=frozenset(name[:-1] for name in expression if name.endswith("!")),
            )


@cache
def schemas_of(module: str) -> Mapping[str, Schema]:
    """Returns the schemas of a catalog module, by type token."""
    text = resources.files("plinth_sandbox.provider").joinpath("schemas", f"{module}.json").read_text(encoding="utf-8")
    return {token: _schema(document) for token, document in json.loads(text).items()}


def _schema(document: Mapping[str, Any]) -> Schema:
    inputs = parse(document["inputs"])
    return Schema(inputs, PropertyType("object", fields={**inputs.fields, **parse(document["outputs"]).fields}))


@cache
def provider_schema() -> PropertyType:
    """Returns the type of the properties of an `aws.Provider`."""
    return schemas_of("provider")["pulumi:providers:aws"].inputs
