"""Actions on the Kubernetes cluster of the tooling account.

Only the management account creates and deletes the cluster, and decides who administers it and which role its workloads
have (IA-06). The deployer upgrades its version.
"""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls

TAGS = "TagResource UntagResource"

CLUSTERS: ResourceCalls = {
    "aws:eks/accessEntry:AccessEntry": calls(
        "eks",
        read="DescribeAccessEntry ListTagsForResource",
        update=TAGS,
        reserved="CreateAccessEntry DeleteAccessEntry UpdateAccessEntry",
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": calls(
        "eks", read="ListAssociatedAccessPolicies", reserved="AssociateAccessPolicy DisassociateAccessPolicy"
    ),
    "aws:eks/cluster:Cluster": calls(
        "eks",
        read="DescribeCluster DescribeUpdate ListTagsForResource",
        update=f"UpdateClusterVersion {TAGS}",
        reserved="CreateCluster DeleteCluster UpdateClusterConfig",
    ),
}
