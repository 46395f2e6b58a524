"""The data lake: its account, its key, its network and its zones."""

from __future__ import annotations

from functools import partial

from components.data_lake.drop_point import organization_encrypts_results
from components.data_lake.etl.etl_permissions import JOB_ACTIONS
from components.data_lake.lake_zones import LakeZones, LakeZonesArgs
from components.data_lake.zone_replicas import REPLICATION_ROLE
from components.feature_store.key_access import feature_store_uses_the_key
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.network.transit.organization_share import OrganizationShare, OrganizationShareArgs
from components.storage.replication import REPLICATION_ACTIONS
from settings.data.intake import INTAKE
from settings.data.lake import ZONES
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import FEATURE_STORE_ROLE_PREFIX, LAKE, etl_role
from stacks.data_lake.lake_formation import CATALOG_ROLE, READER_ROLE, network_perimeter, role_arn
from stacks.durable_account.context import DurableAccountContext
from stacks.durable_account.stack import DurableAccount, build_account
from stacks.shared.exports import export
from stacks.shared.outputs import DataLakeOutputs


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the lake's account. It names no team and no dataset, because each has a stack of its own."""
    account = build_account(
        stack,
        foundation,
        key_roles=[CATALOG_ROLE, etl_role("*")],
        key_users=partial(_key_users, foundation),
        uses_events=True,
        work=(*JOB_ACTIONS, *REPLICATION_ACTIONS) if _has_replica(foundation) else JOB_ACTIONS,
        event_bus_pattern=f"*-{INTAKE}",
        pushes=foundation.has_pushed_data,
    )
    zones = _zones(account, foundation)
    _share_feature_catalog(account)
    export(
        DataLakeOutputs,
        **account.outputs,
        zone_buckets=zones.bucket_names,
        access_log_bucket=zones.access_log_bucket,
        endpoint_security_group_id=account.endpoints.security_group_id,
        gateway_prefix_list_ids=account.endpoints.prefix_list_ids,
    )


def _has_replica(foundation: Foundation) -> bool:
    """Returns whether S3 copies the zones into a second region, with a role of the stack ``lake-replica``."""
    return foundation.organization.lake.replica_region is not None


def _key_users(foundation: Foundation, context: DurableAccountContext) -> list[Statement]:
    return [
        feature_store_uses_the_key(context.organization.organization_id, context.region),
        organization_encrypts_results(
            context.organization.organization_id,
            context.region,
            context.bucket_name(foundation.organization.name, f"{LAKE}-landing"),
        ),
    ]


def _zones(account: DurableAccount, foundation: Foundation) -> LakeZones:
    context, organization = account.context, foundation.organization
    args = LakeZonesArgs(
        bucket_names={zone: context.bucket_name(foundation.organization.name, f"{LAKE}-{zone}") for zone in ZONES},
        log_bucket_name=context.bucket_name(foundation.organization.name, "data-access-logs"),
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        key_arn=account.key.arn,
        perimeter=network_perimeter(
            foundation,
            context.organization.organization_id,
            role_arn(context.account_id, READER_ROLE),
            role_arn(context.account_id, f"{FEATURE_STORE_ROLE_PREFIX}*"),
            *([role_arn(context.account_id, REPLICATION_ROLE)] if _has_replica(foundation) else []),
        ),
        settings=organization.lake,
    )
    return LakeZones("lake", args, account.opts)


def _share_feature_catalog(account: DurableAccount) -> None:
    """Shares the feature group catalog with the organization for search. The share grants no read access (FS-04)."""
    context = account.context
    catalog = arn_of("sagemaker", context.region, context.account_id, "sagemaker-catalog/DefaultFeatureGroupCatalog")
    args = OrganizationShareArgs(
        share_name="plinth-feature-catalogue",
        organization_id=context.organization.organization_id,
        management_account_id=context.organization.management_account_id,
        resource_arns={"groups": catalog},
        permission="AWSRAMPermissionSageMakerCatalogResourceSearch",
    )
    OrganizationShare("feature-catalogue", args, account.opts)
