"""Actions with which ``plinth drift`` reads what accounts contain beyond the stacks.

Readers of the command line (``selfservice.undeclared``) call these operations, and a test compares both. Wildcards
match reading actions only; they keep policies short.
"""

from __future__ import annotations

from collections.abc import Mapping

_IN_EVERY_ACCOUNT: Mapping[str, str] = {
    "codeartifact": "Get*PermissionsPolicy ListDomains ListRepositories",
    "dynamodb": "GetResourcePolicy ListTables",
    "ec2": "DescribeImage* DescribeSnapshot* DescribeVpcEndpointService* DescribeVpcPeeringConnections",
    "ecr": "DescribeRepositories GetRepositoryPolicy",
    "elasticfilesystem": "DescribeFileSystem*",
    "events": "ListEventBuses",
    "glue": "GetResourcePolicy",
    "iam": "GetAccountAuthorizationDetails GetAccountSummary GetLoginProfile GetPolicy GetPolicyVersion ListAccessKeys "
    "ListOpenIDConnectProviders ListSAMLProviders",
    "kinesis": "GetResourcePolicy ListStreams",
    "kms": "DescribeKey GetKeyPolicy ListAliases ListGrants ListKeys",
    "lakeformation": "GetDataLakeSettings ListDataCellsFilter ListPermissions ListResources",
    "lambda": "GetPolicy ListFunctions",
    "logs": "DescribeDestinations",
    "ram": "GetResourceShare*",
    "rds": "DescribeDBClusterSnapshot* DescribeDBSnapshot*",
    "s3": "GetAccessPoint GetAccessPointPolicy GetAccountPublicAccessBlock GetBucketAcl GetBucketPolicy "
    "GetBucketPublicAccessBlock ListAccessPoints ListAllMyBuckets",
    "sagemaker": "GetModelPackageGroupPolicy ListModelPackageGroups",
    "secretsmanager": "GetResourcePolicy ListSecrets",
    "sns": "GetTopicAttributes ListTopics",
    "sqs": "GetQueueAttributes ListQueues",
}
_IN_MANAGEMENT: Mapping[str, str] = {
    "organizations": "List*",
    "sso": "DescribePermissionSet GetInlinePolicyForPermissionSet List*",
}


def _actions(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{service}:{name}" for service, names in table.items() for name in names.split())


UNDECLARED_READS = _actions(_IN_EVERY_ACCOUNT)
"""Actions in every account."""
UNDECLARED_READS_IN_MANAGEMENT = _actions(_IN_MANAGEMENT)
"""Further actions in the management account."""
