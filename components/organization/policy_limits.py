"""How much fits into a policy of the organization, how many onto a target, and packing statements into few policies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from components.identity.iam.statements import VERSION, Statement

PolicyType = Literal[
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "AISERVICES_OPT_OUT_POLICY",
    "TAG_POLICY",
]

COMPACT = (",", ":")
"""Separators of JSON without the white space that would count."""

LONGEST_IDENTIFIER = 140
"""Stands for what only a deployment knows. The longest is the path of a unit: ``o-`` and 32 characters, ``r-`` and 32,
``ou-`` and 65, slashes and a star between and after."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """What Organizations takes of one type of policy (User Guide, "Quotas")."""

    characters: int
    """Of one policy's text, white space included."""
    per_target: int
    """Attachments to one root, unit or account that are left to us: AWS's own "full access" takes one."""


LIMITS: Mapping[PolicyType, Limit] = MappingProxyType(
    {
        "SERVICE_CONTROL_POLICY": Limit(characters=10_240, per_target=9),
        "RESOURCE_CONTROL_POLICY": Limit(characters=5_120, per_target=4),
        "DECLARATIVE_POLICY_EC2": Limit(characters=10_000, per_target=10),
        "AISERVICES_OPT_OUT_POLICY": Limit(characters=2_500, per_target=5),
        "TAG_POLICY": Limit(characters=10_000, per_target=10),
    }
)


def document(statements: Sequence[Statement]) -> dict[str, object]:
    """A policy as AWS reads it."""
    return {"Version": VERSION, "Statement": [statement.as_json() for statement in statements]}


def size(content: Mapping[str, object]) -> int:
    """Characters of a policy's text, with what is not known yet at its longest."""
    return len(json.dumps(content, separators=COMPACT, default=lambda _unknown: "x" * LONGEST_IDENTIFIER))


def pack(name: str, type_: PolicyType, statements: Sequence[Statement]) -> list[list[Statement]]:
    """The statements in as few policies as their order allows: each goes into the first that has room.

    So no two of them would fit into one, and a statement that is added moves none of those before it.

    Raises: ValueError when a statement is longer than a policy alone, with the largest of all.
    """
    limit = LIMITS[type_].characters
    packed: list[list[Statement]] = []
    for statement in statements:
        if size(document([statement])) > limit:
            raise ValueError(f"{name}: {statement.sid} alone is too long for a policy; {_sizes(statements, limit)}")
        room = (policy for policy in packed if size(document([*policy, statement])) <= limit)
        found = next(room, None)
        if found is None:
            packed.append([statement])
        else:
            found.append(statement)
    return packed


def require_room(type_: PolicyType, attached: Mapping[str, Sequence[str]], statements: Iterable[Statement]) -> None:
    """Whether every target takes the policies that are attached to it: target -> names of policies.

    Raises: ValueError with the targets that would carry too many, and the largest statements.
    """
    limit = LIMITS[type_]
    crowded = [
        f"{target} would carry {len(names)} ({', '.join(names)})"
        for target, names in attached.items()
        if len(names) > limit.per_target
    ]
    if crowded:
        raise ValueError(
            f"{'; '.join(crowded)}; AWS leaves us {limit.per_target} of type {type_} on each; "
            f"{_sizes(list(statements), limit.characters)}"
        )


def _sizes(statements: Sequence[Statement], limit: int) -> str:
    largest = sorted(statements, key=lambda statement: size(document([statement])), reverse=True)[:3]
    named = ", ".join(f"{statement.sid} ({size(document([statement])):,})" for statement in largest)
    return f"a policy takes {limit:,} characters; the largest statements are {named}"
