"""Builds, pipeline runs and promotions, which have logs: each with a summary and its log streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from selfservice.promotions.promotion import UNDER_WAY as PROMOTED
from selfservice.reports import delivery
from selfservice.reports.logs.events import Log

Item = TypeVar("Item")
Part = TypeVar("Part")
What = Literal["build", "run", "promotion"]
UNDER_WAY = (*delivery.UNDER_WAY, *PROMOTED)
TOOLING_READERS = "DataScientist-tooling or MLOpsEngineer-tooling"
DEVELOPMENT_READERS = "DataScientist-development or MLOpsEngineer-environments"


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """A build, a run or a promotion."""

    what: What
    id: str
    status: str
    started: str
    pipeline: str = ""
    """Pipeline of a run."""

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def has_failed(self) -> bool:
        return self.status in delivery.FAILED


def most_telling(
    items: Sequence[tuple[str, Item]], statuses: Sequence[str], parts: Callable[[Item], Iterable[Part]]
) -> list[Part]:
    """Returns the parts of the items with the first of these statuses that has any, or else of all items.

    Items come with their status.
    """
    for status in statuses:
        found = [part for of_item, item in items if of_item == status for part in parts(item)]
        if found:
            return found
    return [part for _, item in items for part in parts(item)]


class Source(Protocol):
    """Where things of one kind come from."""

    def newest(self) -> list[Logged]:
        """Returns the newest ones, the newest first."""
        ...

    def summary(self, logged: Logged) -> Sequence[str]:
        """Returns what one of them says about itself or its failure, in lines."""
        ...

    def logs(self, logged: Logged) -> Sequence[Log]:
        """Returns its logs: those of what failed, or else of what is under way, or else all.

        Raises: RefusedError if the credentials may not list them.
        """
        ...
