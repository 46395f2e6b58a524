"""Resource types of AWS that contain or attach an IAM policy, and the property with the document or the ARN.

Source: the properties of these types in the AWS provider of Pulumi, 7. Cases take types from here, so that the case of
a type does not vanish together with the type in a rule.
"""

from __future__ import annotations

import re


def _types(*lines: str) -> dict[str, str]:
    """Returns the property by type. A line is a module, a property, and names of types."""
    found = {}
    for line in lines:
        module, property_, *names = line.split()
        for name in names:
            token = re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]", lambda start: start[0].lower(), name)
            found[f"aws:{module}/{token}:{name}"] = property_
    return found


IDENTITY_POLICY = _types(
    "iam policy Policy RolePolicy GroupPolicy UserPolicy",
    "ssoadmin inlinePolicy PermissionSetInlinePolicy",
)
RESOURCE_POLICY = _types(
    "apigateway policy RestApiPolicy",
    "backup policy VaultPolicy",
    "cloudwatch policy EventBusPolicy",
    "cloudwatch policyDocument LogResourcePolicy",
    "cloudwatch accessPolicy LogDestinationPolicy",
    "codeartifact policyDocument DomainPermissions RepositoryPermissionsPolicy",
    "codebuild policy ResourcePolicy",
    "dynamodb policy ResourcePolicy",
    "ecr policy RepositoryPolicy RegistryPolicy",
    "efs policy FileSystemPolicy",
    "glue policy ResourcePolicy",
    "kinesis policy ResourcePolicy",
    "kms policy Key KeyPolicy ReplicaKey",
    "oam policy SinkPolicy",
    "opensearch accessPolicies DomainPolicy",
    "organizations content ResourcePolicy",
    "s3 policy BucketPolicy AccessPoint",
    "s3control policy AccessPointPolicy",
    "sagemaker resourcePolicy ModelPackageGroupPolicy",
    "secretsmanager policy Secret SecretPolicy",
    "sns policy Topic TopicPolicy",
    "sqs policy Queue QueuePolicy",
)
DOCUMENTS = {
    **RESOURCE_POLICY,
    **IDENTITY_POLICY,
    **_types("iam assumeRolePolicy Role", "ec2 policy VpcEndpoint VpcEndpointPolicy"),
}
"""All documents, also those that are neither identity policies nor resource policies."""
ATTACHMENT = _types(
    "iam policyArn RolePolicyAttachment GroupPolicyAttachment UserPolicyAttachment PolicyAttachment",
    "iam policyArns RolePolicyAttachmentsExclusive GroupPolicyAttachmentsExclusive UserPolicyAttachmentsExclusive",
    "iam managedPolicyArns Role",
    "ssoadmin managedPolicyArn ManagedPolicyAttachment",
    "ssoadmin managedPolicyArns ManagedPolicyAttachmentsExclusive",
)
