"""Finds the policy documents in resources: identity policies, trust policies and resource policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.evaluation.policy_documents import Statement, statements
from policies.evaluation.readers import Properties, Unknown
from policies.evaluation.resource import Resource

ROLE = ("aws:iam/role:Role",)
IDENTITY_POLICY: Mapping[str, str] = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Property with the identity policy, by type. A role may also have inline policies."""
RESOURCE_POLICY: Mapping[str, str] = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:codeartifact/domainPermissions:DomainPermissions": "policyDocument",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "policyDocument",
    "aws:codebuild/resourcePolicy:ResourcePolicy": "policy",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:apigateway/restApiPolicy:RestApiPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:oam/sinkPolicy:SinkPolicy": "policy",
    "aws:organizations/resourcePolicy:ResourcePolicy": "content",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
}
"""Property with the resource policy, by type."""

PLATFORM_PATH = "/plinth/"
"""IAM path of the platform's roles and policies. Guardrails protect it from every principal but the platform's role."""
MANAGED_POLICY = ("aws:iam/policy:Policy",)
BOUNDARY_SUFFIX = "-boundary"
"""Suffix of the names of permissions boundaries. Deployers may change only roles with such a boundary."""


def grants(resource: Resource) -> list[Statement]:
    """Returns the Allow statements of an identity policy, or of a role's inline policies. An unknown document has
    none."""
    path = IDENTITY_POLICY.get(resource.type)
    documents = [(resource.properties, path)] if path else inline_policies(resource.properties)
    return [statement for properties, key in documents for statement in _allowed(properties, key)]


def is_boundary(resource: Resource) -> bool:
    """Whether a resource is a permissions boundary, by the name and path that only boundaries may have.

    A boundary grants nothing by itself. IA-16 refuses attaching it.
    """
    name, path = resource.properties.text("name"), resource.properties.text("path")
    return resource.type in MANAGED_POLICY and path == PLATFORM_PATH and str(name).endswith(BOUNDARY_SUFFIX)


def trust(resource: Resource) -> list[Statement]:
    """Returns the Allow statements of a role's trust policy."""
    return list(_allowed(resource.properties, "assumeRolePolicy"))


def resource_grants(resource: Resource) -> list[Statement]:
    """Returns the Allow statements of a resource policy."""
    return list(_allowed(resource.properties, RESOURCE_POLICY[resource.type]))


def inline_policies(role: Properties) -> list[tuple[Properties, str]]:
    """Returns a role's inline policies, each with the key of its document."""
    return [(policy, "policy") for policy in role.blocks("inlinePolicies")]


def known_statements(properties: Properties, key: str) -> list[Statement]:
    """Returns the statements of a document. An unknown document has none."""
    found = statements(properties, key)
    return [] if found is None or isinstance(found, Unknown) else found


def _allowed(properties: Properties, key: str) -> Iterator[Statement]:
    return (statement for statement in known_statements(properties, key) if statement.allows)
