"""A feature group. Its file declares everything that this stack builds."""

from __future__ import annotations

from collections.abc import Callable

import pulumi

from components.feature_store.feature_group import FeatureGroup, FeatureGroupArgs
from components.feature_store.online_share import Access, OnlineShare, OnlineShareArgs
from settings.data import feature_group as settings
from settings.derived.feature_sharing import online_readers_of, writers_of
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment
from stacks.shared.exports import export
from stacks.shared.outputs import (
    DataCatalogOutputs,
    DataLakeOutputs,
    FeatureGroupOutputs,
    OrganizationOutputs,
    TeamOutputs,
)
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read

EnvironmentsOf = Callable[[settings.FeatureGroup, str], tuple[Environment, ...]]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the feature group in the lake's account. Teams' stacks grant access to its offline store by LF-tags."""
    group = foundation.feature_groups[stack.feature_group or ""]
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    catalog = read(DataCatalogOutputs, StackIdentity("data-catalog"))
    account_id = organization.accounts["data-lake"]
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), account_id)
    opts = pulumi.ResourceOptions(provider=provider)
    args = FeatureGroupArgs(
        group=group,
        account_id=account_id,
        region=foundation.organization.home_region,
        bucket_name=lake.zone_buckets["curated"],
        database=catalog.features_database,
        key_arn=lake.key_arn,
        boundary_arn=lake.permissions_boundary_arn,
    )
    feature_group = FeatureGroup("group", args, opts)
    _share(foundation, group, feature_group.arn, "read", online_readers_of, opts)
    _share(foundation, group, feature_group.arn, "write", writers_of, opts)
    table = group.table if group.offline else None
    export(FeatureGroupOutputs, arn=feature_group.arn, table=table, location=feature_group.location)


def _share(
    foundation: Foundation,
    group: settings.FeatureGroup,
    arn: pulumi.Input[str],
    access: Access,
    environments_of: EnvironmentsOf,
    opts: pulumi.ResourceOptions,
) -> None:
    """Shares the online store with each account of the environments. The lake's own account needs no share."""
    accounts: dict[str, pulumi.Input[str]] = {}
    for team in group.teams:
        outputs = read(TeamOutputs, StackIdentity("team", team))
        for environment in environments_of(group, team):
            account = foundation.account_of(environment, team)
            if account != foundation.account_of("data-lake"):
                accounts.setdefault(account.label, outputs.accounts[environment])
    if accounts:
        args = OnlineShareArgs(
            share_name=f"features-{group.name}-{access}", group_arn=arn, access=access, accounts=accounts
        )
        OnlineShare(access, args, opts)
