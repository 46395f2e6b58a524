"""The table of who may do what, as people write it: matrix.yaml, read strictly and unfolded into cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.access.world.role_chains import Origin

TABLE = Path(__file__).parent / "matrix.yaml"
Verdict = Literal["allowed", "denied"]
OPPOSITE: Mapping[Verdict, Verdict] = {"allowed": "denied", "denied": "allowed"}
Owner = Literal["the place", "a stranger", "aws"]
Texts = tuple[str, ...]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Otherwise(_Written):
    """Where a variant cannot hold a rule, and why: these cells come out the other way there."""

    in_: Texts = Field(alias="in")
    """Names of variants."""
    because: str
    at: Texts | None = None
    """Places of the rule; all of them where none is named. So too with what follows."""
    do: Texts | None = None
    who: Texts | None = None


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
    otherwise: tuple[Otherwise, ...] = ()


class Table(_Written):
    """The whole file."""

    variants: Mapping[str, Mapping[str, Any]]
    """Organizations in which every rule is tried, by name: how the settings of each differ from the example's."""
    decided_elsewhere: Mapping[str, str] = Field(alias="decided elsewhere")
    """Requirements that policies do not decide, or of which they decide one side alone, each with the reason."""
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

    variant: str
    actor: str
    action: str
    resource: str
    place: str
    expected: Verdict
    what: str
    because: str
    is_as_everywhere: bool
    """Whether the rule holds here as it is written."""
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
        return f"{self.variant}: {self.actor} {self.action} {self.resource} in {self.place}{origin}{keys}"


def cells(table: Table) -> Iterator[Cell]:
    """Every cell of the table, variant by variant, in its order."""
    return (cell for variant in table.variants for rule in table.rules for cell in cells_of(table, rule, variant))


def cells_of(table: Table, rule: Rule, variant: str) -> Iterator[Cell]:
    """The cells of a rule in a variant."""
    for place in _unfolded(table, rule.at):
        for action in _unfolded(table, rule.do):
            for actor, expected in _actors(table, rule):
                yield _cell(table, rule, variant, place, action, actor, expected)


def _cell(table: Table, rule: Rule, variant: str, place: str, action: str, actor: str, expected: Verdict) -> Cell:
    otherwise = next(
        (o for o in rule.otherwise if variant in o.in_ and _is_about(table, o, place, action, actor)), None
    )
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
        is_as_everywhere=otherwise is None,
        arn=table.resources[rule.to],
        keys=_keys({**table.requests.get(action, {}), **rule.with_}),
        own_keys=_keys(rule.with_),
        origin=rule.from_,
        opened=rule.opened,
        owner=rule.of,
    )


def _is_about(table: Table, otherwise: Otherwise, place: str, action: str, actor: str) -> bool:
    named = ((otherwise.at, place), (otherwise.do, action), (otherwise.who, actor))
    return all(names is None or name in _unfolded(table, names) for names, name in named)


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


def first_variant() -> str:
    """The one from which the others differ."""
    return next(iter(written().variants))


@cache
def all_cells() -> tuple[Cell, ...]:
    return tuple(cells(written()))
