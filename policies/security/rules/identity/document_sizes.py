"""Rules about the size of policy documents. AWS refuses a document that is too large, often after other resources of
the stack have been changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.policy_attachments import IDENTITY_POLICY, RESOURCE_POLICY, ROLE
from policies.evaluation.readers import Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, ResourceCheck, Rule, StackCheck, Violation, violation
from policies.evaluation.stack import Stack
from policies.security.rules.network.endpoints import ENDPOINT, ENDPOINT_POLICY
from settings.types.aws.document_limits import DOCUMENT_LIMITS, MANAGED_POLICIES_OF_A_ROLE, DocumentKind

API = ("aws:apigateway/restApi:RestApi",)
POLICY_OF_API = "x-amazon-apigateway-policy"
"""Element of an OpenAPI document that contains the resource policy of its API."""
DOCUMENT: Mapping[str, DocumentKind] = {
    "aws:iam/policy:Policy": "managed policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "permission set policy",
    "aws:iam/role:Role": "trust policy",
    **dict.fromkeys((*ENDPOINT, *ENDPOINT_POLICY), "endpoint policy"),
    "aws:s3/bucketPolicy:BucketPolicy": "bucket policy",
    "aws:s3/accessPoint:AccessPoint": "access point policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "access point policy",
    "aws:kms/key:Key": "key policy",
    "aws:kms/keyPolicy:KeyPolicy": "key policy",
    "aws:kms/replicaKey:ReplicaKey": "key policy",
    "aws:sns/topicPolicy:TopicPolicy": "topic policy",
    "aws:sns/topic:Topic": "topic policy",
    "aws:sqs/queuePolicy:QueuePolicy": "queue policy",
    "aws:sqs/queue:Queue": "queue policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "secret policy",
    "aws:secretsmanager/secret:Secret": "secret policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "repository policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "registry policy",
    "aws:glue/resourcePolicy:ResourcePolicy": "catalog policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "table policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "file system policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "event bus policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "log resource policy",
    "aws:codeartifact/domainPermissions:DomainPermissions": "package repository policy",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "package repository policy",
    "aws:opensearch/domainPolicy:DomainPolicy": "search domain policy",
    "aws:apigateway/restApiPolicy:RestApiPolicy": "API policy",
    "aws:organizations/resourcePolicy:ResourcePolicy": "organization resource policy",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "model group policy",
}
"""Kind of the document that a resource contains, by type. ST-16 checks guardrails."""
PROPERTY: Mapping[str, str] = {
    **IDENTITY_POLICY,
    **RESOURCE_POLICY,
    **dict.fromkeys(ROLE, "assumeRolePolicy"),
    **dict.fromkeys((*ENDPOINT, *ENDPOINT_POLICY), "policy"),
}
"""Property with the document, by type."""
ATTACHMENT = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment",)


@dataclass(frozen=True, slots=True)
class InlinePolicies:
    """The inline policies of one type of identity, whose sizes are added up."""

    identity: str
    policy: str
    refers_by: str
    """Property with which a policy names its identity."""
    kind: DocumentKind


INLINE = (
    InlinePolicies("aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "role", "inline policies of a role"),
    InlinePolicies("aws:iam/group:Group", "aws:iam/groupPolicy:GroupPolicy", "group", "inline policies of a group"),
    InlinePolicies("aws:iam/user:User", "aws:iam/userPolicy:UserPolicy", "user", "inline policies of a user"),
)


def _fits(kind: DocumentKind, documents: Iterable[str]) -> Violation | None:
    """Checks the sum of some documents."""
    limit = DOCUMENT_LIMITS[kind]
    size = sum(map(limit.measure, documents))
    if size <= limit.size:
        return None
    return violation(
        f"has {size:,} characters of {kind}, and AWS allows {limit.size:,}",
        fix="split it, or name resources and actions with fewer statements",
    )


def _document(properties: Properties, property_: str) -> list[str]:
    """Returns the document of a property, or nothing if it is absent or unknown."""
    value = properties.text(property_)
    return [value] if isinstance(value, str) else []


def _check_of(type_: str) -> ResourceCheck:
    return lambda resource: _fits(DOCUMENT[type_], _document(resource.properties, PROPERTY[type_]))


def policy_in_api_fits(resource: Resource) -> Violation | None:
    body = resource.properties.json("body")
    policy = body.get(POLICY_OF_API) if isinstance(body, Mapping) else None
    return _fits("API policy", _document(resource.properties, "policy") + ([json.dumps(policy)] if policy else []))


def inline_policies_fit(stack: Stack) -> Iterator[CheckResult]:
    """Checks the sum of an identity's inline policies, which are resources of their own or properties of a role."""
    for inline in INLINE:
        for identity in stack.of((inline.identity,)):
            policies = [policy.properties for policy in stack.referring((inline.policy,), inline.refers_by, identity)]
            held = [*policies, *identity.properties.blocks("inlinePolicies")]
            yield identity, _fits(inline.kind, (text for policy in held for text in _document(policy, "policy")))


def attached_policies_fit(stack: Stack) -> Iterator[CheckResult]:
    for role in stack.of(ROLE):
        if len(stack.referring(ATTACHMENT, "role", role)) > MANAGED_POLICIES_OF_A_ROLE:
            yield (
                role,
                violation(
                    f"has more than {MANAGED_POLICIES_OF_A_ROLE} managed policies", fix="merge policies of the role"
                ),
            )


RULES = (
    Rule(
        id="IA-15",
        title="Policy documents are within the size limits of AWS",
        severity="high",
        sources=("IAM User Guide, quotas", "settings/types/aws/document_limits.py"),
        remedy="Merge statements, or move some to a further document where AWS allows one. The limits and their "
        "sources are in settings/types/aws/document_limits.py. The sizes in every stack are in document-sizes.md.",
        checks={type_: _check_of(type_) for type_ in DOCUMENT} | dict.fromkeys(API, policy_in_api_fits),
        stack_checks=(
            StackCheck(
                tuple(type_ for inline in INLINE for type_ in (inline.identity, inline.policy)), inline_policies_fit
            ),
            StackCheck((*ROLE, *ATTACHMENT), attached_policies_fit),
        ),
    ),
)
