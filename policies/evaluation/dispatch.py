"""Runs the rules that apply to a resource's type, so that cost grows with resources and not with resources x rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.evaluation.resource import Resource
from policies.evaluation.rule import (
    EVERY_AWS_RESOURCE,
    EVERY_RESOURCE,
    Level,
    ResourceCheck,
    Rule,
    StackCheck,
    Violation,
)
from policies.evaluation.stack import Stack


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation of a rule by a resource."""

    rule: Rule
    level: Level
    resource: Resource
    message: str
    """Names the rule, the resource and the fix, and never a property's value."""


class Dispatcher:
    """Checks resources against rules, at the level that each rule has in the resource's kind of stack."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._checks: defaultdict[str, list[tuple[Rule, ResourceCheck]]] = defaultdict(list)
        self._stack_checks: list[tuple[Rule, StackCheck]] = []
        for rule in rules:
            for type_, check in rule.checks.items():
                self._checks[type_].append((rule, check))
            self._stack_checks.extend((rule, stack_check) for stack_check in rule.stack_checks)
        self._stack_check_types = {type_ for _, stack_check in self._stack_checks for type_ in stack_check.types}

    def concerns(self, type_: str) -> bool:
        """Whether any rule checks the type on its own. If not, the caller need not read the resource's properties."""
        return not self._checks.keys().isdisjoint(_keys_of(type_))

    def needs_for_stack_checks(self, type_: str) -> bool:
        """Whether any stack check needs resources of the type."""
        needed = self._stack_check_types
        return type_ in needed or (type_.startswith("aws:") and EVERY_AWS_RESOURCE in needed)

    def findings(self, resource: Resource) -> Iterator[Finding]:
        """Yields the findings on one resource."""
        for key in _keys_of(resource.type):
            for rule, check in self._checks.get(key, ()):
                level = rule.level_in(resource.context.kind)
                if level != "off":
                    yield from _finding(rule, level, resource, check(resource))

    def stack_findings(
        self, resources: Sequence[Resource], rehearsal: Sequence[Resource] | None = None
    ) -> Iterator[Finding]:
        """Yields the findings of stack checks on all resources of a stack, compared with its rehearsal if there is
        one."""
        for rule, stack_check in self._stack_checks:
            stack = Stack([resource for resource in resources if stack_check.concerns(resource.type)], rehearsal)
            level = _level(rule, stack_check, stack.context.kind)
            if level != "off":
                for resource, violation in stack_check.check(stack):
                    yield from _finding(rule, level, resource, violation)


def _keys_of(type_: str) -> tuple[str, ...]:
    """Returns the keys under which checks of a type are listed: the type itself, and its placeholders."""
    return (type_, EVERY_AWS_RESOURCE, EVERY_RESOURCE) if type_.startswith("aws:") else (type_, EVERY_RESOURCE)


def _level(rule: Rule, stack_check: StackCheck, kind: str) -> Level:
    """Returns the level of a stack check. An advisory check stays advisory if the rule is mandatory."""
    level = rule.level_in(kind)
    return "advisory" if stack_check.is_advisory and level == "mandatory" else level


def _finding(rule: Rule, level: Level, resource: Resource, violation: Violation | None) -> Iterator[Finding]:
    if violation is not None:
        yield Finding(rule, level, resource, f"{rule.id} {rule.title}: {resource.name} {violation}")
