"""Actions on the Kubernetes cluster of the tooling account, and on the database of the tracking server in it.

Only the management account creates and deletes the cluster, and decides who administers it and which role its workloads
have (IA-06). The deployer upgrades its version. Whoever changes a DB instance can set the password of its master user,
so the deployer only reads it, with its groups of parameters and subnets.
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
    "aws:rds/instance:Instance": calls(
        "rds",
        read="DescribeDBInstances ListTagsForResource",
        reserved="CreateDBInstance DeleteDBInstance ModifyDBInstance",
    ),
    "aws:rds/parameterGroup:ParameterGroup": calls(
        "rds",
        read="DescribeDBParameterGroups DescribeDBParameters ListTagsForResource",
        reserved="CreateDBParameterGroup DeleteDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup",
    ),
    "aws:rds/subnetGroup:SubnetGroup": calls(
        "rds",
        read="DescribeDBSubnetGroups ListTagsForResource",
        reserved="CreateDBSubnetGroup DeleteDBSubnetGroup ModifyDBSubnetGroup",
    ),
}
