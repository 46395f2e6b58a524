"""The confirmation that ``up`` and ``destroy`` ask for, with organization, account, region and what would change."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from selfservice.checks.data_loss import is_durable
from selfservice.errors import BadInputError
from selfservice.formatting import counted, resource_name
from selfservice.operations.operation import Action, Outcome
from selfservice.projects.project import Project

_LISTED_ACCOUNTS = 12
_STEPS = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}
_REMOVING = ("replace", "delete")
_LISTED_REMOVALS = 20
_NO_RESOURCES = ("pulumi:pulumi:Stack", "pulumi:providers:")
"""Types of a state that are nothing in AWS."""


def confirm(project: Project, action: Action, stacks: Sequence[str], changes: Sequence[str] = ()) -> None:
    """Asks for confirmation on a terminal, below the lines ``changes``. Without a terminal, only destroy requires
    ``--yes``.

    To destroy production or something durable, the user types a name.

    Raises: BadInputError if the user does not confirm.
    """
    if not sys.stdin.isatty():
        if action is Action.DESTROY:
            raise BadInputError("destroy needs a confirmation, and standard input is not a terminal: pass --yes")
        return
    click.echo("\n".join([description(project, action, stacks), *changes]), err=True)
    typed = name_to_type(project, stacks) if action is Action.DESTROY else None
    if typed is None:
        confirmed = click.confirm("Continue?", err=True)
    else:
        answer: str = click.prompt(
            f"This deletes production or durable resources. Type {typed} to continue",
            default="",
            show_default=False,
            err=True,
        )
        confirmed = answer.strip() == typed
    if not confirmed:
        raise BadInputError("not confirmed; nothing was changed")


def description(project: Project, action: Action, stacks: Sequence[str]) -> str:
    """Returns the organization, its management account and region, and the stacks in each account."""
    by_account: defaultdict[str, list[str]] = defaultdict(list)
    for stack in stacks:
        by_account[project.account_of[stack]].append(stack)
    listed = [f"  account {label}: {', '.join(held)}" for label, held in by_account.items()]
    more = len(listed) - _LISTED_ACCOUNTS
    return "\n".join(
        [
            f"{action} {counted(len(stacks), 'stack')} of organization {project.organization}, "
            f"management account {project.management_account_id or 'not in the settings'}, "
            f"region {project.home_region}:",
            *listed[:_LISTED_ACCOUNTS],
            *([f"  and {counted(more, 'account')} more"] if more > 0 else []),
        ]
    )


def name_to_type(project: Project, stacks: Sequence[str]) -> str | None:
    """Returns the name that confirms the destruction of these stacks; None if yes is enough.

    It is the name of the only stack, of the only team, or of the organization.
    """
    from settings.derived.stack_graph import StackIdentity

    identities = [StackIdentity.parse(stack) for stack in stacks]
    if not any(is_durable(identity) for identity in identities):
        return None
    if len(stacks) == 1:
        return stacks[0]
    teams = {identity.team for identity in identities}
    return teams.pop() or project.organization if len(teams) == 1 else project.organization


def changes_of_update(outcomes: Mapping[str, Outcome]) -> list[str]:
    """Returns how many resources an update would create, change, replace and delete, and the names of those that it
    would replace or delete. The outcomes are those of previews with differences.
    """
    steps: Counter[str] = Counter()
    for outcome in outcomes.values():
        for step, number in outcome.changes.items():
            steps["create" if step == "import" else step if step in _STEPS else "update"] += number
    told = [f"{steps[step]} {done}" for step, done in _STEPS.items() if steps[step]]
    return [f"would be: {', '.join(told)}" if told else "nothing would change", *_removals(outcomes)]


def _removals(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    found = [
        f"  {difference.step} {stack}: {resource_name(difference.urn)}"
        for stack, outcome in outcomes.items()
        for difference in outcome.differences
        if difference.step in _REMOVING
    ]
    yield from sorted(found)[:_LISTED_REMOVALS]  # deletions before replacements
    if len(found) > _LISTED_REMOVALS:
        yield f"  and {len(found) - _LISTED_REMOVALS} more, which `plinth preview --diff` lists"


def changes_of_destruction(resources: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Returns how many resources of each stack a destruction deletes, from the resources of the states."""
    numbers = {
        stack: sum(not str(resource["type"]).startswith(_NO_RESOURCES) for resource in held)
        for stack, held in resources.items()
    }
    total = counted(sum(numbers.values()), "resource")
    return [f"would be deleted: {total}", *(f"  {stack}: {number}" for stack, number in numbers.items() if number)]
