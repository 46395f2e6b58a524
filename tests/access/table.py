"""Reads matrix.yaml, which defines who may do what, and expands its rules into cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.access.world.network_paths import Origin
from tests.support.ledger.clauses import LEDGER, Ledger, read_ledger

TABLE = Path(__file__).parent / "matrix.yaml"
Outcome = Literal["allowed", "denied"]
OPPOSITE: Mapping[Outcome, Outcome] = {"allowed": "denied", "denied": "allowed"}
Owner = Literal["the place", "a stranger", "aws"]
Texts = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VariantException(_Strict):
    """An exception: variants in which a rule's cells have the opposite outcome, and why."""

    in_: Texts = Field(alias="in")
    """Names of variants."""
    because: str
    at: Texts | None = None
    """Places of the rule that the exception covers. The default is all. The same holds for ``do`` and ``who``."""
    do: Texts | None = None
    who: Texts | None = None


class Rule(_Strict):
    """A rule of the matrix: every named actor, with every action, at every place."""

    what: str
    """The actions in a few words that follow "can" or "cannot"."""
    because: str
    """Reason for the outcome."""
    shows: Texts = ()
    """Ids of clauses that the rule shows, or of requirements whose access it concerns."""
    at: Texts
    """Places: environment stacks, or kinds of durable accounts."""
    do: Texts
    to: str = "anything"
    """Name of a resource in the section ``resources``."""
    allowed: Texts = ()
    denied: Texts = ()
    with_: Mapping[str, str | Texts] = Field(default_factory=dict, alias="with")
    """Condition keys of these calls, in addition to those in the section ``requests``."""
    from_: Origin | None = Field(default=None, alias="from")
    """The only origin to check. The default is every origin that the actor has."""
    opened: bool = False
    """Whether to assume a resource policy that allows everything, so that only other policies can deny."""
    of: Owner = "the place"
    """Owner of the resource. A resource of another owner has a policy that allows everything."""
    as_administrator: bool = True
    """Whether the administrator role of an account counts for actors who may assume it."""
    otherwise: tuple[VariantException, ...] = ()


class Table(_Strict):
    """The contents of matrix.yaml."""

    variants: Mapping[str, Mapping[str, Any]]
    """Organizations in which every rule is checked, by name, with their differences from the example's settings."""
    decided_elsewhere: Mapping[str, str] = Field(alias="decided elsewhere")
    """Requirements without cells, or with only allowed or only denied cells, each with the reason."""
    groups: Mapping[str, Texts]
    """Names of groups of actors, places or actions."""
    requests: Mapping[str, Mapping[str, str | Texts]]
    """Condition keys of a well-formed call, by action."""
    resources: Mapping[str, str]
    """ARNs by name. Names in braces, here and in values of condition keys, are outputs of the place's stack, or
    ``account``, ``place``, ``region`` and ``team``."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One actor, one action, one resource and one place, with the expected outcome."""

    variant: str
    actor: str
    action: str
    resource: str
    place: str
    expected: Outcome
    what: str
    because: str
    is_without_exception: bool
    """Whether the rule applies in this variant without an exception."""
    arn: str
    """ARN with names in braces that the place fills in."""
    keys: Mapping[str, Texts] = field(hash=False)
    """Condition keys of a well-formed call, and the rule's own."""
    own_keys: Mapping[str, Texts] = field(hash=False)
    """Condition keys of the rule."""
    origin: Origin | None
    opened: bool
    owner: Owner
    as_administrator: bool

    def __str__(self) -> str:
        origin = f" from the {self.origin}" if self.origin else ""
        keys = "".join(f" {key}={'/'.join(values)}" for key, values in self.own_keys.items())
        return f"{self.variant}: {self.actor} {self.action} {self.resource} in {self.place}{origin}{keys}"


def cells(table: Table) -> Iterator[Cell]:
    """Yields every cell of the matrix, by variant and rule."""
    return (cell for variant in table.variants for rule in table.rules for cell in cells_of(table, rule, variant))


def cells_of(table: Table, rule: Rule, variant: str) -> Iterator[Cell]:
    """Yields the cells of a rule in a variant."""
    for place in _expanded(table, rule.at):
        for action in _expanded(table, rule.do):
            for actor, expected in _actors(table, rule):
                yield _cell(table, rule, variant, place, action, actor, expected)


def _cell(table: Table, rule: Rule, variant: str, place: str, action: str, actor: str, expected: Outcome) -> Cell:
    otherwise = next((o for o in rule.otherwise if variant in o.in_ and _covers(table, o, place, action, actor)), None)
    if otherwise is not None:
        expected = OPPOSITE[expected]
    return Cell(
        variant=variant,
        actor=actor,
        action=action,
        resource=rule.to,
        place=place,
        expected=expected,
        what=rule.what,
        because=rule.because if otherwise is None else otherwise.because,
        is_without_exception=otherwise is None,
        arn=table.resources[rule.to],
        keys=_keys({**table.requests.get(action, {}), **rule.with_}),
        own_keys=_keys(rule.with_),
        origin=rule.from_,
        opened=rule.opened,
        owner=rule.of,
        as_administrator=rule.as_administrator,
    )


def _covers(table: Table, otherwise: VariantException, place: str, action: str, actor: str) -> bool:
    named = ((otherwise.at, place), (otherwise.do, action), (otherwise.who, actor))
    return all(names is None or name in _expanded(table, names) for names, name in named)


def _actors(table: Table, rule: Rule) -> Iterator[tuple[str, Outcome]]:
    allowed = _expanded(table, rule.allowed)
    yield from ((actor, "allowed") for actor in allowed)
    yield from ((actor, "denied") for actor in _expanded(table, rule.denied) if actor not in allowed)


def _expanded(table: Table, names: Texts) -> list[str]:
    """Returns the names, with groups replaced by their members, each once."""
    unfolded: list[str] = []
    for name in names:
        unfolded += _expanded(table, table.groups[name]) if name in table.groups else [name]
    return list(dict.fromkeys(unfolded))


def _keys(matrix: Mapping[str, str | Texts]) -> dict[str, Texts]:
    return {key: (value,) if isinstance(value, str) else value for key, value in matrix.items()}


@cache
def matrix() -> Table:
    """Returns the matrix of this repository."""
    return Table.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8")))


def cited_by_cells(rule: Rule) -> frozenset[str]:
    """Returns the clauses that a rule's cells show. Of a requirement named as a whole, they show no clause alone."""
    return frozenset(rule.shows) & _ledger().clauses.keys()


@cache
def _ledger() -> Ledger:
    return read_ledger(Path(__file__).parents[2] / LEDGER)


def first_variant() -> str:
    """Returns the name of the first variant, from which the others differ."""
    return next(iter(matrix().variants))


@cache
def all_cells() -> tuple[Cell, ...]:
    return tuple(cells(matrix()))
