"""Resolves references in a pipeline definition for a run on this machine.

Source: Amazon SageMaker Pipelines JSON schema, version 2020-12-01.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_WORD = re.compile(r"\.?([^.\[\]]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: bool(left == right),
    "GreaterThan": lambda left, right: bool(left > right),
    "GreaterThanOrEqualTo": lambda left, right: bool(left >= right),
    "LessThan": lambda left, right: bool(left < right),
    "LessThanOrEqualTo": lambda left, right: bool(left <= right),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class References:
    """Values of parameters, variables of the execution, and properties and reports of steps that have ended."""

    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)
    """Properties by step."""
    report: Callable[[str, str], Any]
    """Returns the content of a property file, by its step and name."""

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Get": path}:
                return self._get(path)
            case {"Std:Join": joined}:
                return joined["On"].join(_text(self.resolve(part)) for part in joined["Values"])
            case {"Std:JsonGet": asked}:
                _, step, _, name = _words(asked["PropertyFile"]["Get"])
                return _follow(self.report(step, name), _words(asked["Path"]))
        return {key: self.resolve(item) for key, item in value.items()}

    def holds(self, condition: Mapping[str, Any]) -> bool:
        if condition["Type"] == "In":
            return self.resolve(condition["QueryValue"]) in self.resolve(condition["Values"])
        left, right = (self.resolve(condition[side]) for side in ("LeftValue", "RightValue"))
        return _COMPARISONS[condition["Type"]](left, right)

    def _get(self, path: str) -> Any:
        first, name, *rest = _words(path)
        roots = {"Parameters": self.parameters, "Execution": self.variables, "Steps": self.properties}
        return _follow(roots[first], [name, *rest])


def _words(path: str) -> list[str]:
    return [name or single or double for name, single, double in _WORD.findall(path)]


def _follow(value: Any, path: list[str]) -> Any:
    for word in path:
        if isinstance(value, list):
            named = [output for output in value if word in (output.get("OutputName"), output.get("InputName"))]
            value = named[0] if named else value[int(word)]
        else:
            value = value[word]
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
