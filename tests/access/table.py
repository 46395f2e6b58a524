"""The table of who may do what, as people write it: matrix.yaml, read strictly and unfolded into cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.access.ways import Origin

TABLE = Path(__file__).parent / "matrix.yaml"
Verdict = Literal["allowed", "denied"]
Owner = Literal["the place", "a stranger", "aws"]
Texts = tuple[str, ...]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Written):
    """Rows that belong together: everybody named, with every action, at every place."""

    what: str
    """The actions in a few words, after "may" or "may not"."""
    because: str
    """Why it is so."""
    shows: Texts = ()
    """Requirements that it is about."""
    at: Texts
    """Places: stacks of environments, or kinds of durable accounts."""
    do: Texts
    to: str = "anything"
    """A resource of the section ``resources``."""
    allowed: Texts = ()
    denied: Texts = ()
    with_: Mapping[str, str | Texts] = Field(default_factory=dict, alias="with")
    """Condition keys of these calls, beside those of the section ``requests``."""
    from_: Origin | None = Field(default=None, alias="from")
    """The only way tried; otherwise all that a person or a workload has."""
    opened: bool = False
    """As if the resource's own policy let everybody in: what is then denied, the organization denies."""
    of: Owner = "the place"
    """Whose the resource is. What is not the place's lets everybody in."""


class Table(_Written):
    """The whole file."""

    groups: Mapping[str, Texts]
    """Names for several actors, or several actions."""
    requests: Mapping[str, Mapping[str, str | Texts]]
    """Condition keys that a well-formed call of an action brings."""
    resources: Mapping[str, str]
    """ARNs. In braces, here and in values of condition keys, are outputs of the place's stack, its ``account``,
    ``place``, ``region`` and ``team``."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One actor, one action, one resource, one place, and what has to come of it."""

    actor: str
    action: str
    resource: str
    place: str
    expected: Verdict
    what: str
    because: str
    requirements: Texts
    arn: str
    """With the names in braces that the place fills in."""
    keys: Mapping[str, Texts] = field(hash=False)
    """What a call of the action brings, and the rule's own keys."""
    own_keys: Mapping[str, Texts] = field(hash=False)
    origin: Origin | None
    opened: bool
    owner: Owner

    def __str__(self) -> str:
        origin = f" from the {self.origin}" if self.origin else ""
        keys = "".join(f" {key}={'/'.join(values)}" for key, values in self.own_keys.items())
        return f"{self.actor} {self.action} {self.resource} in {self.place}{origin}{keys}"


def cells(table: Table) -> Iterator[Cell]:
    """Every cell of the table, in its order."""
    for rule in table.rules:
        for place in _unfolded(table, rule.at):
            for action in _unfolded(table, rule.do):
                for actor, expected in _actors(table, rule):
                    yield _cell(table, rule, place, action, actor, expected)


def _cell(table: Table, rule: Rule, place: str, action: str, actor: str, expected: Verdict) -> Cell:
    return Cell(
        actor=actor,
        action=action,
        resource=rule.to,
        place=place,
        expected=expected,
        what=rule.what,
        because=rule.because,
        requirements=rule.shows,
        arn=table.resources[rule.to],
        keys=_keys({**table.requests.get(action, {}), **rule.with_}),
        own_keys=_keys(rule.with_),
        origin=rule.from_,
        opened=rule.opened,
        owner=rule.of,
    )


def _actors(table: Table, rule: Rule) -> Iterator[tuple[str, Verdict]]:
    allowed = _unfolded(table, rule.allowed)
    yield from ((actor, "allowed") for actor in allowed)
    yield from ((actor, "denied") for actor in _unfolded(table, rule.denied) if actor not in allowed)


def _unfolded(table: Table, names: Texts) -> list[str]:
    """The names with those of groups in the groups' places, each once."""
    unfolded: list[str] = []
    for name in names:
        unfolded += _unfolded(table, table.groups[name]) if name in table.groups else [name]
    return list(dict.fromkeys(unfolded))


def _keys(written: Mapping[str, str | Texts]) -> dict[str, Texts]:
    return {key: (value,) if isinstance(value, str) else value for key, value in written.items()}


@cache
def written() -> Table:
    """The table of the repository."""
    return Table.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8")))


@cache
def all_cells() -> tuple[Cell, ...]:
    return tuple(cells(written()))
