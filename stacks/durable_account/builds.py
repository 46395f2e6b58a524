"""The security group of the builds of a durable account."""

from __future__ import annotations

from components.network.workload_security_group import (
    DatabaseAccess,
    WorkloadSecurityGroup,
    WorkloadSecurityGroupArgs,
)
from settings.derived.endpoint_services import GATEWAYS
from settings.derived.foundation import Foundation
from stacks.durable_account.stack import DurableAccount


def builds_security_group(
    account: DurableAccount, foundation: Foundation, database: DatabaseAccess | None = None
) -> WorkloadSecurityGroup:
    """Creates the security group of builds, which reach AWS, a database if there is one, and nothing else."""
    shared = foundation.organization.endpoints == "shared"
    args = WorkloadSecurityGroupArgs(
        label=account.context.label,
        vpc_id=account.network.vpc_id,
        endpoint_security_group_id=account.endpoints.security_group_id,
        endpoints_cidr=foundation.organization.address_plan.kind_block("network") if shared else None,
        gateways=[gateway.name for gateway in GATEWAYS],
        gateway_prefix_list_ids=account.endpoints.prefix_list_ids,
        database=database,
    )
    return WorkloadSecurityGroup("builds", args, account.opts)
