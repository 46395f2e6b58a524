"""Drops every permission once, and counts those that nothing notices: ``python -m tests.access.dropped_permissions``.

A permission is an action of an Allow statement of a role. Its loss is noticed by

- an allowed cell of the matrix, which is denied without it,
- a run of the sandbox that used it (``used_permissions.yaml``),
- a guide or a managed policy of AWS that lists it (``documented_permissions.yaml``),
- a call of the provider plugin that needs it, if the role deploys or reviews stacks or releases,
- CloudFormation's list for a type, if the role is the deployer, the provisioner or the reviewer. The permissions of
  the latter two come from the lists of the deployer,
- a call of ``plinth drift``, if the role is the provisioner or the reviewer.

``unproven_permissions.yaml`` lists the others, each with a reason. The command prints the counts by kind of role, and
with a kind its permissions that nothing notices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import click
import yaml

from components.identity.deployer.resources.management import MANAGEMENT
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy, Statement
from iam_evaluator.request import Principal
from tests.access.cell_results import Attempt, CellResult, evaluate
from tests.access.cloudformation import held_for, listed_for
from tests.access.documented_permissions import noticed_by_documents
from tests.access.drift_calls import needed_by_drift
from tests.access.plugin_calls import RELEASED, calls_for
from tests.access.role_kinds import grants, kind_of
from tests.access.table import all_cells, first_variant
from tests.access.used_permissions import Permission, granted_statements, read

UNPROVEN = Path(__file__).with_name("unproven_permissions.yaml")
_OF_RELEASES = "use case/release"
_OF_DEPLOYMENTS = ("platform-deployer", "platform-provisioner", "platform-reviewer")
_OF_SEARCHES = ("platform-provisioner", "platform-reviewer")


@cache
def _compared() -> Mapping[str, frozenset[str]]:
    """Returns the actions that calls or CloudFormation's lists need, by kind of role."""
    deployed = frozenset().union(*(calls_for(type_) | listed_for(type_) for type_ in (*held_for(), *MANAGEMENT)))
    released = frozenset().union(*(calls_for(type_) | listed_for(type_) for type_ in RELEASED))
    return {
        _OF_RELEASES: released,
        **dict.fromkeys(_OF_DEPLOYMENTS, deployed),
        **dict.fromkeys(_OF_SEARCHES, deployed | needed_by_drift()),
    }


@cache
def granted() -> frozenset[Permission]:
    """Returns what the policies of the roles grant, in the example or in the largest world."""
    return frozenset(
        (*of_role, action)
        for of_role, statements in granted_statements().items()
        for statement in statements
        for action in statement.actions or ()
    )


def noticed_by_cells(results: Iterable[CellResult]) -> set[Permission]:
    """Returns the permissions without which an allowed cell is denied."""
    return {permission for result in results for permission in _needed(result)}


def _needed(result: CellResult) -> Iterator[Permission]:
    allowed = [attempt for attempt in result.attempts if attempt.allowed and attempt.way.is_open]
    if len({attempt.request.principal.role_arn for attempt in allowed}) != 1:
        return
    principal, action = allowed[0].request.principal, result.cell.action
    for statement in grants(principal):
        for pattern in statement.actions or ():
            if replace(statement, actions=(pattern,)).covers(action):
                without = replace(principal, identity=tuple(_without(principal, statement, pattern)))
                if not any(_allows(attempt, without) for attempt in allowed):
                    yield kind_of(principal.name), statement.sid, pattern


def _without(principal: Principal, statement: Statement, action: str) -> Iterator[Policy]:
    kept = replace(statement, actions=tuple(candidate for candidate in statement.actions or () if candidate != action))
    for own in principal.identity:
        yield Policy(
            own.name, tuple(kept if own_statement is statement else own_statement for own_statement in own.statements)
        )


def _allows(attempt: Attempt, principal: Principal) -> bool:
    return decide(replace(attempt.request, principal=principal)).allowed


def noticed() -> dict[str, set[Permission]]:
    """Returns the permissions whose loss is noticed, by what notices it."""
    held = granted()
    cells = (cell for cell in all_cells() if cell.variant == first_variant() and cell.expected == "allowed")
    compared = _compared()
    return {
        "cells": noticed_by_cells(map(evaluate, cells)) & held,
        "runs": read() & held,
        "documents": noticed_by_documents(held),
        "comparisons": {permission for permission in held if permission[2] in compared.get(permission[0], ())},
    }


def unproven() -> set[Permission]:
    """Returns the permissions that the file lists with a reason."""
    found = yaml.safe_load(UNPROVEN.read_text(encoding="utf-8"))
    return {
        (kind, sid, action)
        for reason in found
        for kind in reason["roles"]
        for sid, actions in reason["statements"].items()
        for action in actions
    }


@click.command()
@click.argument("kind", required=False)
def main(kind: str | None) -> None:
    """Print how many permissions nothing notices, by kind of role, or those of one KIND."""
    held, found = granted(), noticed()
    left = held.difference(*found.values())
    if kind:
        for _, sid, action in sorted(permission for permission in left if permission[0] == kind):
            click.echo(f"{sid}: {action}")
        return
    of_role, left_of_role = Counter(name for name, *_ in held), Counter(name for name, *_ in left)
    for name, count in sorted(of_role.items()):
        click.echo(f"{name:50} {count:5} {left_of_role[name]:5}")
    by_what = ", ".join(f"{len(permissions)} by {what}" for what, permissions in found.items())
    click.echo(f"{len(held)} permissions; noticed: {by_what}; left: {len(left)}")


if __name__ == "__main__":
    main()
