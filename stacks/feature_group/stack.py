"""A group of features. What is declared in its file is all that is built, and nothing else changes with it."""

from __future__ import annotations

from collections.abc import Callable

import pulumi

from components.feature_store.feature_group import FeatureGroup, FeatureGroupArgs
from components.feature_store.online_share import Access, OnlineShare, OnlineShareArgs
from settings.data import feature_group as settings
from settings.derived.feature_sharing import online_readers_of, writers_of
from settings.derived.foundation import Foundation
from settings.derived.outputs import DataLakeOutputs, FeatureGroupOutputs, OrganizationOutputs, TeamOutputs
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment
from stacks.shared.exports import export
from stacks.shared.providers import account_provider
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind

Wanted = Callable[[settings.FeatureGroup, str], tuple[Environment, ...]]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the lake's account. Teams are granted the offline store in their own stacks, by its tags."""
    group = foundation.feature_groups[stack.feature_group or ""]
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    account_id = account_of_kind(organization, "data-lake")
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), account_id)
    opts = pulumi.ResourceOptions(provider=provider)
    args = FeatureGroupArgs(
        group=group,
        account_id=account_id,
        region=foundation.organization.home_region,
        bucket_name=lake.apply(lambda outputs: outputs.zone_buckets["curated"]),
        database=lake.apply(lambda outputs: outputs.features_database),
        key_arn=lake.apply(lambda outputs: outputs.key_arn),
        boundary_arn=lake.apply(lambda outputs: outputs.permissions_boundary_arn),
    )
    made = FeatureGroup("group", args, opts)
    _share(foundation, group, made.arn, "read", online_readers_of, opts)
    _share(foundation, group, made.arn, "write", writers_of, opts)
    table = group.table if group.offline else None
    export(FeatureGroupOutputs, arn=made.arn, table=table, location=made.location)


def _share(
    foundation: Foundation,
    group: settings.FeatureGroup,
    arn: pulumi.Input[str],
    access: Access,
    wanted: Wanted,
    opts: pulumi.ResourceOptions,
) -> None:
    """With accounts, each once. Who is in the lake's own account needs no share."""
    accounts: dict[str, pulumi.Input[str]] = {}
    for team in group.teams:
        outputs = read(TeamOutputs, StackIdentity("team", team))
        for environment in wanted(group, team):
            account = foundation.account_of(environment, team)
            if account != foundation.account_of("data-lake"):
                accounts.setdefault(account.label, _account(outputs, environment))
    if accounts:
        args = OnlineShareArgs(
            share_name=f"features-{group.name}-{access}", group_arn=arn, access=access, accounts=accounts
        )
        OnlineShare(access, args, opts)


def _account(outputs: pulumi.Output[TeamOutputs], environment: Environment) -> pulumi.Output[str]:
    return outputs.apply(lambda known: known.accounts[environment])
