"""The Kubernetes cluster of the tooling account, in the network of the stack ``tooling``.

It has a stack of its own, so that an organization without it has the same tooling account, and it can be removed.
"""

from __future__ import annotations

import pulumi

from components.cluster.private_cluster import PrivateCluster, PrivateClusterArgs
from components.identity.personas.persona_list import IT_PLATFORM
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ALWAYS_RESERVED, ZONES_OF_SHARED_NETWORKS
from settings.types.aws.account_access import ACCESS_ROLE, DEPLOYER, REVIEWER
from settings.types.naming import CLUSTER_REVIEWERS, TOOLING_CLUSTER, named
from stacks.shared.exports import export
from stacks.shared.outputs import OrganizationOutputs, ToolingClusterOutputs, ToolingOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read

SERVICES = ALWAYS_RESERVED["kubernetes-services"]
"""Range of Kubernetes services, which no network has."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the cluster with a key of its own. Stacks in the cluster read its outputs."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    settings, cluster = foundation.organization, foundation.organization.tooling_cluster
    if cluster is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster")
    account, account_id = foundation.account_of_stack(stack), organization.accounts["tooling"]
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, account, account_id))

    key = EncryptionKeyArgs(
        alias=f"plinth/{stack.name}",
        description="Secrets and logs of the tooling cluster",
        account_id=account_id,
        region=settings.home_region,
        services=["eks"],
    )
    args = PrivateClusterArgs(
        cluster_name=named("EKS cluster", TOOLING_CLUSTER),
        role_name=stack.name,
        version=cluster.version,
        account_id=account_id,
        region=settings.home_region,
        vpc_id=tooling.vpc_id,
        cidr=settings.address_plan.kind_block("tooling"),
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        service_cidr=SERVICES,
        key_arn=EncryptionKey("key", key, opts).arn,
        log_retention_days=cluster.log_retention_days,
        administrators=_administrators(foundation, account_id),
        members={CLUSTER_REVIEWERS: _role(account_id, f"{ROLE_PATH}{REVIEWER}")},
    )
    built = PrivateCluster("cluster", args, opts)
    export(
        ToolingClusterOutputs,
        account_id=account_id,
        region=settings.home_region,
        cluster_name=built.cluster_name,
        cluster_arn=built.arn,
        endpoint=built.endpoint,
        certificate_authority=built.certificate_authority,
        oidc_issuer=built.oidc_issuer,
        security_group_id=built.security_group_id,
        node_role_arn=built.node_role_arn,
    )


def _administrators(foundation: Foundation, account_id: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """Returns the roles that deploy into the account, the platform team's if people sign in without Identity Center,
    and those of the settings.

    The ARN of a role of Identity Center has a random suffix, so the settings name it.
    """

    settings = foundation.organization
    found: dict[str, pulumi.Input[str]] = {
        "deployment": _role(account_id, f"/{ACCESS_ROLE}"),
        "deployer": _role(account_id, f"{ROLE_PATH}{DEPLOYER}"),
    }
    if settings.sign_in == "iam":
        name = named("role", "people", "tooling", IT_PLATFORM.name)
        found[IT_PLATFORM.name] = _role(account_id, f"{ROLE_PATH}{name}")
    cluster = settings.tooling_cluster
    return found | {arn.rpartition("/")[2]: arn for arn in (cluster.administrators if cluster else ())}


def _role(account_id: pulumi.Input[str], path_and_name: str) -> pulumi.Output[str]:
    return pulumi.Output.concat("arn:aws:iam::", account_id, ":role", path_and_name)
