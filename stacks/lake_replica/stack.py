"""Copies of the lake's zones in a second region (decision 41).

It is separate from the stack ``data-lake``, which is close to the size limit of a stack and must stay deployable while
the second region is not available.
"""

from __future__ import annotations

import pulumi

from components.data_lake.zone_replicas import REPLICATION_ROLE, ZoneReplicas, ZoneReplicasArgs
from components.identity.iam.arns import arn_of
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.data.lake import ZONES
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.bucket_names import DATA_ACCESS_LOGS, organization_bucket_name
from settings.types.naming import LAKE
from stacks.data_lake.lake_formation import network_perimeter
from stacks.shared.exports import export
from stacks.shared.outputs import DataLakeOutputs, LakeReplicaOutputs, OrganizationOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the replicas in the lake's account."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    settings = foundation.organization
    replica_region = settings.lake.replica_region
    if replica_region is None:
        raise ValueError(f"the stack {stack.name} needs lake.replica_region")
    account, account_id = foundation.account_of_stack(stack), organization.accounts["data-lake"]
    organization_id = organization.organization_id

    def replica_name(purpose: str) -> pulumi.Output[str]:
        return account_id.apply(
            lambda known: organization_bucket_name(settings.name, purpose, account_id=known, region=replica_region)
        )

    role = arn_of("iam", "", account_id, f"role{ROLE_PATH}{REPLICATION_ROLE}")
    replicas = ZoneReplicas(
        "replica",
        ZoneReplicasArgs(
            sources={zone: lake.zone_buckets[zone] for zone in ZONES},
            source_key_arn=lake.key_arn,
            replica_names={zone: replica_name(f"{LAKE}-{zone}") for zone in ZONES},
            log_bucket_name=replica_name(DATA_ACCESS_LOGS),
            key_alias=f"plinth/{stack.name}",
            account_id=account_id,
            organization_id=organization_id,
            region=settings.home_region,
            replica_region=replica_region,
            replica_provider=account_provider(foundation, stack, account, account_id, region=replica_region),
            boundary_arn=lake.permissions_boundary_arn,
            perimeter=network_perimeter(foundation, organization_id, role),
            settings=settings.lake,
        ),
        pulumi.ResourceOptions(provider=account_provider(foundation, stack, account, account_id)),
    )
    export(
        LakeReplicaOutputs,
        region=replica_region,
        zone_buckets=replicas.bucket_names,
        access_log_bucket=replicas.access_log_bucket,
        key_arn=replicas.key_arn,
    )
