"""The governance account: the team catalog is here, and stack operations enter all accounts from here."""

from __future__ import annotations

import pulumi

from components.governance.team_catalog import TeamCatalog, TeamCatalogArgs
from components.identity.deployer.platform_runner import PlatformRunner, PlatformRunnerArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from stacks.durable_account.stack import DurableAccount, build_account
from stacks.shared.exports import export
from stacks.shared.outputs import GovernanceOutputs


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the governance account."""
    account = build_account(stack, foundation)
    runner_arn = _runner(account) if account.context.has_runner else None
    catalog = TeamCatalog("catalog", TeamCatalogArgs(key_arn=account.key.arn), account.opts)
    export(GovernanceOutputs, **account.outputs, runner_role_arn=runner_arn, catalog=catalog.table_name)


def _runner(account: DurableAccount) -> pulumi.Output[str]:
    context = account.context
    args = PlatformRunnerArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        key_arn=account.key.arn,
    )
    return PlatformRunner("runner", args, account.opts).arn
