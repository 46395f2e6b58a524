"""What a rule says about one type of resource, as data: one that complies, and what may and may not become of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.security.inputs.subject import Surroundings

ABSENT = object()
"""Removes the property that a change names."""

Tree = Mapping[str, Any]

OWN_ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"
PROVIDER: Tree = {
    "region": "eu-west-1",
    "allowedAccountIds": json.dumps([OWN_ACCOUNT]),
    "defaultTags": json.dumps(
        {
            "tags": {
                "plinth:stack": "fraud-production",
                "plinth:team": "fraud",
                "plinth:environment": "production",
                "plinth:lifecycle": "ephemeral",
                "plinth:owner": "fraud-owner@acme.example",
                "plinth:cost-centre": "4711",
            }
        }
    ),
}


def around(**declared: Any) -> Surroundings:
    """A stack of an organization that allows one region."""
    return Surroundings(allowed_regions=("eu-west-1",), **declared)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A resource with all that a rule can see of it."""

    inputs: Tree
    surroundings: Surroundings = field(default_factory=around)
    provider_name: str | None = "fraud-production"
    provider: Tree = field(default_factory=lambda: PROVIDER)
    name: str = "planted"
    parents: tuple[str, ...] = ()
    protected: bool = False


@dataclass(frozen=True)
class Change:
    """New values by dotted path (numbers are places in a list), and whatever else differs about the situation."""

    values: Mapping[str, Any] = field(default_factory=dict)
    situation: Mapping[str, Any] = field(default_factory=dict)
    surroundings: Mapping[str, Any] = field(default_factory=dict)

    def applied_to(self, situation: Situation) -> Situation:
        inputs = dict(copy.deepcopy(situation.inputs))
        for path, value in self.values.items():
            put(inputs, path, value)
        surroundings = replace(situation.surroundings, **self.surroundings)
        return replace(situation, inputs=inputs, surroundings=surroundings, **self.situation)


def but(values: Mapping[str, Any] | None = None, **situation: Any) -> Change:
    """The compliant resource, but with these values; keywords of :class:`Surroundings` change the stack around it."""
    declared = {key: situation.pop(key) for key in list(situation) if key in Surroundings.__dataclass_fields__}
    return Change(values or {}, situation, declared)


@dataclass(frozen=True, kw_only=True)
class Case:
    rule: str
    type: str
    compliant: Situation
    optional: frozenset[str] = frozenset()
    """Paths whose absence breaks nothing. Every other path of the compliant resource is one the rule insists on."""
    refused: Mapping[str, Change]
    """By a sentence that says what is wrong: each is refused."""
    accepted: Mapping[str, Change] = field(default_factory=dict)
    """By a sentence that says what is unusual: each complies all the same."""

    @property
    def label(self) -> str:
        return f"{self.rule} {self.type.rsplit(':', 1)[-1]}"


@dataclass(frozen=True, kw_only=True)
class Prohibition:
    """A type that a rule refuses whatever is given to it."""

    rule: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """A resource among others: what it is given, and the resources that its properties are made from."""

    inputs: Tree = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """By property the name of another member, or of a resource that nobody asked about."""
    type: str | None = None
    """Left out where all members are of the case's own type."""
    parents: tuple[str, ...] = ()
    provider: str | None = None
    """Name of the provider it goes through."""
    account: object = None
    """The one account that its provider may build in; unknown until deployed, or not said."""
    asked: Tree | None = None
    """What it was given, where ``inputs`` is what became of it."""


@dataclass(frozen=True, kw_only=True)
class RelationCase:
    """Resources of one stack, and those that a rule refuses for how they stand to the others."""

    rule: str
    type: str
    what: str
    members: Mapping[str, Member]
    refused: frozenset[str] = frozenset()
    surroundings: Surroundings = field(default_factory=around)
    rehearsal: Mapping[str, Member] | None = None
    """Resources of the stack that this one has to equal."""


def paths(tree: Any, prefix: str = "") -> Iterator[str]:
    """Every path of a tree, containers before what they hold."""
    steps = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in steps:
        path = f"{prefix}{step}"
        yield path
        yield from paths(value, f"{path}.")


def put(tree: Any, path: str, value: Any) -> None:
    """Sets, adds or removes what stands at the path, making the blocks on the way."""
    *parents, last = path.split(".")
    for step in parents:
        tree = tree[int(step)] if isinstance(tree, list) else tree.setdefault(step, {})
    key: Any = int(last) if isinstance(tree, list) else last
    if value is ABSENT:
        del tree[key]
    else:
        tree[key] = value


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
