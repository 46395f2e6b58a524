"""The portal in the Kubernetes cluster, and the role in the governance account with which it reads the settings.

It has a stack of its own, so that a cluster without it is the same, and it can be removed.
"""

from __future__ import annotations

import pulumi

from components.cluster.portal_server import PortalServer, PortalServerArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.organization.operations.request_runner import RUNNER_HOST
from settings.types.aws.portal_pods import issuer_of
from settings.types.aws.request_builds import REPOSITORY
from stacks.shared.exports import export
from stacks.shared.outputs import (
    GovernanceOutputs,
    IdentityOutputs,
    OrganizationOutputs,
    ToolingClusterOutputs,
    ToolingOutputs,
    ToolingPortalOutputs,
)
from stacks.shared.providers.accounts import account_provider
from stacks.shared.providers.cluster import cluster_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the portal. It names no team, so a request for a team does not change it."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    identity = read(IdentityOutputs, StackIdentity("identity"))
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    cluster = read(ToolingClusterOutputs, StackIdentity("tooling-cluster"))
    governance = read(GovernanceOutputs, StackIdentity("governance"))
    settings = foundation.organization.tooling_cluster
    if settings is None or settings.portal is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster.portal")
    portal, account_id = settings.portal, organization.accounts["tooling"]
    governance_id = organization.accounts[RUNNER_HOST]
    account = account_provider(foundation, stack, foundation.account_of_stack(stack), account_id)

    args = PortalServerArgs(
        role_name=stack.name,
        cluster_name=cluster.cluster_name,
        cluster_arn=cluster.cluster_arn,
        account_id=account_id,
        organization_id=organization.organization_id,
        settings_account_id=governance_id,
        settings_provider=account_provider(foundation, stack, foundation.account_of(RUNNER_HOST), governance_id),
        settings_key_arn=governance.key_arn,
        repository=REPOSITORY,
        region=foundation.organization.home_region,
        image=pulumi.Output.concat(tooling.platform_repository, "@", portal.image),
        issuer_url=identity.instance_arn.apply(_issuer),
        address=portal.address,
        certificate_arn=portal.certificate,
        network_cidr=str(foundation.organization.address_plan.kind_block("tooling")),
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        proxy=portal.proxy.address,
        proxy_cidr=str(portal.proxy.cidr),
        cpus=portal.cpus,
        memory_gib=portal.memory_gib,
    )
    providers = [account, cluster_provider(foundation, stack, cluster)]
    built = PortalServer("portal", args, pulumi.ResourceOptions(providers=providers))
    export(ToolingPortalOutputs, address=built.address, load_balancer_host=built.load_balancer_host)


def _issuer(instance_arn: str | None) -> str:
    if not instance_arn:
        raise ValueError("the stack identity has no instance of IAM Identity Center: deploy it first")
    return issuer_of(instance_arn)
