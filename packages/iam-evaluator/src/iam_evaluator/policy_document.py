"""A policy document as typed values. What this reader does not know is an error with its name, never passed over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from iam_evaluator.conditions import Condition
from iam_evaluator.errors import NotUnderstoodError
from iam_evaluator.wildcards import is_arn_pattern, matches

Effect = Literal["Allow", "Deny"]

ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. An element that a document leaves out is None, which is not the same as an empty one."""

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
        if self.actions is not None:
            return any(matches(pattern, action, {}, ignore_case=True) for pattern in self.actions)
        return not any(matches(pattern, action, {}, ignore_case=True) for pattern in self.not_actions or ())


@dataclass(frozen=True, slots=True)
class Policy:
    """A named document."""

    name: str
    statements: tuple[Statement, ...] = field(repr=False)
    _about: dict[tuple[Effect, str], tuple[Statement, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What has been found, since the same few policies are asked about every request of an account."""

    def about(self, action: str, effect: Effect) -> tuple[Statement, ...]:
        """The statements of an effect that cover an action."""
        key = (effect, action)
        if key not in self._about:
            self._about[key] = tuple(s for s in self.statements if s.effect == effect and s.covers(action))
        return self._about[key]

    @classmethod
    def parse(cls, name: str, text: str) -> Policy:
        """The document of a JSON text. Raises NotUnderstoodError, which lists all of it that cannot be judged."""
        body = json.loads(text)
        faults = [f"{name}: element {element}" for element in sorted(body.keys() - {"Version", "Id", "Statement"})]
        statements = []
        for place, raw in enumerate(_as_tuple(body["Statement"])):
            sid = raw.get("Sid") or f"statement {place + 1}"
            faults += [f"{name}, {sid}: {fault}" for fault in _faults(raw)]
            statements.append(raw | {"Sid": sid})
        if faults:
            raise NotUnderstoodError(faults)
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


def _faults(raw: Mapping[str, Any]) -> Iterator[str]:
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
    yield from (fault for condition in _conditions(raw) for fault in condition.faults())


def _conditions(raw: Mapping[str, Any]) -> Iterator[Condition]:
    for operator, keys in raw.get("Condition", {}).items():
        for key, values in keys.items():
            yield Condition(operator, key, tuple(_text(value) for value in _as_tuple(values)))


def _patterns(raw: Mapping[str, Any], element: str) -> tuple[str, ...] | None:
    return tuple(_as_tuple(raw[element])) if element in raw else None


def _principals(raw: Any) -> Mapping[str, tuple[str, ...]] | None:
    """``"*"`` is everybody: AWS's services as well as its customers."""
    if raw is None:
        return None
    return {"*": ("*",)} if raw == "*" else {kind: tuple(_as_tuple(who)) for kind, who in raw.items()}


def _as_tuple(value: Any) -> Iterable[Any]:
    """IAM lets a list of one be written without its brackets."""
    return tuple(value) if isinstance(value, list) else (value,)


def _text(value: Any) -> str:
    """JSON's own booleans and numbers as IAM compares them, which is as text."""
    return value if isinstance(value, str) else json.dumps(value)
