"""Actions on databases of RDS and their secrets, in the governance account and beside the cluster of tooling.

Whoever changes a database can set the password of its master user, so the deployer only reads databases, with their
groups of parameters and subnets. It reads no value of a secret.
"""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls

SUBNET_GROUPS: ResourceCalls = {
    "aws:rds/subnetGroup:SubnetGroup": calls(
        "rds",
        read="DescribeDBSubnetGroups ListTagsForResource",
        reserved="CreateDBSubnetGroup DeleteDBSubnetGroup ModifyDBSubnetGroup",
    ),
}
POSTGRES: ResourceCalls = {
    **SUBNET_GROUPS,
    "aws:rds/instance:Instance": calls(
        "rds",
        read="DescribeDBInstances ListTagsForResource",
        reserved="CreateDBInstance DeleteDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot",
    ),
    "aws:rds/parameterGroup:ParameterGroup": calls(
        "rds",
        read="DescribeDBParameterGroups DescribeDBParameters ListTagsForResource",
        reserved="CreateDBParameterGroup DeleteDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup",
    ),
}
"""Resources of a DB instance."""
SERVERLESS: ResourceCalls = {
    **SUBNET_GROUPS,
    "aws:rds/cluster:Cluster": calls(
        "rds",
        # The provider looks for the global cluster of each cluster.
        read="DescribeDBClusters DescribeGlobalClusters ListTagsForResource",
        reserved="CreateDBCluster DeleteDBCluster ModifyDBCluster",
    ),
    "aws:rds/clusterInstance:ClusterInstance": calls(
        "rds",
        read="DescribeDBClusters DescribeDBInstances ListTagsForResource",
        reserved="CreateDBInstance DeleteDBInstance ModifyDBInstance",
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": calls(
        "rds",
        read="DescribeDBClusterParameterGroups DescribeDBClusterParameters ListTagsForResource",
        reserved="CreateDBClusterParameterGroup DeleteDBClusterParameterGroup ModifyDBClusterParameterGroup "
        "ResetDBClusterParameterGroup",
    ),
    "aws:secretsmanager/secret:Secret": calls(
        "secretsmanager",
        read="DescribeSecret GetResourcePolicy",
        reserved="CreateSecret DeleteSecret UpdateSecret",
    ),
}
"""Resources of a DB cluster that pauses, and of the secret beside it."""
