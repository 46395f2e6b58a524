"""Reads ledger.yaml: areas, requirements and their clauses.

A requirement with one clause is one sentence, and its clause has the id of the requirement (``DEV-03``). A requirement
with several clauses is a sentence for each, with ids of their own (``DEV-01.a``).
"""

from __future__ import annotations

import string
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

LEDGER = Path("tests/support/ledger/ledger.yaml")


def requirement_of(clause: str) -> str:
    """Returns the requirement that a clause belongs to: ``DEV-01`` for ``DEV-01.a``."""
    return clause.partition(".")[0]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClosedService(_Strict):
    """A service that AWS has closed to new customers, so that the named clauses cannot be met with it."""

    service: str
    since: str
    """Date from which an account that did not use the service before cannot use it, as ISO 8601."""
    instead: str
    """Replacement of the service, as a sentence."""
    clauses: tuple[str, ...]
    """Ids of clauses, or of requirements if all their clauses are concerned."""


class Area(_Strict):
    """Requirements with a common prefix."""

    title: str
    requirements: Mapping[str, str | Mapping[str, str]]
    """The sentence of each requirement, or the sentences of its clauses by letter."""


class Ledger(_Strict):
    """The contents of ledger.yaml."""

    permissions: tuple[str, ...] = ()
    """Clauses that say only who may do what. Evaluating policies shows them."""
    closed: tuple[ClosedService, ...] = Field(default=(), alias="closed by AWS")
    taken_back: Mapping[str, str] = Field(default_factory=dict, alias="taken back")
    """Clauses that were once counted as shown, with the reason why they are not."""
    areas: Mapping[str, Area]

    @cached_property
    def clauses(self) -> Mapping[str, str]:
        """The sentence of each clause by its id, in the order of the ledger."""
        return {id_: text for area in self.areas.values() for id_, text in _clauses(area)}

    @cached_property
    def requirements(self) -> Mapping[str, tuple[str, ...]]:
        """The clauses of each requirement."""
        return {requirement: tuple(found) for requirement, found in groupby(self.clauses, key=requirement_of)}

    def closed_by(self, clause: str) -> ClosedService | None:
        """Returns the service that AWS has closed and a clause depends on."""
        named = {clause, requirement_of(clause)}
        return next((closed for closed in self.closed if named & set(closed.clauses)), None)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        faults = [fault for prefix, area in self.areas.items() for fault in _numbering_faults(prefix, area)]
        ids = self.clauses.keys() | self.requirements.keys()
        named = (*self.permissions, *self.taken_back, *(clause for closed in self.closed for clause in closed.clauses))
        faults += [f"{id_} is not in the ledger" for id_ in sorted(set(named) - ids)]
        faults += [f"{id_}: not a sentence" for id_, text in self.clauses.items() if not text.endswith(".")]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _clauses(area: Area) -> Iterator[tuple[str, str]]:
    for requirement, text in area.requirements.items():
        if isinstance(text, str):
            yield requirement, text
        else:
            yield from ((f"{requirement}.{letter}", clause) for letter, clause in text.items())


def _numbering_faults(prefix: str, area: Area) -> Iterator[str]:
    for expected, requirement in zip(_ids(prefix), area.requirements, strict=False):
        if requirement != expected:
            yield f"{requirement} where {expected} is next"
    for requirement, text in area.requirements.items():
        if not isinstance(text, str) and (len(text) < 2 or "".join(text) != string.ascii_lowercase[: len(text)]):
            yield f"{requirement}: clauses are two or more, and lettered a, b, c in this order"


def _ids(prefix: str) -> Iterator[str]:
    return (f"{prefix}-{number:02}" for number in range(1, 100))


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that a mapping has twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{key} is listed twice, the second time before line {node.end_mark.line + 1}")
        return super().construct_mapping(node, deep)


def read_ledger(path: Path) -> Ledger:
    """Returns the ledger in a file. Raises what ``parse_ledger`` raises."""
    return parse_ledger(path.read_text(encoding="utf-8"))


def parse_ledger(text: str) -> Ledger:
    """Returns the ledger in a YAML document.

    Raises:
        ValueError: An id is listed twice, is out of order, or is named without being listed.
    """
    return Ledger.model_validate(yaml.load(text, Loader=_UniqueKeyLoader))


def ranges(ids: Iterable[str]) -> str:
    """Returns ids of one area in a short form, with consecutive ones as a range: ``DEV-01 to 03, DEV-07``."""
    runs: list[list[str]] = []
    for id_ in ids:
        if runs and int(id_[-2:]) == int(runs[-1][-1][-2:]) + 1:
            runs[-1].append(id_)
        else:
            runs.append([id_])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1][-2:]}" for run in runs)
