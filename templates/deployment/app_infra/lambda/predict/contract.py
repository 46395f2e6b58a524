"""The contract of requests and responses: ``contract.json``, and the check of a value against a JSON Schema.

The Lambda runtime contains no schema library. This module knows the keywords that a contract uses, and refuses others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("contract.json")
ANSWERED = "Prediction Completed"
"""Detail type of the events that answer others. `./project check` refuses requests of this type."""
MOST_FAULTS = 20
"""Faults that an answer lists."""
KEYWORDS = frozenset(
    {
        *("type", "description", "nullable", "minimum", "maximum", "maxLength", "enum"),
        *("items", "minItems", "maxItems"),
        *("properties", "required", "additionalProperties"),
    }
)
_TYPES: Mapping[str, tuple[type[Any], ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
}
_NAMES: Mapping[type[Any], str] = {
    **{dict: "object", list: "array", str: "string", bool: "boolean"},
    **{int: "number", float: "number", type(None): "null"},
}
"""Types of JSON by the types that Python reads."""

Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A version of the contract. Its first number is also in the path of the API."""

    version: str
    problem: str
    target: str
    """Column that the model predicts. Requests do not contain it."""
    request: Schema
    response: Schema

    @property
    def columns(self) -> Mapping[str, Schema]:
        """Schemas of the columns of a row, in the order of the model."""
        columns: Mapping[str, Schema] = self.request["properties"]["instances"]["items"]["properties"]
        return columns

    @property
    def most_rows(self) -> int:
        return int(self.request["properties"]["instances"]["maxItems"])


def read_contract(file: Path = FILE) -> Contract:
    """Reads the contract. Raises ValueError for a keyword that ``faults`` does not know."""
    contract = Contract(**json.loads(file.read_text(encoding="utf-8")))
    unknown = sorted({*_keywords(contract.request), *_keywords(contract.response)} - KEYWORDS)
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not checked; use {', '.join(sorted(KEYWORDS))}")
    return contract


def faults(value: Any, schema: Schema) -> list[str]:
    """Returns where a value differs from a schema, without its content: a request may contain personal data."""
    found: list[str] = []
    for fault in _faults(value, schema, "body"):
        if len(found) == MOST_FAULTS:
            return [*found, "and more"]
        found.append(fault)
    return found


def _faults(value: Any, schema: Schema, place: str) -> Iterator[str]:
    if value is None and schema.get("nullable"):
        return
    expected = schema["type"]
    if not isinstance(value, _TYPES[expected]) or isinstance(value, bool):
        yield f"{place}: expected {expected}, got {_NAMES[type(value)]}"
    elif expected == "object":
        yield from _of_object(value, schema, place)
    elif expected == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        if not least <= len(value) <= most:
            yield f"{place}: expected {least} to {most} items, got {len(value)}"
            return
        for number, item in enumerate(value):
            yield from _faults(item, schema["items"], f"{place}[{number}]")
    else:
        yield from _of_scalar(value, schema, place)


def _of_object(value: Mapping[str, Any], schema: Schema, place: str) -> Iterator[str]:
    properties: Schema = schema.get("properties", {})
    yield from (f"{place}.{name}: missing" for name in schema.get("required", ()) if name not in value)
    for name in filter(value.__contains__, properties):
        yield from _faults(value[name], properties[name], f"{place}.{name}")
    if schema.get("additionalProperties") is False and (unknown := len(value.keys() - properties.keys())):
        yield f"{place}: has {unknown} unknown members"


def _of_scalar(value: Any, schema: Schema, place: str) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", math.inf):
            yield f"{place}: expected at most {schema['maxLength']} characters"
    elif not _is_finite(value):
        yield f"{place}: expected a finite number"
    elif not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
        yield f"{place}: expected {_range(schema)}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: expected one of {', '.join(map(str, schema['enum']))}"


def _range(schema: Schema) -> str:
    bounds = (("at least", schema.get("minimum")), ("at most", schema.get("maximum")))
    return " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # of an integer
        return False


def _keywords(schema: Schema) -> Iterator[str]:
    yield from schema
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from _keywords(inner)
