"""Filters with which links of CloudWatch share metrics of some namespaces.

Source: OAM API reference, MetricConfiguration (read 2026-11-28). The API does not say which of AND and OR binds
stronger, so the sandbox refuses a filter with both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EVERYTHING = "*"
MOST_CONDITIONS = 5
_TEXT = r"'[^']*'"
_CONDITION = re.compile(
    rf"Namespace\s*(?:(?P<one>=|!=|NOT LIKE|LIKE)\s*(?P<value>{_TEXT})"
    rf"|(?P<many>NOT IN|IN)\s*\((?P<values>\s*{_TEXT}(?:\s*,\s*{_TEXT})*\s*)\))\s*"
)
_JOINT = re.compile(r"(AND|OR)\s+")


class InvalidFilterError(Exception):
    """A filter that is not of the documented form. The message says where."""


@dataclass(frozen=True, slots=True)
class _Condition:
    texts: tuple[str, ...]
    prefix: bool
    negated: bool

    def holds(self, namespace: str) -> bool:
        found = namespace.startswith(self.texts) if self.prefix else namespace in self.texts
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class NamespaceFilter:
    """Conditions on a namespace, of which all or any must hold."""

    conditions: tuple[_Condition, ...] = ()
    any_of: bool = False

    @classmethod
    def parse(cls, text: str) -> NamespaceFilter:
        """Raises: InvalidFilterError."""
        if text.strip() == EVERYTHING:
            return cls()
        found, joints, position = [], set(), 0
        while True:
            matched = _CONDITION.match(text, position)
            if matched is None:
                raise InvalidFilterError(f"expected a condition on Namespace at {text[position:]!r}")
            found.append(_condition(matched))
            position = matched.end()
            if position == len(text):
                break
            joint = _JOINT.match(text, position)
            if joint is None:
                raise InvalidFilterError(f"expected AND or OR at {text[position:]!r}")
            joints.add(joint[1])
            position = joint.end()
        if len(joints) > 1:
            raise InvalidFilterError("the sandbox does not know which of AND and OR comes first")
        if len(found) > MOST_CONDITIONS:
            raise InvalidFilterError(f"a filter has at most {MOST_CONDITIONS} conditions")
        return cls(tuple(found), any_of="OR" in joints)

    def admits(self, namespace: str) -> bool:
        results = (condition.holds(namespace) for condition in self.conditions)
        return any(results) if self.any_of else all(results)


def _condition(matched: re.Match[str]) -> _Condition:
    operator = matched["one"] or matched["many"]
    texts = list(_texts(matched["value"] or matched["values"]))
    prefix = operator.endswith("LIKE")
    if prefix and not texts[0].endswith("%"):
        raise InvalidFilterError("LIKE is a search for a prefix and ends with %")
    negated = operator.startswith(("!", "NOT"))
    return _Condition(tuple(text.removesuffix("%") if prefix else text for text in texts), prefix, negated)


def _texts(listed: str) -> Iterator[str]:
    yield from (quoted.strip("'") for quoted in re.findall(_TEXT, listed))
