"""Shared resources of ETL jobs and crawlers: script bucket, encryption, network connections and dead-letter queue.

It is separate from the stack ``data-lake``, because it exists only if a dataset has an ETL unit.
"""

from __future__ import annotations

import pulumi

from components.data_lake.etl.failed_runs import FailedRuns, FailedRunsArgs
from components.data_lake.etl.glue_runtime import GlueRuntime, GlueRuntimeArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.network.workload_security_group import WorkloadSecurityGroup, WorkloadSecurityGroupArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.derived.endpoint_services import GATEWAYS
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.types.aws.bucket_names import DATA_ACCESS_LOGS, ETL_SCRIPTS, organization_bucket_name
from stacks.shared.exports import export
from stacks.shared.outputs import DataLakeOutputs, EtlOutputs, OrganizationOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the shared resources in the lake's account. It names no dataset."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    account_id = organization.accounts["data-lake"]
    organization_id = organization.organization_id
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), account_id)
    opts = pulumi.ResourceOptions(provider=provider)

    scripts = _scripts(foundation, lake, account_id, organization_id, opts)
    runtime = GlueRuntime(
        "glue",
        GlueRuntimeArgs(
            label="data-lake",
            key_arn=lake.key_arn,
            subnet_ids=lake.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
            security_group_id=_security_group(foundation, lake, opts).security_group_id,
        ),
        opts,
    )
    queue = DeadLetterQueue(
        "dead-letters",
        DeadLetterQueueArgs(
            queue_name="lake-dead-letters",
            account_id=account_id,
            organization_id=organization_id,
            region=foundation.organization.home_region,
            rules="lake-*",
            key_arn=lake.key_arn,
        ),
        opts,
    )
    FailedRuns("failed-runs", FailedRunsArgs(queue_arn=queue.arn), opts)
    export(
        EtlOutputs,
        script_bucket=scripts.bucket_name,
        security_configuration=runtime.security_configuration,
        connections=runtime.connections,
        dead_letter_queue_arn=queue.arn,
    )


def _scripts(
    foundation: Foundation,
    lake: DataLakeOutputs,
    account_id: pulumi.Output[str],
    organization_id: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> PrivateBucket:
    """Creates the bucket of the scripts, which are copies of those in the repository."""
    settings = foundation.organization

    def name(purpose: str) -> pulumi.Output[str]:
        return account_id.apply(
            lambda known: organization_bucket_name(
                settings.name, purpose, account_id=known, region=settings.home_region
            )
        )

    args = PrivateBucketArgs(
        bucket_name=name(ETL_SCRIPTS),
        key_arn=lake.key_arn,
        organization_id=organization_id,
        log_bucket_name=name(DATA_ACCESS_LOGS),
        noncurrent_retention_days=settings.lake.noncurrent_retention_days,
    )
    return PrivateBucket("scripts", args, opts)


def _security_group(
    foundation: Foundation, lake: DataLakeOutputs, opts: pulumi.ResourceOptions
) -> WorkloadSecurityGroup:
    """Creates the security group of jobs, which allows traffic between jobs and to VPC endpoints."""
    shared = foundation.organization.endpoints == "shared"
    network = foundation.organization.address_plan.kind_block("network")
    args = WorkloadSecurityGroupArgs(
        label="data-lake",
        vpc_id=lake.vpc_id,
        endpoint_security_group_id=None if shared else lake.endpoint_security_group_id,
        endpoints_cidr=network if shared else None,
        gateways=[gateway.name for gateway in GATEWAYS],
        gateway_prefix_list_ids=[lake.gateway_prefix_list_ids[number] for number in range(len(GATEWAYS))],
    )
    return WorkloadSecurityGroup("jobs", args, opts)
