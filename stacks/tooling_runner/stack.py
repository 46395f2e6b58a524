"""The namespace, the permissions and the identity of Jobs that run stack operations.

It has a stack of its own, so that a cluster without it is the same, and it can be removed.
"""

from __future__ import annotations

import pulumi

from components.cluster.stack_runner import StackRunner, StackRunnerArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import CLUSTER_LAUNCHERS, STACK_JOBS
from stacks.shared.exports import export
from stacks.shared.outputs import OrganizationOutputs, ToolingClusterOutputs, ToolingOutputs, ToolingRunnerOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.providers.cluster import cluster_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds what Jobs need. It names no team: the trust of an account's deployer names the pods that may use it."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    cluster = read(ToolingClusterOutputs, StackIdentity("tooling-cluster"))
    settings = foundation.organization.tooling_cluster
    if settings is None or settings.runner is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster.runner")
    runner, account_id = settings.runner, organization.accounts["tooling"]
    account = account_provider(foundation, stack, foundation.account_of_stack(stack), account_id)

    image = pulumi.Output.concat(tooling.platform_repository, "@", runner.image)
    args = StackRunnerArgs(
        cluster_name=cluster.cluster_name,
        cluster_arn=cluster.cluster_arn,
        account_id=account_id,
        organization_id=organization.organization_id,
        image=image,
        launcher_group=CLUSTER_LAUNCHERS,
        launchers=runner.launchers,
        namespace=STACK_JOBS,
        jobs=runner.jobs,
        cpus=runner.cpus,
        memory_gib=runner.memory_gib,
        state_bucket=runner.state_bucket,
        state_keys=runner.state_keys,
    )
    built = StackRunner(
        "runner", args, pulumi.ResourceOptions(providers=[account, cluster_provider(foundation, stack, cluster)])
    )
    export(
        ToolingRunnerOutputs,
        namespace=built.namespace,
        service_account=built.service_account,
        image=image,
        role_arn=built.role_arn,
        launcher_role_arn=built.launcher_role_arn,
    )
