"""The confirmation that ``up`` and ``destroy`` ask for, with organization, account and region."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence

import click

from selfservice.checks.data_loss import is_durable
from selfservice.errors import BadInputError
from selfservice.formatting import counted
from selfservice.runner.operation import Action
from selfservice.runner.project import Project

_LISTED_ACCOUNTS = 12


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
