"""Cases of policies/security/rules/identity/document_sizes.py."""

from __future__ import annotations

import json
from collections.abc import Mapping

from policies.evaluation.readers import UNKNOWN
from policies.security.rules.identity import document_sizes as rules
from settings.types.aws.document_limits import DOCUMENT_LIMITS, MANAGED_POLICIES_OF_A_ROLE
from tests.policies.case import Case, Member, Situation, StackCase, but
from tests.policies.cases.policy_types import DOCUMENTS

DOCUMENT = {
    "aws:iam/policy:Policy": "managed policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "permission set policy",
    "aws:iam/role:Role": "trust policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "endpoint policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "endpoint policy",
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


(INLINE_OF_ROLE, INLINE_OF_GROUP, INLINE_OF_USER) = rules.INLINE
ROLE = INLINE_OF_ROLE.identity
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
API = "aws:apigateway/restApi:RestApi"


def of_size(size: int) -> str:
    """Returns a document with a number of characters, none of which is white space."""
    return json.dumps({"Sid": "x" * (size - len('{"Sid":""}'))}, separators=(",", ":"))


def spaced(size: int) -> str:
    """Returns a document of the size and a space."""
    return f"{of_size(size)} "


SIZES = [
    Case(
        rule="IA-15",
        type=type_,
        compliant=Situation(inputs={DOCUMENTS[type_]: of_size(limit.size)}),
        optional=frozenset({DOCUMENTS[type_]}),
        refused={"is a character too long": but({DOCUMENTS[type_]: of_size(limit.size + 1)})}
        | (
            {"is too long with its white space": but({DOCUMENTS[type_]: spaced(limit.size)})}
            if limit.counts_white_space
            else {}
        ),
        accepted={}
        if limit.counts_white_space
        else {"is too long only with its white space": but({DOCUMENTS[type_]: spaced(limit.size)})},
    )
    for type_, limit in ((type_, DOCUMENT_LIMITS[kind]) for type_, kind in DOCUMENT.items())
]
LARGEST_API_POLICY = DOCUMENT_LIMITS["API policy"].size


def body(**element: object) -> str:
    return json.dumps({"openapi": "3.0.1", **element})


APIS = [
    Case(
        rule="IA-15",
        type=API,
        compliant=Situation(inputs={"body": body(), "policy": of_size(LARGEST_API_POLICY)}),
        optional=frozenset({"body", "policy"}),
        refused={
            "has a policy that is a character too long": but({"policy": of_size(LARGEST_API_POLICY + 1)}),
            "has a long policy in its body": but(
                {"body": body(**{rules.POLICY_OF_API: "x" * LARGEST_API_POLICY}), "policy": UNKNOWN}
            ),
        },
        accepted={
            "has a policy in its body": but({"body": body(**{rules.POLICY_OF_API: {"Statement": []}}), "policy": "{}"}),
            "has a body that is no document": but({"body": "openapi"}),
        },
    )
]


def inline(identity: str, size: int | object, of: str = "it") -> Member:
    return Member(
        type={"role": INLINE_OF_ROLE, "group": INLINE_OF_GROUP, "user": INLINE_OF_USER}[identity].policy,
        inputs={identity: of, "policy": of_size(size) if isinstance(size, int) else size},
    )


def stack_case(what: str, members: Mapping[str, Member], *refused: str, type_: str = ROLE) -> StackCase:
    return StackCase(rule="IA-15", type=type_, what=what, members=members, refused=frozenset(refused))


GROUP, USER = INLINE_OF_GROUP.identity, INLINE_OF_USER.identity
IT = Member(inputs={"name": "it"})
OTHER = Member(inputs={"name": "another"})
BUILT_IN = Member(inputs={"name": "it", "inlinePolicies": [{"name": "a", "policy": of_size(10_000)}]})


def attached(count: int, role: str = "it") -> dict[str, Member]:
    return {
        f"attachment-{role}-{number}": Member(type=ATTACHMENT, inputs={"role": role, "policyArn": f"arn:{number}"})
        for number in range(count)
    }


STACK_CASES = [
    stack_case(
        "inline policies of the maximum size", {"it": IT, "a": inline("role", 240), "b": inline("role", 10_000)}
    ),
    stack_case(
        "inline policies that are a character too long",
        {"it": IT, "other": OTHER, "a": inline("role", 241), "b": inline("role", 10_000)},
        "it",
    ),
    stack_case("a long policy in the role itself", {"it": BUILT_IN, "a": inline("role", 241)}, "it"),
    stack_case("a short policy in the role itself", {"it": BUILT_IN, "a": inline("role", 240)}),
    stack_case(
        "an inline policy that is unknown until deployment",
        {"it": IT, "a": inline("role", UNKNOWN), "b": inline("role", 10_240)},
    ),
    stack_case(
        "long policies of two roles",
        {"it": IT, "other": OTHER, "a": inline("role", 241), "b": inline("role", 10_000, of="another")},
    ),
    stack_case("a group's policy of the maximum size", {"it": IT, "a": inline("group", 5_120)}, type_=GROUP),
    stack_case("a long policy of a group", {"it": IT, "a": inline("group", 5_121)}, "it", type_=GROUP),
    stack_case("a user's policy of the maximum size", {"it": IT, "a": inline("user", 2_048)}, type_=USER),
    stack_case("a long policy of a user", {"it": IT, "a": inline("user", 2_049)}, "it", type_=USER),
    stack_case(
        "as many managed policies as possible",
        {"it": IT, "other": OTHER} | attached(MANAGED_POLICIES_OF_A_ROLE) | attached(1, "another"),
    ),
    stack_case(
        "too many managed policies", {"it": IT, "other": OTHER} | attached(MANAGED_POLICIES_OF_A_ROLE + 1), "it"
    ),
]

CASES = [*SIZES, *APIS]
