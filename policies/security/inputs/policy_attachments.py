"""Which resources hold policy documents, and where in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.security.inputs.policy_documents import Statement, statements
from policies.security.inputs.readers import Properties, Unknown
from policies.security.inputs.subject import Subject

ROLE = ("aws:iam/role:Role",)
IDENTITY_POLICY: Mapping[str, str] = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""What says what its holder may do. A role may also carry such documents inline."""
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
    "aws:organizations/resourcePolicy:ResourcePolicy": "content",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
}
"""What says who may do something to the resource that it belongs to."""

CEILINGS = ("plinth:identity:PermissionsBoundary", "plinth:identity:RoleCeiling")
"""Components whose policy is a ceiling: it grants nothing, so what it leaves open is for others to give."""


def grants(subject: Subject) -> list[Statement]:
    """What an identity policy allows, or a role's inline ones. A document nobody knows yet allows nothing so far."""
    path = IDENTITY_POLICY.get(subject.type)
    documents = [(subject.properties, path)] if path else _inline(subject.properties)
    return [statement for properties, key in documents for statement in _allowed(properties, key)]


def is_ceiling(subject: Subject) -> bool:
    return any(component in subject.parents for component in CEILINGS)


def trust(subject: Subject) -> list[Statement]:
    """Who may assume a role."""
    return list(_allowed(subject.properties, "assumeRolePolicy"))


def admissions(subject: Subject) -> list[Statement]:
    """Whom the policy of a resource lets in."""
    return list(_allowed(subject.properties, RESOURCE_POLICY[subject.type]))


def _inline(role: Properties) -> list[tuple[Properties, str]]:
    return [(policy, "policy") for policy in role.blocks("inlinePolicies")]


def _allowed(properties: Properties, key: str) -> Iterator[Statement]:
    found = statements(properties, key)
    if found is not None and not isinstance(found, Unknown):
        yield from (statement for statement in found if statement.allows)
