"""Kinds of stack in which a rule only advises or does not apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.rule import Level, Rule

ADVISORY: Mapping[str, tuple[str, ...]] = {
    "experimentation": (
        "IA-02", "NW-06", "S3-04", "S3-05", "SF-01", "SM-04", "SM-09", "SM-11", "SM-15", "SM-21",
    ),
    "preproduction": ("SM-14", "SM-16", "SM-17"),
    "tooling": ("NW-01", "NW-04"),
}  # fmt: skip
NOT_APPLIED: Mapping[str, tuple[str, ...]] = {"network": ("NW-01", "NW-04")}
"""Rules that do not apply in the kind of stack that inspects egress."""


@dataclass(frozen=True)
class LevelCase:
    """The level of a rule in a kind of stack."""

    rule: str
    token: str
    """Kind of stack."""
    level: Level

    def is_as_expected(self, rule: Rule) -> bool:
        return rule.level_in(self.token) == self.level


def cases() -> Iterator[LevelCase]:
    tables: tuple[tuple[Level, Mapping[str, tuple[str, ...]]], ...] = (("advisory", ADVISORY), ("off", NOT_APPLIED))
    for level, table in tables:
        yield from (LevelCase(rule, kind, level) for kind, rules in table.items() for rule in rules)
