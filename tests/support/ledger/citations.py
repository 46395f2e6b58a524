"""Clauses that a test cites in its marks, each at a level.

The level follows from where the test is (``LEVELS``), or from the mark: ``requirement("DEV-03", level="run")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.support.ledger.clauses import Ledger

MARK = "requirement"
LEVEL = "level"


class Level(StrEnum):
    """How far a test shows a clause, best first."""

    RUN = "run"
    """The behaviour ran: on the sandbox, read back there, or in the command or check itself if it needs no AWS."""
    DECLARED = "declared"
    """Stacks, components or plans say so. Nothing ran, or AWS was mocked."""
    PERMISSION = "permission"
    """Policies allow and deny it. Nothing says that anybody can do what they may."""


LEVELS: Mapping[str, Level] = {
    "tests/access/": Level.PERMISSION,
    "tests/engine/": Level.RUN,
    "tests/policies/": Level.RUN,
    "tests/templates/test_deployment_program.py": Level.DECLARED,
    "tests/templates/": Level.RUN,
    "tests/unit/components/identity/": Level.PERMISSION,
    "packages/": Level.RUN,
}
"""Levels of the tests in a folder or file, the first that fits. Tests elsewhere show declarations."""


def level_of(path: str) -> Level:
    """Returns the level of the tests of a module, by its path in the repository."""
    return next((level for folder, level in LEVELS.items() if path.startswith(folder)), Level.DECLARED)


@dataclass(frozen=True)
class Cited:
    """A clause that a test cites, and how far the test shows it."""

    clause: str
    level: Level


def cited_by_mark(ids: Iterable[object], keywords: Mapping[str, object], path: str) -> frozenset[Cited]:
    """Returns what a mark with these arguments cites, in a test module with this path.

    Raises:
        ValueError: The level does not exist.
    """
    level = Level(str(keywords.get(LEVEL, level_of(path))))
    return frozenset(Cited(str(id_), level) for id_ in ids)


def best_levels(citations: Iterable[Cited]) -> dict[str, Level]:
    """Returns the best level of each cited clause."""
    ordered = sorted(citations, key=lambda cited: list(Level).index(cited.level), reverse=True)
    return {cited.clause: cited.level for cited in ordered}


@dataclass(frozen=True)
class Standing:
    """Which clauses of a ledger are shown, and how far."""

    ledger: Ledger
    levels: Mapping[str, Level]
    """Best level by clause. A clause that no test shows is absent."""

    def shows(self, clause: str) -> bool:
        """Returns whether a clause is shown. Permissions alone show only clauses that say who may do what."""
        level = self.levels.get(clause)
        return level is not None and (level != Level.PERMISSION or clause in self.ledger.permissions)

    def status(self, clause: str) -> str:
        """Returns the level of a clause, ``closed`` if AWS has closed the service it depends on, or ``open``."""
        if clause in self.levels:
            return self.levels[clause]
        return "closed" if self.ledger.closed_by(clause) else "open"

    def is_whole(self, requirement: str) -> bool:
        """Returns whether every clause of a requirement is shown."""
        return all(self.shows(clause) for clause in self.ledger.requirements[requirement])

    def missing(self, requirement: str) -> list[str]:
        """Returns the clauses of a requirement that are not shown."""
        return [clause for clause in self.ledger.requirements[requirement] if not self.shows(clause)]

    def wrongly_taken_back(self) -> Iterator[str]:
        """Yields clauses that the ledger says were taken back, although tests show them."""
        return (clause for clause in self.ledger.taken_back if self.shows(clause))
