"""References in a pipeline definition: parameters, execution variables, properties of steps, and functions.

Source: Amazon SageMaker Pipelines JSON schema, version 2020-12-01.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"\.?([^.\[\]]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]")
_STEP = re.compile(r"Steps\.([^.\[]+)")


class UnresolvedError(Exception):
    """A reference that has no value."""


def words(path: str) -> list[str | int]:
    """Splits ``Steps.Split.Outputs['train'].S3Uri`` into its words. A number in brackets is an index."""
    found: list[str | int] = []
    for match in _WORD.finditer(path):
        name, single, double, index = match.groups()
        found.append(int(index) if index else name or single or double)
    return found


def paths_in(value: Any) -> Iterator[str]:
    """Yields the paths to which a value refers, such as ``Steps.Split.Outputs``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Get" and isinstance(inner, str):
                yield inner
            else:
                yield from paths_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from paths_in(inner)


def steps_in(value: Any) -> Iterator[str]:
    """Yields the names of the steps to which a value refers."""
    for path in paths_in(value):
        yield from _STEP.findall(path)


@dataclass(frozen=True, slots=True)
class Resolver:
    """Replaces references by values."""

    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    properties: Callable[[str], Mapping[str, Any]]
    """Returns the properties of a step that has ended."""
    property_file: Callable[[str, str], Any]
    """Returns the content of a property file of a step, by the names of both."""

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if set(value) == {"Get"}:
            return self._get(str(value["Get"]))
        if set(value) == {"Std:Join"}:
            joined = value["Std:Join"]
            return str(joined.get("On", "")).join(_text(self.resolve(part)) for part in joined["Values"])
        if set(value) == {"Std:JsonGet"}:
            return self._json_get(value["Std:JsonGet"])
        return {key: self.resolve(item) for key, item in value.items()}

    def _get(self, path: str) -> Any:
        first, *rest = words(path)
        match first:
            case "Parameters":
                return _follow(self.parameters, rest, path)
            case "Execution":
                return _follow(self.variables, rest, path)
            case "Steps":
                return _follow(self.properties(str(rest[0])), rest[1:], path)
        raise UnresolvedError(f"{path} refers to nothing")

    def _json_get(self, asked: Mapping[str, Any]) -> Any:
        _, step, _, name = words(asked["PropertyFile"]["Get"])
        content = self.property_file(str(step), str(name))
        return _follow(content, words(str(self.resolve(asked["Path"]))), str(asked["Path"]))


def _follow(value: Any, path: Sequence[str | int], whole: str) -> Any:
    for word in path:
        value = _member(value, word, whole)
    return value


def _member(value: Any, word: str | int, whole: str) -> Any:
    if isinstance(value, Mapping) and str(word) in value:
        return value[str(word)]
    if isinstance(value, list) and isinstance(word, int) and word < len(value):
        return value[word]
    if isinstance(value, list):
        # A list of named parts, such as the outputs of a processing job.
        for part in value:
            if isinstance(part, Mapping) and any(key.endswith("Name") and part[key] == word for key in part):
                return part
    raise UnresolvedError(f"{whole} has no value")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: bool(left == right),
    "GreaterThan": lambda left, right: bool(left > right),
    "GreaterThanOrEqualTo": lambda left, right: bool(left >= right),
    "LessThan": lambda left, right: bool(left < right),
    "LessThanOrEqualTo": lambda left, right: bool(left <= right),
}


def holds(condition: Mapping[str, Any], resolver: Resolver) -> bool:
    """Returns whether a condition of a Condition step is met."""
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Expression"], resolver)
    if kind == "Or":
        return any(holds(alternative, resolver) for alternative in condition["Conditions"])
    if kind == "In":
        return resolver.resolve(condition["QueryValue"]) in resolver.resolve(condition["Values"])
    left, right = (resolver.resolve(condition[side]) for side in ("LeftValue", "RightValue"))
    return _COMPARISONS[kind](left, right)
