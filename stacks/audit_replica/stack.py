"""The copy of the log archive in a second region (decision 41).

It is deployed before the stack ``audit``, which replicates to it, because S3 refuses a destination that does not exist.
"""

from __future__ import annotations

import pulumi

from components.audit.archive_replica import ArchiveReplica, ArchiveReplicaArgs
from components.audit.configuration_history import REPLICATION_ROLE
from components.identity.iam.arns import arn_of
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.exceptions import BREAK_GLASS, FOUNDATION
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.bucket_names import ACCESS_LOGS, organization_bucket_name
from settings.types.naming import LOG_ARCHIVE
from stacks.shared.exports import export
from stacks.shared.outputs import AuditReplicaOutputs, OrganizationOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the copy in the audit account. The stack ``audit`` registers the role and the replication."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    settings = foundation.organization
    region = settings.audit.replica_region
    if region is None:
        raise ValueError(f"the stack {stack.name} needs audit.replica_region")
    account, account_id = foundation.account_of_stack(stack), organization.accounts["audit"]

    def named(purpose: str) -> pulumi.Output[str]:
        return account_id.apply(
            lambda known: organization_bucket_name(settings.name, purpose, account_id=known, region=region)
        )

    replica = ArchiveReplica(
        "replica",
        ArchiveReplicaArgs(
            bucket_name=named(LOG_ARCHIVE),
            log_bucket_name=named(ACCESS_LOGS),
            key_alias=f"plinth/{stack.name}",
            account_id=account_id,
            organization_id=organization.organization_id,
            region=region,
            retention_days=settings.audit.log_retention_days,
            replication_role=arn_of("iam", "", account_id, f"role{ROLE_PATH}{REPLICATION_ROLE}"),
            object_lock=settings.audit.object_lock,
            deployment_roles=FOUNDATION if account.kind != "organization" else (),
            break_glass_roles=BREAK_GLASS,
        ),
        pulumi.ResourceOptions(provider=account_provider(foundation, stack, account, account_id, region=region)),
    )
    export(AuditReplicaOutputs, region=region, log_bucket_name=replica.bucket_name, key_arn=replica.key_arn)
