"""A rule: its id, severity and level, and the pure functions that check resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from policies.evaluation.policy_documents import Statement
from policies.evaluation.resource import Resource
from policies.evaluation.stack import Stack
from settings.types.kinds import KINDS, Kind

Severity = Literal["critical", "high", "medium", "low"]
Level = Literal["mandatory", "advisory", "off"]

Violation = str
"""Message that says how a resource breaks a rule, and how to fix it. A check returns None if the resource complies."""

ResourceCheck = Callable[[Resource], Violation | None]
CheckResult = tuple[Resource, Violation | None]
StackCheckFunction = Callable[[Stack], Iterable[CheckResult]]

EVERY_AWS_RESOURCE = "aws:*"
"""Placeholder for a type: the check applies to every resource of an AWS provider."""

EVERY_RESOURCE = "*"
"""Placeholder for a type: the check applies to every resource of every provider, and to components."""


def violation(what: str, *, fix: str) -> Violation:
    """Returns a violation that completes a sentence about the resource. It must not contain a property's value, which
    may be a secret."""
    return f"{what}; {fix}"


def first(violations: Iterable[Violation | None]) -> Violation | None:
    """Returns the first violation, or None."""
    return next(filter(None, violations), None)


def in_statement(statement: Statement, verdict: Violation | None) -> Violation | None:
    """Returns a violation with the place of the statement in its policy document, or None."""
    return verdict and f"has a statement at {statement.place} that {verdict}"


@dataclass(frozen=True, slots=True)
class StackCheck:
    """A check of a stack's resources together. The engine runs it after all resources are registered."""

    types: tuple[str, ...]
    """Types of the resources that the check receives."""
    check: StackCheckFunction
    is_advisory: bool = False
    """Whether findings of this check are only printed, even if the rule is mandatory."""

    def concerns(self, type_: str) -> bool:
        return type_ in self.types or (type_.startswith("aws:") and EVERY_AWS_RESOURCE in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A requirement on resources, with the functions that check it."""

    id: str
    title: str
    severity: Severity
    sources: tuple[str, ...]
    remedy: str
    """Advice of the reference page on how to comply. A violation names the fix for the resource at hand."""
    checks: Mapping[str, ResourceCheck] = field(default_factory=dict)
    """Check of a single resource, by type."""
    stack_checks: tuple[StackCheck, ...] = ()
    """Checks of a stack's resources together."""
    exceptions: Mapping[str, Level] = field(default_factory=dict)
    """Levels in kinds of stack in which the rule is not mandatory. An unknown kind counts as production."""

    @property
    def has_advisory_findings(self) -> bool:
        """Whether the rule can have advisory findings in any kind of stack."""
        return "advisory" in self.exceptions.values() or any(check.is_advisory for check in self.stack_checks)

    def level_in(self, kind: str) -> Level:
        return self.exceptions.get(kind, "mandatory")


def off_except_in(*kinds: Kind) -> Mapping[str, Level]:
    """Returns the exceptions of a rule that applies only in the given kinds of stack and in unknown kinds."""
    return {kind: "off" for kind in KINDS if kind not in kinds}


def for_each(types: tuple[str, ...], check: ResourceCheck) -> dict[str, ResourceCheck]:
    """Returns a mapping of several types to the same check."""
    return dict.fromkeys(types, check)
