"""A rule: what it is about, how strictly it holds, and pure functions that judge one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject
from settings.types.kinds import KINDS, Kind

Severity = Literal["critical", "high", "medium", "low"]
Level = Literal["mandatory", "advisory", "off"]

Verdict = str | None
"""None when the resource is fine, else what is wrong with it and how to mend it."""

Judge = Callable[[Subject], Verdict]
Judgement = tuple[Subject, Verdict]
RelationJudge = Callable[[Stack], Iterable[Judgement]]

EVERY_AWS_RESOURCE = "aws:*"
"""In place of a type: the rule holds for whatever an AWS provider makes."""


def refuse(what: str, *, fix: str) -> Verdict:
    """A refusal whose subject is the resource. Never quotes a property's value: it may be a secret."""
    return f"{what}; {fix}"


def first(verdicts: Iterable[Verdict]) -> Verdict:
    """The first refusal, if there is one."""
    return next(filter(None, verdicts), None)


@dataclass(frozen=True, slots=True)
class Relation:
    """How resources of some types stand to each other. The engine asks for it last, when all are registered."""

    types: tuple[str, ...]
    """All that the judge looks at; of other types it is told nothing."""
    judge: RelationJudge
    advises: bool = False
    """Whether what it finds is printed and stops nothing, whatever the rest of the rule does."""

    def concerns(self, type_: str) -> bool:
        return type_ in self.types or (type_.startswith("aws:") and EVERY_AWS_RESOURCE in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    title: str
    severity: Severity
    sources: tuple[str, ...]
    remedy: str
    """What a person does about it, for the reference page; a verdict says what to do about the resource at hand."""
    judges: Mapping[str, Judge] = field(default_factory=dict)
    """The function that judges each type the rule is about."""
    relations: tuple[Relation, ...] = ()
    """What judges resources by how they stand to each other."""
    exceptions: Mapping[str, Level] = field(default_factory=dict)
    """The kinds of stack where the rule is not mandatory. A kind that nobody knows is judged as production."""

    @property
    def advises(self) -> bool:
        """Whether it has advice for some kind of stack."""
        return "advisory" in self.exceptions.values() or any(relation.advises for relation in self.relations)

    def level_in(self, kind: str) -> Level:
        return self.exceptions.get(kind, "mandatory")


def off_but_in(*kinds: Kind) -> Mapping[str, Level]:
    """Exceptions of a rule that holds in these kinds of stack, and in those that nobody knows."""
    return {kind: "off" for kind in KINDS if kind not in kinds}


def for_each(types: tuple[str, ...], judge: Judge) -> dict[str, Judge]:
    """The same judge for every token under which a provider knows one thing."""
    return dict.fromkeys(types, judge)
