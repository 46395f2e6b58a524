"""Finds the rules for a resource by its type, so that cost grows with resources and not with resources x rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject
from policies.security.rule import EVERY_AWS_RESOURCE, Judge, Level, Relation, Rule, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a resource breaks."""

    rule: Rule
    level: Level
    subject: Subject
    message: str
    """Names the rule, the resource and the mend; never a property's value."""


class Dispatcher:
    """Judges resources by the rules given, at the level each rule has in the resource's kind of stack."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._judges: defaultdict[str, list[tuple[Rule, Judge]]] = defaultdict(list)
        self._relations: list[tuple[Rule, Relation]] = []
        for rule in rules:
            for type_, judge in rule.judges.items():
                self._judges[type_].append((rule, judge))
            self._relations.extend((rule, relation) for relation in rule.relations)
        self._related = {type_ for _, relation in self._relations for type_ in relation.types}

    def concerns(self, type_: str) -> bool:
        """Whether any rule is about the type; if none is, its properties need not be read."""
        return type_ in self._judges or (type_.startswith("aws:") and EVERY_AWS_RESOURCE in self._judges)

    def relates(self, type_: str) -> bool:
        """Whether any rule is about how resources of the type stand to each other."""
        return type_ in self._related or (type_.startswith("aws:") and EVERY_AWS_RESOURCE in self._related)

    def findings(self, subject: Subject) -> Iterator[Finding]:
        every = self._judges.get(EVERY_AWS_RESOURCE, []) if subject.type.startswith("aws:") else []
        for rule, judge in [*self._judges.get(subject.type, []), *every]:
            level = rule.level_in(subject.surroundings.kind)
            if level != "off":
                yield from _finding(rule, level, subject, judge(subject))

    def findings_together(
        self, subjects: Sequence[Subject], rehearsal: Sequence[Subject] | None = None
    ) -> Iterator[Finding]:
        """What breaks a rule about the resources of a stack among each other, and beside those of its rehearsal."""
        for rule, relation in self._relations:
            stack = Stack([subject for subject in subjects if relation.concerns(subject.type)], rehearsal)
            level = _level(rule, relation, stack.surroundings.kind)
            if level != "off":
                for subject, verdict in relation.judge(stack):
                    yield from _finding(rule, level, subject, verdict)


def _level(rule: Rule, relation: Relation, kind: str) -> Level:
    """Advice is no more than that in a kind of stack where the rule is mandatory."""
    level = rule.level_in(kind)
    return "advisory" if relation.advises and level == "mandatory" else level


def _finding(rule: Rule, level: Level, subject: Subject, verdict: Verdict) -> Iterator[Finding]:
    if verdict is not None:
        yield Finding(rule, level, subject, f"{rule.id} {rule.title}: {subject.name} {verdict}")
