"""The content of the account map: every account of the settings and its organizational unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selfservice.cli.diagrams.drawing import AccountBox
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity


def organization_units(foundation: Foundation) -> Iterator[str]:
    """Yields every organizational unit as a path, parents first."""
    from settings.types.kinds import ORGANIZATIONAL_UNIT_PATHS

    yield from ORGANIZATIONAL_UNIT_PATHS
    for team in foundation.teams:
        yield f"Workloads/NonProduction/{team}"
        yield f"Workloads/Production/{team}"


def account_boxes(foundation: Foundation) -> Iterator[AccountBox]:
    """Yields every account with the stacks that deploy to it."""
    stacks: dict[str, list[StackIdentity]] = {account.label: [] for account in foundation.accounts}
    for stack in foundation.stacks:
        stacks[foundation.account_of_stack(stack).label].append(stack)
    for account in foundation.accounts:
        yield _box(account, stacks[account.label], foundation)


def _box(account: Account, stacks: Sequence[StackIdentity], foundation: Foundation) -> AccountBox:
    shared = [stack.name for stack in stacks if not stack.is_environment and stack.kind != "studio"]
    holds = [f"{'stack' if len(shared) == 1 else 'stacks'} {', '.join(shared)}"] if shared else []
    holds += [_environment(stack, foundation) for stack in stacks if stack.is_environment]
    return AccountBox(
        label=account.label, name=account.name, unit=_unit_of(account), kinds=account.hosts, holds=tuple(holds)
    )


def _environment(stack: StackIdentity, foundation: Foundation) -> str:
    settings = foundation.environments[stack.name]
    block = foundation.organization.address_plan.environment_block(
        foundation.teams[settings.team].cidr, settings.environment
    )
    extras = ["Studio"] * settings.has_studio + ["internet"] * settings.internet_access
    return f"{stack.name}: {', '.join([str(block), *extras])}"


def _unit_of(account: Account) -> str:
    from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, organizational_unit_of, team_organizational_unit_of

    if account.kind in DURABLE_KINDS:
        return organizational_unit_of(account.kind) or ""
    assert account.kind in ENVIRONMENTS
    return f"Workloads/{team_organizational_unit_of(account.kind)}/{account.team}"
