"""Kinds of stack in which a rule only advises. In all others it refuses, or does not apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.rule import Rule

ADVISORY: Mapping[str, tuple[str, ...]] = {
    "experimentation": (
        "IA-02", "NW-06", "S3-04", "S3-05", "SF-01", "SM-04", "SM-09", "SM-11", "SM-15", "SM-21",
    ),
    "preproduction": ("SM-14", "SM-16", "SM-17"),
    "tooling": ("NW-01", "NW-04"),
}  # fmt: skip
"""Ids of rules, by kind of stack."""


@dataclass(frozen=True)
class LevelCase:
    """A rule that advises in a kind of stack."""

    rule: str
    token: str
    """Kind of stack."""

    def is_as_expected(self, rule: Rule) -> bool:
        return rule.level_in(self.token) == "advisory"


def cases() -> Iterator[LevelCase]:
    return (LevelCase(rule, kind) for kind, rules in ADVISORY.items() for rule in rules)
