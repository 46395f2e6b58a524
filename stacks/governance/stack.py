"""The governance account: the team catalog is here, and stack operations and reviews enter all accounts from here."""

from __future__ import annotations

import pulumi

from components.governance.team_catalog import TeamCatalog, TeamCatalogArgs
from components.identity.deployer.platform_runner import PlatformRunner, PlatformRunnerArgs
from components.identity.reviews.review_runner import ReviewRunner, ReviewRunnerArgs
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
    export(
        GovernanceOutputs,
        **account.outputs,
        runner_role_arn=runner_arn,
        review_role_arn=_review_runner(account, foundation),
        catalog=catalog.table_name,
    )


def _runner(account: DurableAccount) -> pulumi.Output[str]:
    context = account.context
    args = PlatformRunnerArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        key_arn=account.key.arn,
    )
    return PlatformRunner("runner", args, account.opts).arn


def _review_runner(account: DurableAccount, foundation: Foundation) -> pulumi.Output[str]:
    context, settings = account.context, foundation.organization.reviews
    args = ReviewRunnerArgs(
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        state_bucket=settings.state_bucket,
        state_keys=settings.state_keys,
        github_subjects=settings.github.subjects if settings.github is not None else (),
    )
    return ReviewRunner("review-runner", args, account.opts).arn
