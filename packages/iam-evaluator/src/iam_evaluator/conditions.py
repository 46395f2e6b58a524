"""Condition operators, as "IAM JSON policy elements: Condition operators" and "Multivalued context keys" in the IAM
User Guide document them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import ip_address, ip_network

from iam_evaluator.context_keys import KeyType, context_key
from iam_evaluator.wildcards import (
    Context,
    arn_matches,
    equals,
    is_arn_pattern,
    malformed_variables,
    matches,
    variables,
)

Test = Callable[[str, str, Context], bool]
"""Whether a value of the request matches a value of the policy. Parameters: policy value, request value, context."""

SET_OPERATORS = ("ForAllValues", "ForAnyValue")
IF_EXISTS = "IfExists"


def _date(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _in_range(written: str, found: str, _context: Context) -> bool:
    return ip_address(found) in ip_network(written, strict=False)


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison, and the types of keys that it accepts."""

    test: Test
    types: tuple[KeyType, ...]
    negated: bool = False


TEXTS: tuple[KeyType, ...] = ("string", "arn")
OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(equals, TEXTS),
    "StringNotEquals": Operator(equals, TEXTS, negated=True),
    "StringEqualsIgnoreCase": Operator(lambda w, f, c: equals(w, f, c, ignore_case=True), TEXTS),
    "StringNotEqualsIgnoreCase": Operator(lambda w, f, c: equals(w, f, c, ignore_case=True), TEXTS, negated=True),
    "StringLike": Operator(matches, TEXTS),
    "StringNotLike": Operator(matches, TEXTS, negated=True),
    # ArnEquals and ArnLike behave identically, including wildcards.
    "ArnEquals": Operator(arn_matches, ("arn",)),
    "ArnLike": Operator(arn_matches, ("arn",)),
    "ArnNotEquals": Operator(arn_matches, ("arn",), negated=True),
    "ArnNotLike": Operator(arn_matches, ("arn",), negated=True),
    "Bool": Operator(lambda w, f, c: equals(w, f, c, ignore_case=True), ("bool",)),
    "NumericEquals": Operator(lambda w, f, _: float(f) == float(w), ("number",)),
    "NumericNotEquals": Operator(lambda w, f, _: float(f) == float(w), ("number",), negated=True),
    "NumericLessThan": Operator(lambda w, f, _: float(f) < float(w), ("number",)),
    "NumericLessThanEquals": Operator(lambda w, f, _: float(f) <= float(w), ("number",)),
    "NumericGreaterThan": Operator(lambda w, f, _: float(f) > float(w), ("number",)),
    "NumericGreaterThanEquals": Operator(lambda w, f, _: float(f) >= float(w), ("number",)),
    "DateEquals": Operator(lambda w, f, _: _date(f) == _date(w), ("date",)),
    "DateLessThan": Operator(lambda w, f, _: _date(f) < _date(w), ("date",)),
    "DateGreaterThan": Operator(lambda w, f, _: _date(f) > _date(w), ("date",)),
    "IpAddress": Operator(_in_range, ("address",)),
    "NotIpAddress": Operator(_in_range, ("address",), negated=True),
}


@dataclass(frozen=True)
class Condition:
    """One operator on one key. A statement applies if all its conditions hold; one of a condition's values is
    enough."""

    operator: str
    key: str
    values: tuple[str, ...]

    @cached_property
    def _parts(self) -> tuple[str, str, bool]:
        """The set operator, the operator itself, and whether it has the suffix IfExists."""
        prefix, _, name = self.operator.rpartition(":")
        return prefix, name.removesuffix(IF_EXISTS), name.endswith(IF_EXISTS)

    def unsupported(self) -> Iterator[str]:
        """Yields everything in the condition that the evaluator does not support."""
        prefix, name, _ = self._parts
        key = context_key(self.key)
        if (name not in OPERATORS and self.operator != "Null") or (prefix and prefix not in SET_OPERATORS):
            yield f"condition operator {self.operator}"
            return
        if key is None:
            yield f"condition key {self.key}"
            return
        if name != "Null":
            if key.type not in OPERATORS[name].types:
                yield f"condition operator {self.operator} on {self.key}, which is a {key.type}"
            if key.multivalued and not prefix:
                yield f"condition operator {self.operator} on {self.key}, which is multivalued and needs a set operator"
        elif any(value.lower() not in ("true", "false") for value in self.values):
            yield f"Null on {self.key}: {', '.join(self.values)}"
        if name.startswith("Arn"):
            yield from (f"ARN {value} for {self.key}" for value in self.values if not is_arn_pattern(value))
        for value in self.values:
            yield from (f"policy variable {name}" for name in malformed_variables(value))
            yield from (f"policy variable {name}" for name in variables(value) if context_key(name) is None)

    def holds(self, context: Context) -> bool:
        """Whether the condition holds for a request."""
        found = context.get(self.key.lower(), ())
        prefix, name, if_exists = self._parts
        if name == "Null":
            return any((value.lower() == "true") is (not found) for value in self.values)
        operator = OPERATORS[name]
        if not found:
            return if_exists or prefix == "ForAllValues" or (operator.negated and not prefix)
        matching = (self._matches(operator, value, context) for value in found)
        return any(matching) if prefix == "ForAnyValue" else all(matching)

    def _matches(self, operator: Operator, found: str, context: Context) -> bool:
        """Whether a request value matches any policy value or, for a negated operator, none of them."""
        return any(operator.test(written, found, context) for written in self.values) is not operator.negated
