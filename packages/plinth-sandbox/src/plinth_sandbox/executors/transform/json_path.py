"""The subset of JSONPath with which a transform job filters records.

Source: SageMaker Developer Guide, "Associate Prediction Results with Input Records", section "Supported JSONPath
Operators" (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r"\.?\[(?P<inside>[^\[\]]*)\]|\.(?P<name>[^.\[\]]+)")
_NAME = re.compile(r"\s*'([^']*)'\s*|\s*\"([^\"]*)\"\s*")
_INDEX = re.compile(r"\s*(-?\d+)\s*")
_SLICE = re.compile(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*")
_WILDCARD = "*"


class PathError(ValueError):
    """The path is no JSONPath that SageMaker supports, or it does not fit the value."""


class SliceEndError(PathError):
    """The path has a slice with an end, about which the documentation of SageMaker contradicts itself."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Children of an object: the child itself for one name, an object of the children for several."""

    names: tuple[str, ...]

    def of(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise PathError("names select from objects only")
        if absent := [name for name in self.names if name not in value]:
            raise PathError(f"there is no attribute {', '.join(absent)}")
        return value[self.names[0]] if len(self.names) == 1 else {name: value[name] for name in self.names}


@dataclass(frozen=True, slots=True)
class _Elements:
    """Elements of an array: the element itself for one index, an array for several and for slices."""

    parts: tuple[int | slice, ...]

    def of(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise PathError("indexes select from arrays and rows only")
        if len(self.parts) == 1 and isinstance(self.parts[0], int):
            return self._one(value, self.parts[0])
        found: list[Any] = []
        for part in self.parts:
            found += value[part] if isinstance(part, slice) else [self._one(value, part)]
        return found

    @staticmethod
    def _one(value: list[Any], index: int) -> Any:
        if not -len(value) <= index < len(value):
            raise PathError(f"index {index} is not within the {len(value)} elements")
        return value[index]


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path."""

    text: str
    steps: tuple[_Names | _Elements | str, ...]

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """Raises: PathError; SliceEndError for a slice with an end."""
        if not text.startswith("$"):
            raise PathError(f"{text!r} does not begin with $")
        steps: list[_Names | _Elements | str] = []
        position = 1
        while position < len(text):
            found = _STEP.match(text, position)
            if found is None:
                raise PathError(f"{text!r} cannot be read from position {position}")
            steps.append(_step(found, text))
            position = found.end()
        return cls(text, tuple(steps))

    @property
    def is_whole(self) -> bool:
        return not self.steps

    @property
    def has_names(self) -> bool:
        """Whether the path selects attributes of objects, which rows do not have."""
        return any(isinstance(step, _Names) for step in self.steps)

    def select(self, value: Any) -> Any:
        """Returns what the path selects. A path with a wildcard selects an array. Raises PathError."""
        found, is_many = value, False
        for step in self.steps:
            if isinstance(step, str):
                parts = [part for item in found for part in _children(item)] if is_many else _children(found)
                found, is_many = parts, True
            else:
                found = [step.of(item) for item in found] if is_many else step.of(found)
        return found


def _step(found: re.Match[str], text: str) -> _Names | _Elements | str:
    name, inside = found["name"], found["inside"]
    if _WILDCARD in (name, inside and inside.strip()):
        return _WILDCARD
    if name is not None:
        return _Names((name,))
    parts = inside.split(",")
    if all(_NAME.fullmatch(part) for part in parts):
        return _Names(tuple(part.strip()[1:-1] for part in parts))
    return _Elements(tuple(_element(part, text) for part in parts))


def _element(part: str, text: str) -> int | slice:
    if _INDEX.fullmatch(part):
        return int(part)
    bounds = _SLICE.fullmatch(part)
    if bounds is None:
        raise PathError(f"{text!r} contains {part.strip()!r}, which is no name, index or slice")
    start, end = bounds.groups()
    if end:
        # The guide says that the end is included; the library to which it refers excludes it.
        raise SliceEndError(f"{text!r} has a slice with an end")
    return slice(int(start) if start else None, None)


def _children(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise PathError("a wildcard selects from arrays and objects only")
