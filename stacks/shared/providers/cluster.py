"""Creates the Kubernetes provider of stacks in a cluster. No other module does."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.cluster_access import kubeconfig
from stacks.shared.outputs import ToolingClusterOutputs

PROVIDER = "cluster"
"""Logical name of the provider."""


def cluster_provider(
    foundation: Foundation, stack: StackIdentity, cluster: ToolingClusterOutputs
) -> kubernetes.Provider:
    """Creates a provider for the cluster, whose API it calls with tokens of ``plinth cluster token``.

    A token is valid for minutes and is never in the state. The command chooses the role for it: the one that deploys,
    or in read-only commands the one for reviews.

    An object that exists already is taken over: names are explicit, so it is what an interrupted update created, or
    what Kubernetes creates in each namespace.
    """
    known = pulumi.Output.all(cluster.cluster_name, cluster.account_id, cluster.endpoint, cluster.certificate_authority)
    region = foundation.organization.home_region
    return kubernetes.Provider(
        PROVIDER,
        kubeconfig=known.apply(lambda values: kubeconfig(stack.name, region, *map(str, values))),
        # With another endpoint it is still the same cluster, whose objects need no replacement.
        cluster_identifier=cluster.cluster_arn,
        upsert_existing_objects=True,
    )
