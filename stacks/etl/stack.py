"""What datasets of the lake are made with: a place for scripts, encryption, a way into the network, dead letters.

A stack of its own because the lake's is nearly as large as a stack may be; what one dataset adds is in the dataset's.
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
from settings.derived.outputs import DataLakeOutputs, EtlOutputs, OrganizationOutputs
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.types.naming import bucket_name
from stacks.shared.exports import export
from stacks.shared.providers import account_provider
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind

Lake = pulumi.Output[DataLakeOutputs]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the lake's account. No dataset is named here."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    account_id = account_of_kind(organization, "data-lake")
    organization_id = organization.apply(lambda outputs: outputs.organization_id)
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), account_id)
    opts = pulumi.ResourceOptions(provider=provider)

    scripts = _scripts(foundation, lake, account_id, organization_id, opts)
    runtime = GlueRuntime(
        "glue",
        GlueRuntimeArgs(
            label="data-lake",
            key_arn=lake.apply(lambda outputs: outputs.key_arn),
            subnet_ids=[_subnet(lake, zone) for zone in range(ZONES_OF_SHARED_NETWORKS)],
            security_group_id=_doors(foundation, lake, opts).security_group_id,
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
            key_arn=lake.apply(lambda outputs: outputs.key_arn),
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
    lake: Lake,
    account_id: pulumi.Output[str],
    organization_id: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> PrivateBucket:
    """Scripts are in the repository; what is here goes with the stack."""
    settings = foundation.organization

    def name(purpose: str) -> pulumi.Output[str]:
        return account_id.apply(
            lambda known: bucket_name(settings.name, purpose, account_id=known, region=settings.home_region)
        )

    args = PrivateBucketArgs(
        bucket_name=name("etl-scripts"),
        key_arn=lake.apply(lambda outputs: outputs.key_arn),
        organization_id=organization_id,
        log_bucket_name=name("data-access-logs"),
        noncurrent_retention_days=settings.lake.noncurrent_retention_days,
    )
    return PrivateBucket("scripts", args, opts)


def _doors(foundation: Foundation, lake: Lake, opts: pulumi.ResourceOptions) -> WorkloadSecurityGroup:
    """What jobs reach: each other and AWS, as everywhere."""
    shared = foundation.organization.endpoints == "shared"
    network = foundation.organization.address_plan.kind_block("network")
    args = WorkloadSecurityGroupArgs(
        label="data-lake",
        vpc_id=lake.apply(lambda outputs: outputs.vpc_id),
        endpoint_security_group_id=None if shared else lake.apply(lambda known: known.endpoint_security_group_id or ""),
        endpoints_cidr=network if shared else None,
        gateways=[gateway.name for gateway in GATEWAYS],
        gateway_prefix_list_ids=[_gateway(lake, number) for number in range(len(GATEWAYS))],
    )
    return WorkloadSecurityGroup("jobs", args, opts)


def _subnet(lake: Lake, zone: int) -> pulumi.Output[str]:
    return lake.apply(lambda outputs: outputs.private_subnet_ids[zone])


def _gateway(lake: Lake, number: int) -> pulumi.Output[str]:
    return lake.apply(lambda outputs: outputs.gateway_prefix_list_ids[number])
