"""Limits of organization policies, and packing of statements into as few policies as possible."""

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
"""JSON separators without white space, which would count towards the limit."""

MAX_IDENTIFIER_CHARACTERS = 140
"""Length assumed for values that are unknown before deployment. The longest is the path of a unit: ``o-`` and 32
characters, ``r-`` and 32, ``ou-`` and 65, with slashes and a final star."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Quotas of Organizations for one policy type (User Guide, "Quotas")."""

    characters: int
    """Maximum length of one policy, including white space."""
    per_target: int
    """Number of policies that can be attached to one root, unit or account, without AWS's "full access" policy."""


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
    """Returns the statements as a policy document."""
    return {"Version": VERSION, "Statement": [statement.as_json() for statement in statements]}


def size(content: Mapping[str, object]) -> int:
    """Returns the length of a policy in characters, with the longest value assumed for unknown parts."""
    return len(json.dumps(content, separators=COMPACT, default=lambda _unknown: "x" * MAX_IDENTIFIER_CHARACTERS))


def pack(name: str, type_: PolicyType, statements: Sequence[Statement]) -> list[list[Statement]]:
    """Packs statements into as few policies as their order allows: each goes into the first policy with enough room.

    No two of the returned policies would fit into one, and appending a statement moves none of the earlier ones.

    Raises: ValueError when a statement alone is longer than a policy; the message lists the largest statements.
    """
    limit = LIMITS[type_].characters
    packed: list[list[Statement]] = []
    for statement in statements:
        if size(document([statement])) > limit:
            raise ValueError(f"{name}: {statement.sid} alone exceeds the limit; {_sizes(statements, limit)}")
        room = (policy for policy in packed if size(document([*policy, statement])) <= limit)
        found = next(room, None)
        if found is None:
            packed.append([statement])
        else:
            found.append(statement)
    return packed


def require_room(type_: PolicyType, attached: Mapping[str, Sequence[str]], statements: Iterable[Statement]) -> None:
    """Checks that no target gets more policies than AWS allows. ``attached`` maps targets to policy names.

    Raises: ValueError with the targets that exceed the limit and the largest statements.
    """
    limit = LIMITS[type_]
    crowded = [
        f"{target} would have {len(names)} ({', '.join(names)})"
        for target, names in attached.items()
        if len(names) > limit.per_target
    ]
    if crowded:
        raise ValueError(
            f"{'; '.join(crowded)}; at most {limit.per_target} of type {type_} can be attached to each; "
            f"{_sizes(list(statements), limit.characters)}"
        )


def _sizes(statements: Sequence[Statement], limit: int) -> str:
    largest = sorted(statements, key=lambda statement: size(document([statement])), reverse=True)[:3]
    named = ", ".join(f"{statement.sid} ({size(document([statement])):,})" for statement in largest)
    return f"a policy holds at most {limit:,} characters; the largest statements are {named}"
