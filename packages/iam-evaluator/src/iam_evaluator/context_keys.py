"""Condition keys, with their types and whether they are multivalued.

Sources: "AWS global condition context keys" (IAM User Guide) and the Service Authorization Reference. A policy with any
other key is an error, so that a misspelt key cannot pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

KeyType = Literal["string", "arn", "bool", "number", "date", "address"]


@dataclass(frozen=True, slots=True)
class ContextKey:
    """Type of a key's values, and whether a request can have several."""

    type: KeyType
    multivalued: bool = False


_SINGLE: Mapping[KeyType, tuple[str, ...]] = {
    "string": (
        "aws:FederatedProvider",
        "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalServiceName", "aws:PrincipalType",
        "aws:RequestedRegion", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SourceAccount", "aws:SourceIdentity",
        "aws:SourceOrgID", "aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID",
        "aws:userid", "aws:username", "aws:Ec2InstanceSourceVpc",
        "cloudwatch:namespace", "codecommit:References", "iam:PassedToService", "iam:AWSServiceName",
        "kms:CallerAccount", "kms:ViaService",
        "s3:RequestObjectTagKeys", "s3:x-amz-acl", "s3:x-amz-server-side-encryption", "s3:prefix",
        "s3:if-none-match",
        "s3:x-amz-bucket-namespace", "s3:ResourceAccount",
        "sagemaker:AppNetworkAccessType", "sagemaker:DirectInternetAccess", "sagemaker:DomainId",
        "sagemaker:MinimumInstanceMetadataServiceVersion", "sagemaker:ModelApprovalStatus",
        "sagemaker:ModelLifeCycle:Stage", "sagemaker:ModelLifeCycle:StageStatus", "sagemaker:RemoteAccess",
        "sagemaker:RootAccess", "sagemaker:SpaceSharingType", "sagemaker:TaggingAction", "sagemaker:UserProfileName",
        "sns:Endpoint", "sns:Protocol", "sts:AWSServiceName", "sts:ExternalId", "sts:RoleSessionName",
        "sts:SourceIdentity",
        "gitlab.com:aud", "gitlab.com:sub",
        "token.actions.githubusercontent.com:aud", "token.actions.githubusercontent.com:sub",
        "SAML:aud", "codebuild:environment.image", "codebuild:serviceRole", "codebuild:source.location",
        "codebuild:vpcConfig", "ec2:CreateAction", "ec2:VpceServiceOwner", "elasticloadbalancing:CreateAction",
        "glue:CredentialIssuingService",
        "lambda:FunctionUrlAuthType", "sagemaker:FeatureGroupOfflineStoreS3Uri",
    ),
    "arn": (
        "aws:PrincipalArn", "aws:SourceArn", "ec2:SourceInstanceARN", "iam:PermissionsBoundary", "iam:PolicyARN",
        "iam:AssociatedResourceArn", "lambda:SourceFunctionArn", "s3:DataAccessPointArn",
        "sagemaker:OwnerUserProfileArn",
        "sagemaker:FeatureGroupOfflineStoreKmsKey", "sagemaker:FeatureGroupOnlineStoreKmsKey",
        "sagemaker:OutputKmsKey", "sagemaker:VolumeKmsKey",
    ),
    "bool": (
        "aws:AssumedRoot", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService", "aws:SecureTransport",
        "aws:ViaAWSService", "kms:GrantIsForAWSResource", "ram:RequestedAllowsExternalPrincipals",
        "s3:ObjectCreationOperation",
        "sagemaker:EnableRemoteDebug", "sagemaker:InterContainerTrafficEncryption", "sagemaker:NetworkIsolation",
        "codebuild:environment.privilegedMode", "codebuild:secondarySources", "codebuild:source.buildspec",
        "ec2:AssociatePublicIpAddress", "sagemaker:FeatureGroupEnableOnlineStore",
    ),
    "number": (
        "s3:TlsVersion", "sagemaker:MaxRuntimeInSeconds", "sagemaker:ServerlessMaxConcurrency",
        "sagemaker:ServerlessMemorySize",
    ),
    "date": ("aws:CurrentTime", "aws:TokenIssueTime"),
    "address": ("aws:SourceIp", "aws:VpcSourceIp"),
}  # fmt: skip

_MULTIVALUED: Mapping[KeyType, tuple[str, ...]] = {
    "string": (
        "codebuild:environment.environmentVariables.name",
        "cloudshell:VpcIds", "dynamodb:LeadingKeys", "events:source", "glue:VpcIds", "lambda:VpcIds", "ses:Recipients",
        "aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths", "aws:TagKeys", "aws:VpceOrgPaths", "kms:GrantOperations",
        "kms:ResourceAliases", "oam:ResourceTypes",
        "sagemaker:InstanceTypes", "sagemaker:VpcSecurityGroupIds", "sagemaker:VpcSubnets",
    ),
    "arn": ("events:TargetArn",),
}  # fmt: skip

_KEYS: Mapping[str, ContextKey] = {
    **{key.lower(): ContextKey(kind) for kind, keys in _SINGLE.items() for key in keys},
    **{key.lower(): ContextKey(kind, multivalued=True) for kind, keys in _MULTIVALUED.items() for key in keys},
}

_FAMILIES: Mapping[str, ContextKey] = {
    **{
        f"{prefix}/": ContextKey("string")
        for prefix in (
            "aws:principaltag",
            "aws:requesttag",
            "aws:resourcetag",
            "codebuild:environment.environmentvariables",
            "ec2:resourcetag",
            "iam:resourcetag",
            "s3:existingobjecttag",
        )
    },
    # AWS services put the ARN of the encrypted resource into the encryption context.
    "kms:encryptioncontext:aws:": ContextKey("arn"),
}
"""Keys that end in a name that the user chooses, by prefix."""


_CLUSTER_ISSUER = re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/id/[0-9a-z]+:(aud|sub)")
"""Keys of the tokens of an EKS cluster, whose issuer has an id."""


def context_key(name: str) -> ContextKey | None:
    """Returns the key with a name, ignoring case, or None if it is unknown."""
    lower = name.lower()
    if _CLUSTER_ISSUER.fullmatch(lower):
        return ContextKey("string")
    families = (key for prefix, key in _FAMILIES.items() if lower.startswith(prefix))
    return next(families, _KEYS.get(lower))
