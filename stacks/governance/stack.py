"""The account that governs: where stack operations run, and from where they enter every other account."""

from __future__ import annotations

import pulumi

from components.identity.deployer.platform_runner import PlatformRunner, PlatformRunnerArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import GovernanceOutputs
from settings.derived.stack_graph import StackIdentity
from stacks.durable_account.stack import DurableAccount, build_account
from stacks.shared.exports import export


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the account that governs."""
    account = build_account(stack, foundation)
    runner_arn = _runner(account) if account.place.has_runner else None
    export(GovernanceOutputs, **account.outputs, runner_role_arn=runner_arn)


def _runner(account: DurableAccount) -> pulumi.Output[str]:
    place = account.place
    args = PlatformRunnerArgs(
        account_id=place.account_id,
        organization_id=place.organization_id,
        region=place.region,
        key_arn=account.key.arn,
    )
    return PlatformRunner("runner", args, account.opts).arn
