"""The inside of the Kubernetes cluster: its defaults, what it admits, and the namespaces of the settings.

It has a stack of its own, because a cluster is not there yet when the program that creates it is previewed, and because
the objects in it change more often than the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.cluster.balancing.internal_load_balancer import InternalLoadBalancer, InternalLoadBalancerArgs
from components.cluster.balancing.load_balancer_admission import LoadBalancerAdmission, LoadBalancerAdmissionArgs
from components.cluster.cluster_defaults import ClusterDefaults, ClusterDefaultsArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from components.cluster.pod_admission import PodAdmission, PodAdmissionArgs
from components.cluster.review_access import ReviewAccess, ReviewAccessArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.organization.cluster.tooling_cluster import ClusterSettings
from settings.types.naming import CLUSTER_REVIEWERS
from stacks.shared.exports import export
from stacks.shared.outputs import ToolingClusterOutputs, ToolingOutputs, ToolingPlatformOutputs
from stacks.shared.providers.cluster import cluster_provider
from stacks.shared.references import read


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the inside of the cluster. Stacks of tools read its outputs."""
    cluster, settings = read(ToolingClusterOutputs, StackIdentity("tooling-cluster")), foundation.organization
    if settings.tooling_cluster is None:
        raise ValueError(f"the stack {stack.name} needs tooling_cluster")
    opts = pulumi.ResourceOptions(provider=cluster_provider(foundation, stack, cluster))

    defaults = ClusterDefaults("defaults", ClusterDefaultsArgs(), opts)
    registry = PodAdmissionArgs(registry_account_id=cluster.account_id, region=settings.home_region)
    PodAdmission("pods", registry, opts)
    LoadBalancerAdmission("balancers", LoadBalancerAdmissionArgs(), opts)
    ReviewAccess("reviews", ReviewAccessArgs(group=CLUSTER_REVIEWERS), opts)
    namespaces = {
        name: GuardedNamespace(
            f"namespace-{name}",
            GuardedNamespaceArgs(
                namespace=name,
                cpus=limits.cpus,
                memory_gib=limits.memory_gib,
                pods=limits.pods,
                storage_gib=limits.storage_gib,
                load_balancers=1,
            ),
            opts,
        ).namespace
        for name, limits in settings.tooling_cluster.namespaces.items()
    }
    hosts = _load_balancers(foundation, settings.tooling_cluster, namespaces, opts)
    export(
        ToolingPlatformOutputs,
        storage_class=defaults.storage_class,
        namespaces=namespaces,
        load_balancer_hosts=hosts,
    )


def _load_balancers(
    foundation: Foundation,
    cluster: ClusterSettings,
    namespaces: Mapping[str, pulumi.Output[str]],
    opts: pulumi.ResourceOptions,
) -> dict[str, pulumi.Output[str]]:
    """Creates the load balancers of the settings, and returns their DNS names by namespace."""
    wanted = {
        name: namespace.load_balancer
        for name, namespace in cluster.namespaces.items()
        if namespace.load_balancer is not None
    }
    if not wanted:
        return {}
    tooling = read(ToolingOutputs, StackIdentity("tooling"))
    return {
        name: InternalLoadBalancer(
            f"balancer-{name}",
            InternalLoadBalancerArgs(
                namespace=namespaces[name],
                workload=balancer.workload,
                port=balancer.port,
                health_path=balancer.health_path,
                certificate_arn=balancer.certificate,
                cidr=foundation.organization.address_plan.kind_block("tooling"),
                subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
            ),
            opts,
        ).host
        for name, balancer in wanted.items()
    }
