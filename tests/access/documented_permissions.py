"""Permissions that AWS documents for a task of a role, such as running a job in a VPC.

``documented_permissions.yaml`` lists documents: actions from guides of AWS, or the name of a managed policy of AWS,
whose actions are in moto. Each document names the statements, by kind of role, that hold its actions, and the actions
that they leave out, with the reason. A test compares the file with the policies that the stacks provision, in both
directions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tests.access.used_permissions import Permission
from tests.access.world.roles import policies_of_aws

TABLE = Path(__file__).with_suffix(".yaml")
Texts = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Holder(_Strict):
    """Kinds of roles that hold the actions of a document, and their statements that do so."""

    roles: Texts
    together: Texts = ()
    """Sids of statements that hold the actions together."""
    each: Texts = ()
    """Sids of statements of which each holds all actions, on resources of its own."""
    without: Mapping[str, str] = {}
    """Actions that these roles do not need, each with the reason."""

    @property
    def groups(self) -> list[Texts]:
        """Returns groups of Sids. The statements of each group hold all actions."""
        return [*([self.together] if self.together else []), *((sid,) for sid in self.each)]


class Document(_Strict):
    """A list of actions that AWS documents."""

    source: str
    """Guide and page, with the date of the copy that was read. For a managed policy, its purpose."""
    actions: Texts = ()
    policy: str | None = None
    """Name of the managed policy of AWS that has the actions. Patterns of actions, such as ``glue:*``, do not count."""
    services: Texts = ()
    """Services whose actions in the managed policy concern the role. The default is all."""
    without: Mapping[str, str] = {}
    """Actions that no holder needs, each with the reason."""
    held_by: tuple[Holder, ...] = Field(alias="held by")

    @model_validator(mode="after")
    def _one_list(self) -> Document:
        if bool(self.actions) == bool(self.policy):
            raise ValueError("a document has either actions or a policy")
        return self

    def listed(self) -> list[str]:
        """Returns the actions of the document."""
        return list(self.actions) if self.policy is None else sorted(_actions_of(self.policy, self.services))


class Table(_Strict):
    """The contents of documented_permissions.yaml."""

    groups: Mapping[str, Texts]
    """Kinds of roles by the name of their group. A group may contain other groups."""
    documents: Mapping[str, Document]

    def kinds(self, names: Texts) -> list[str]:
        """Returns the kinds of roles that ``names`` contains, with groups replaced by their members."""
        return [kind for name in names for kind in (self.kinds(self.groups[name]) if name in self.groups else [name])]


@dataclass(frozen=True, slots=True)
class Need:
    """Statements of one kind of role, and the actions of a document that they hold together."""

    document: str
    kind: str
    sids: Texts
    listed: Sequence[str]
    without: Collection[str]

    def required(self) -> list[str]:
        """Returns the listed actions without those that are left out."""
        return [action for action in self.listed if action not in self.without]

    def __str__(self) -> str:
        return f"{self.document}: {self.kind}: {', '.join(self.sids)}"


@cache
def needs() -> tuple[Need, ...]:
    """Returns one need for each group of statements in the file."""
    table = Table.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8")))
    return tuple(
        Need(name, kind, sids, document.listed(), {*document.without, *holder.without})
        for name, document in table.documents.items()
        for holder in document.held_by
        for kind in table.kinds(holder.roles)
        for sids in holder.groups
    )


def missing(granted: Collection[Permission]) -> list[str]:
    """Returns a message for each documented action that no named statement of a role holds."""
    return [
        f"{need}: {action} is missing"
        for need in needs()
        for action in need.required()
        if not _holders(granted, need, action)
    ]


def superfluous(granted: Collection[Permission]) -> list[str]:
    """Returns a message for each statement in the file that no role has, and for each action that the file leaves out
    although the document does not list it or a named statement holds it."""
    known = {permission[:2] for permission in granted}
    found = {f"{need}: no statement {sid}" for need in needs() for sid in need.sids if (need.kind, sid) not in known}
    for need in needs():
        found |= {f"{need}: {action} is not listed" for action in need.without if action not in need.listed}
        found |= {f"{need}: {action} is held" for action in need.without if _holders(granted, need, action)}
    return sorted(found)


def noticed_by_documents(granted: Collection[Permission]) -> set[Permission]:
    """Returns the permissions that hold a documented action alone, so that it would be missing without them."""
    found = (_holders(granted, need, action) for need in needs() for action in need.required())
    return {holders[0] for holders in found if len(holders) == 1}


def _holders(granted: Collection[Permission], need: Need, action: str) -> list[Permission]:
    of_role = _by_kind(frozenset(granted)).get(need.kind, ())
    return [permission for permission in of_role if permission[1] in need.sids and _holds(permission[2], action)]


@cache
def _by_kind(granted: frozenset[Permission]) -> Mapping[str, list[Permission]]:
    kinds: dict[str, list[Permission]] = {}
    for permission in sorted(granted):
        kinds.setdefault(permission[0], []).append(permission)
    return kinds


def _holds(granted: str, action: str) -> bool:
    """Whether a granted action or pattern matches a documented action or pattern."""
    one, other = granted.lower(), action.lower()
    return fnmatchcase(other, one) or fnmatchcase(one, other)


def _actions_of(policy: str, services: Texts) -> set[str]:
    document = policies_of_aws()[policy]["Document"]
    statements = document["Statement"]
    named = (
        statement["Action"] for statement in statements if statement["Effect"] == "Allow" and "Action" in statement
    )
    actions = {action for name in named for action in ([name] if isinstance(name, str) else name)}
    return {
        action for action in actions if "*" not in action and (not services or action.partition(":")[0] in services)
    }
