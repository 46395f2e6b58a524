"""Limits of organization policies, and packing of statements into as few policies as possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from components.identity.iam.statements import VERSION, Statement
from settings.types.aws.document_limits import DOCUMENT_LIMITS, ORGANIZATION_POLICIES, POLICIES_OF_A_TARGET

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


def max_characters(type_: PolicyType) -> int:
    """Returns the maximum length of one policy."""
    return DOCUMENT_LIMITS[ORGANIZATION_POLICIES[type_]].size


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
    limit = max_characters(type_)
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
    most = POLICIES_OF_A_TARGET[type_]
    crowded = [
        f"{target} would have {len(names)} ({', '.join(names)})"
        for target, names in attached.items()
        if len(names) > most
    ]
    if crowded:
        raise ValueError(
            f"{'; '.join(crowded)}; at most {most} of type {type_} can be attached to each; "
            f"{_sizes(list(statements), max_characters(type_))}"
        )


def _sizes(statements: Sequence[Statement], limit: int) -> str:
    largest = sorted(statements, key=lambda statement: size(document([statement])), reverse=True)[:3]
    named = ", ".join(f"{statement.sid} ({size(document([statement])):,})" for statement in largest)
    return f"a policy holds at most {limit:,} characters; the largest statements are {named}"
