"""Compares property values by meaning: JSON documents by content, lists as sets, with tolerance for values that AWS
adds."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plinth_sandbox.provider.naming import GENERATED


@dataclass(frozen=True)
class Tolerance:
    """Values that a program may leave out. Names are dotted, without indices: `rules.prefix`."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    computed: Collection[str] = ()
    ordered: Collection[str] = ()
    accepts_more: bool = False
    """Whether any additional members of the found value are accepted."""

    def may_be_left_out(self, path: str, value: Any) -> bool:
        """Returns whether leaving out a property means the same as this value."""
        if value is None or path in self.computed:
            return True
        if path in self.defaults:
            return agree(self.defaults[path], value, path, self)
        if isinstance(value, Mapping):
            return all(self.may_be_left_out(f"{path}.{name}", inner) for name, inner in value.items())
        return is_empty(value)


def is_empty(value: Any) -> bool:
    """Returns whether a value is none, false, zero, or empty at every level."""
    match value:
        case Mapping():
            return all(is_empty(inner) for inner in value.values())
        case list():
            return all(is_empty(inner) for inner in value)
        case _:
            return value is None or value in (False, 0, "")


def agree(wanted: Any, found: Any, path: str, tolerance: Tolerance) -> bool:
    """Returns whether the found value agrees with the wanted one. Additional members must be ones that may be left
    out."""
    match wanted, found:
        case Mapping(), Mapping():
            return all(
                _members_agree(wanted.get(name), found.get(name), f"{path}.{name}", tolerance)
                for name in {*wanted, *found}
                if name != GENERATED
            )
        case list(), list():
            return _lists_agree(wanted, found, path, tolerance)
        case str(), str():
            return wanted == found or _same_document(wanted, found)
        case _:
            return bool(wanted == found) and isinstance(wanted, bool) == isinstance(found, bool)


def _members_agree(wanted: Any, found: Any, path: str, tolerance: Tolerance) -> bool:
    if wanted is None:
        return tolerance.accepts_more or tolerance.may_be_left_out(path, found)
    if found is None:
        return tolerance.may_be_left_out(path, wanted) and path not in tolerance.computed
    return agree(wanted, found, path, tolerance)


def _lists_agree(wanted: list[Any], found: list[Any], path: str, tolerance: Tolerance) -> bool:
    if len(wanted) != len(found):
        return False
    if path in tolerance.ordered:
        return all(agree(expected, actual, path, tolerance) for expected, actual in zip(wanted, found, strict=True))
    return pair_up(wanted, found, path, tolerance) is not None


def pair_up(wanted: list[Any], found: list[Any], path: str, tolerance: Tolerance) -> list[Any] | None:
    """Returns the found elements in the order of the matching wanted ones, or None if one has no counterpart."""
    left = list(found)
    paired = []
    for element in wanted:
        position = next((index for index, other in enumerate(left) if agree(element, other, path, tolerance)), None)
        if position is None:
            return None
        paired.append(left.pop(position))
    return paired


def merged(wanted: Any, found: Any, path: str, tolerance: Tolerance) -> Any:
    """Returns the found value, in the wanted spelling if both mean the same, with the additions of AWS."""
    if not agree(wanted, found, path, replace(tolerance, accepts_more=True)):
        return found
    match wanted, found:
        case Mapping(), Mapping():
            both = {
                name: merged(inner, found[name], f"{path}.{name}", tolerance) if name in found else inner
                for name, inner in wanted.items()
            }
            return {**found, **both}
        case list(), list():
            paired = pair_up(wanted, found, path, replace(tolerance, accepts_more=True)) or []
            return [merged(expected, actual, path, tolerance) for expected, actual in zip(wanted, paired, strict=True)]
        case _:
            return wanted


def _same_document(left: str, right: str) -> bool:
    if not (left.lstrip()[:1] in "{[" and right.lstrip()[:1] in "{["):
        return False
    try:
        first, second = json.loads(left), json.loads(right)
    except json.JSONDecodeError:
        return False
    return bool(_normal(first) == _normal(second))


def _normal(document: Any) -> Any:
    """Returns an IAM policy in a canonical form: single values become lists, and lists are sorted."""
    if isinstance(document, Mapping) and "Statement" in document:
        return _normal_policy(document)
    return document


def _normal_policy(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _normal_policy(inner) for name, inner in value.items()}
        case list():
            inner = sorted((_normal_policy(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
            return inner[0] if len(inner) == 1 else inner
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case _:
            return value
