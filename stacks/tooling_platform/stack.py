"""The inside of the Kubernetes cluster: its defaults, what it admits, and the namespaces of the settings.

It has a stack of its own, because a cluster is not there yet when the program that creates it is previewed, and because
the objects in it change more often than the cluster.
"""

from __future__ import annotations

import pulumi

from components.cluster.cluster_defaults import ClusterDefaults, ClusterDefaultsArgs
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from components.cluster.pod_admission import PodAdmission, PodAdmissionArgs
from components.cluster.review_access import ReviewAccess, ReviewAccessArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import CLUSTER_REVIEWERS
from stacks.shared.exports import export
from stacks.shared.outputs import ToolingClusterOutputs, ToolingPlatformOutputs
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
            ),
            opts,
        ).namespace
        for name, limits in settings.tooling_cluster.namespaces.items()
    }
    export(ToolingPlatformOutputs, storage_class=defaults.storage_class, namespaces=namespaces)
