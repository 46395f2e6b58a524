"""Test cases of rules as data: a compliant resource, changes that a rule must refuse, and changes it must accept."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.evaluation.resource import StackContext

ABSENT = object()
"""Value of a change that removes the property."""

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


def stack_context(**declared: Any) -> StackContext:
    """Returns the context of a stack in an organization that allows one region."""
    return StackContext(allowed_regions=("eu-west-1",), **declared)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A resource with everything that a rule reads."""

    inputs: Tree
    context: StackContext = field(default_factory=stack_context)
    provider_name: str | None = "fraud-production"
    provider: Tree = field(default_factory=lambda: PROVIDER)
    name: str = "planted"
    parents: tuple[str, ...] = ()
    protected: bool = False


@dataclass(frozen=True)
class Change:
    """A change to a situation: new values by dotted path (numbers are list indices), fields, and context fields.

    A dot in a key is written as a backslash and a dot.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    situation: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    def applied_to(self, situation: Situation) -> Situation:
        inputs = dict(copy.deepcopy(situation.inputs))
        for path, value in self.values.items():
            put(inputs, path, value)
        context = replace(situation.context, **self.context)
        return replace(situation, inputs=inputs, context=context, **self.situation)


def but(values: Mapping[str, Any] | None = None, **situation: Any) -> Change:
    """Returns a change to the compliant resource. Keywords that are fields of :class:`StackContext` change the
    context."""
    declared = {key: situation.pop(key) for key in list(situation) if key in StackContext.__dataclass_fields__}
    return Change(values or {}, situation, declared)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A rule, a type, and changes to a compliant resource of the type with the expected results."""

    rule: str
    type: str
    compliant: Situation
    optional: frozenset[str] = frozenset()
    """Paths that may be absent. Removing any other path of the compliant resource is a violation."""
    refused: Mapping[str, Change]
    """Changes that the rule refuses, by a phrase that describes the violation."""
    accepted: Mapping[str, Change] = field(default_factory=dict)
    """Changes that the rule accepts, by a phrase that describes what is unusual."""

    @property
    def label(self) -> str:
        return f"{self.rule} {self.type.rsplit(':', 1)[-1]}"


@dataclass(frozen=True, kw_only=True)
class Prohibition:
    """A type that a rule always refuses."""

    rule: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """A resource of a stack, with the resources that its properties depend on."""

    inputs: Tree = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Name of another member, or of a resource outside the case, by property that depends on it."""
    type: str | None = None
    """Type of the resource. The default is the type of the case."""
    parents: tuple[str, ...] = ()
    provider: str | None = None
    """Name of the resource's provider."""
    account: object = None
    """Account that the provider allows: an id, UNKNOWN, or None if the provider names none."""
    requested: Tree | None = None
    """Inputs from the program, if ``inputs`` contains the outputs."""


@dataclass(frozen=True, kw_only=True)
class StackCase:
    """Resources of one stack, and the names of those that a stack check must refuse."""

    rule: str
    type: str
    what: str
    members: Mapping[str, Member]
    refused: frozenset[str] = frozenset()
    context: StackContext = field(default_factory=stack_context)
    rehearsal: Mapping[str, Member] | None = None
    """Resources of the stack that this one must match."""


def paths(tree: Any, prefix: str = "") -> Iterator[str]:
    """Yields every path of a tree, parents first."""
    steps = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in steps:
        path = prefix + str(step).replace(".", r"\.")
        yield path
        yield from paths(value, f"{path}.")


def put(tree: Any, path: str, value: Any) -> None:
    """Sets or removes the value at a path, and creates missing parents."""
    *parents, last = (step.replace(r"\.", ".") for step in re.split(r"(?<!\\)\.", path))
    for step in parents:
        tree = tree[int(step)] if isinstance(tree, list) else tree.setdefault(step, {})
    key: Any = int(last) if isinstance(tree, list) else last
    if value is ABSENT:
        del tree[key]
    else:
        tree[key] = value


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
