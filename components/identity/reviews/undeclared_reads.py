"""Actions with which ``plinth drift`` reads what accounts contain beyond the stacks.

A reader of the command line (``selfservice.undeclared``) calls these operations; a test compares both lists.
"""

from __future__ import annotations

from collections.abc import Mapping

_IN_EVERY_ACCOUNT: Mapping[str, str] = {
    "apigateway": "GET",
    "codeartifact": "GetDomainPermissionsPolicy GetRepositoryPermissionsPolicy ListDomains ListRepositories",
    "dynamodb": "GetResourcePolicy ListTables",
    "ec2": "DescribeImageAttribute DescribeImages DescribeSnapshotAttribute DescribeSnapshots "
    "DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions "
    "DescribeVpcPeeringConnections",
    "ecr": "DescribeRepositories GetRepositoryPolicy",
    "elasticfilesystem": "DescribeFileSystemPolicy DescribeFileSystems",
    "events": "ListEventBuses",
    "glue": "GetResourcePolicy",
    "iam": "GetAccountAuthorizationDetails GetAccountSummary GetLoginProfile GetPolicy GetPolicyVersion ListAccessKeys "
    "ListOpenIDConnectProviders ListSAMLProviders",
    "kinesis": "GetResourcePolicy ListStreams",
    "kms": "DescribeKey GetKeyPolicy ListAliases ListGrants ListKeys",
    "lakeformation": "GetDataLakeSettings ListDataCellsFilter ListPermissions ListResources",
    "lambda": "GetPolicy ListFunctions",
    "logs": "DescribeDestinations",
    "ram": "GetResourceShareAssociations GetResourceShares",
    "rds": "DescribeDBClusterSnapshotAttributes DescribeDBClusterSnapshots DescribeDBSnapshotAttributes "
    "DescribeDBSnapshots",
    "s3": "GetAccessPoint GetAccessPointPolicy GetAccountPublicAccessBlock GetBucketAcl GetBucketPolicy "
    "GetBucketPublicAccessBlock ListAccessPoints ListAllMyBuckets",
    "sagemaker": "GetModelPackageGroupPolicy ListModelPackageGroups",
    "secretsmanager": "GetResourcePolicy ListSecrets",
    "sns": "GetTopicAttributes ListTopics",
    "sqs": "GetQueueAttributes ListQueues",
}
_IN_MANAGEMENT: Mapping[str, str] = {
    "organizations": "ListAccounts ListDelegatedAdministrators ListDelegatedServicesForAccount ListPolicies "
    "ListTargetsForPolicy",
    "sso": "DescribePermissionSet GetInlinePolicyForPermissionSet ListAccountAssignments "
    "ListAccountsForProvisionedPermissionSet ListCustomerManagedPolicyReferencesInPermissionSet ListInstances "
    "ListManagedPoliciesInPermissionSet ListPermissionSets",
}


def _actions(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{service}:{name}" for service, names in table.items() for name in names.split())


UNDECLARED_READS = _actions(_IN_EVERY_ACCOUNT)
"""Actions in every account."""
UNDECLARED_READS_IN_MANAGEMENT = _actions(_IN_MANAGEMENT)
"""Further actions in the management account."""
