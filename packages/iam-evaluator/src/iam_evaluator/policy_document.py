"""Parses policy documents into typed values. Anything unknown in a document is an error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from iam_evaluator.conditions import Condition
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.wildcards import is_arn_pattern, matches

Effect = Literal["Allow", "Deny"]

ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. An absent element is None, which differs from an empty one."""

    sid: str
    effect: Effect
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Mapping[str, tuple[str, ...]] | None
    not_principals: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[Condition, ...]

    def covers(self, action: str) -> bool:
        """Whether the statement's Action or NotAction covers an action."""
        if self.actions is not None:
            return any(matches(pattern, action, {}, ignore_case=True) for pattern in self.actions)
        return not any(matches(pattern, action, {}, ignore_case=True) for pattern in self.not_actions or ())


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document with a name for messages."""

    name: str
    statements: tuple[Statement, ...] = field(repr=False)
    _about: dict[tuple[Effect, str], tuple[Statement, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Cache of results, because all requests of an account use the same few policies."""

    def about(self, action: str, effect: Effect) -> tuple[Statement, ...]:
        """Returns the statements with an effect that cover an action."""
        key = (effect, action)
        if key not in self._about:
            self._about[key] = tuple(s for s in self.statements if s.effect == effect and s.covers(action))
        return self._about[key]

    @classmethod
    def parse(cls, name: str, text: str) -> Policy:
        """Parses a JSON text. Raises UnsupportedError with everything in it that the evaluator does not support."""
        body = json.loads(text)
        problems = [f"{name}: element {element}" for element in sorted(body.keys() - {"Version", "Id", "Statement"})]
        statements = []
        for place, raw in enumerate(_as_tuple(body["Statement"])):
            sid = raw.get("Sid") or f"statement {place + 1}"
            problems += [f"{name}, {sid}: {problem}" for problem in _unsupported(raw)]
            statements.append(raw | {"Sid": sid})
        if problems:
            raise UnsupportedError(problems)
        return cls(name, tuple(map(_statement, statements)))


def _statement(raw: Mapping[str, Any]) -> Statement:
    return Statement(
        sid=raw["Sid"],
        effect=raw["Effect"],
        actions=_patterns(raw, "Action"),
        not_actions=_patterns(raw, "NotAction"),
        resources=_patterns(raw, "Resource"),
        not_resources=_patterns(raw, "NotResource"),
        principals=_principals(raw.get("Principal")),
        not_principals=_principals(raw.get("NotPrincipal")),
        conditions=tuple(_conditions(raw)),
    )


def _unsupported(raw: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"element {element}" for element in sorted(raw.keys() - ELEMENTS))
    if raw.get("Effect") not in ("Allow", "Deny"):
        yield f"effect {raw.get('Effect')}"
    if ("Action" in raw) == ("NotAction" in raw):
        yield "needs either Action or NotAction"
    for pattern in (*(_patterns(raw, "Resource") or ()), *(_patterns(raw, "NotResource") or ())):
        if not is_arn_pattern(pattern):
            yield f"resource {pattern}"
    for kinds in (raw.get("Principal"), raw.get("NotPrincipal")):
        if isinstance(kinds, Mapping):
            yield from (f"principal of kind {kind}" for kind in kinds if kind not in PRINCIPAL_KINDS)
    yield from (problem for condition in _conditions(raw) for problem in condition.unsupported())


def _conditions(raw: Mapping[str, Any]) -> Iterator[Condition]:
    for operator, keys in raw.get("Condition", {}).items():
        for key, values in keys.items():
            yield Condition(operator, key, tuple(_text(value) for value in _as_tuple(values)))


def _patterns(raw: Mapping[str, Any], element: str) -> tuple[str, ...] | None:
    return tuple(_as_tuple(raw[element])) if element in raw else None


def _principals(raw: Any) -> Mapping[str, tuple[str, ...]] | None:
    """Returns principals by kind. A plain ``"*"`` is a kind of its own, which includes AWS services."""
    if raw is None:
        return None
    return {"*": ("*",)} if raw == "*" else {kind: tuple(_as_tuple(who)) for kind, who in raw.items()}


def _as_tuple(value: Any) -> Iterable[Any]:
    """Returns a value as a tuple, because IAM accepts a list of one item without brackets."""
    return tuple(value) if isinstance(value, list) else (value,)


def _text(value: Any) -> str:
    """Returns a JSON boolean or number as text, because IAM compares values as text."""
    return value if isinstance(value, str) else json.dumps(value)
