"""Actions on resources of all accounts: account settings, recorder, roles, keys, buckets, Studio.

Sources for all modules of this package: the code of Terraform's AWS provider, on which Pulumi's is built, for the API
calls; the Service Authorization Reference for their actions and dependent actions.
"""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls

TAGS = "TagResource UntagResource"

ACCOUNT_SETUP: ResourceCalls = {
    "aws:accessanalyzer/analyzer:Analyzer": calls(
        "access-analyzer",
        create="CreateAnalyzer TagResource",
        read="GetAnalyzer",
        update=TAGS,
        delete="DeleteAnalyzer",
        linked="access-analyzer",
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": calls(
        "config",
        create="PutDeliveryChannel",
        read="DescribeDeliveryChannels",
        update="PutDeliveryChannel",
        delete="DeleteDeliveryChannel",
    ),
    "aws:cfg/recorder:Recorder": calls(
        "config",
        create="PutConfigurationRecorder",
        read="DescribeConfigurationRecorders",
        update="PutConfigurationRecorder",
        delete="DeleteConfigurationRecorder",
        passes_to="config",
    ),
    "aws:cfg/recorderStatus:RecorderStatus": calls(
        "config",
        create="StartConfigurationRecorder",
        read="DescribeConfigurationRecorderStatus",
        update="StartConfigurationRecorder",
        delete="StopConfigurationRecorder",
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": calls(
        "ec2",
        create="EnableEbsEncryptionByDefault",
        read="GetEbsEncryptionByDefault",
        delete="DisableEbsEncryptionByDefault",
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": calls(
        "ec2",
        create="EnableSnapshotBlockPublicAccess",
        read="GetSnapshotBlockPublicAccessState",
        delete="DisableSnapshotBlockPublicAccess",
    ),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": calls(
        "ec2", create="EnableImageBlockPublicAccess", read="GetImageBlockPublicAccessState"
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": calls(
        "ec2",
        create="ModifyInstanceMetadataDefaults",
        read="GetInstanceMetadataDefaults",
        update="ModifyInstanceMetadataDefaults",
        delete="ModifyInstanceMetadataDefaults",
    ),
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": calls(
        "ec2",
        create="ModifyVpcBlockPublicAccessOptions",
        read="DescribeVpcBlockPublicAccessOptions",
        update="ModifyVpcBlockPublicAccessOptions",
        delete="ModifyVpcBlockPublicAccessOptions",
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": calls(
        "iam",
        create="UpdateAccountPasswordPolicy",
        read="GetAccountPasswordPolicy",
        update="UpdateAccountPasswordPolicy",
        delete="DeleteAccountPasswordPolicy",
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": calls(
        "iam",
        create="CreateServiceLinkedRole TagRole",
        read="GetRole",
        update="TagRole UntagRole UpdateRoleDescription",
        delete="DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus",
        linked="config sagemaker.application-autoscaling",
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": calls(
        "s3",
        create="PutAccountPublicAccessBlock",
        read="GetAccountPublicAccessBlock",
        update="PutAccountPublicAccessBlock",
        delete="PutAccountPublicAccessBlock",
    ),
    "aws:ssm/serviceSetting:ServiceSetting": calls(
        "ssm",
        create="UpdateServiceSetting",
        read="GetServiceSetting",
        update="UpdateServiceSetting",
        delete="ResetServiceSetting",
    ),
}
"""Resources with which each account is set up (ST-15)."""

ROLES: ResourceCalls = {
    "aws:iam/policy:Policy": calls(
        "iam",
        read="GetPolicy GetPolicyVersion ListPolicyVersions",
        reserved="CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion TagPolicy "
        "UntagPolicy",
    ),
    "aws:iam/role:Role": calls(
        "iam",
        create="CreateRole TagRole",
        read="GetRole",
        update="TagRole UntagRole UpdateRole UpdateRoleDescription",
        delete="DeleteRole ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies",
        reserved="DeleteRolePermissionsBoundary PutRolePermissionsBoundary UpdateAssumeRolePolicy",
    ),
    "aws:iam/rolePolicy:RolePolicy": calls(
        "iam", create="PutRolePolicy", read="GetRolePolicy", update="PutRolePolicy", delete="DeleteRolePolicy"
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": calls(
        # Detaching is allowed, because `plinth up` detaches what somebody attached by hand (decision 39).
        "iam",
        read="ListAttachedRolePolicies",
        delete="DetachRolePolicy",
        reserved="AttachRolePolicy",
    ),
}

TRUSTED_TOKENS: ResourceCalls = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": calls(
        "iam",
        reserved="AddClientIDToOpenIDConnectProvider CreateOpenIDConnectProvider DeleteOpenIDConnectProvider "
        "GetOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider TagOpenIDConnectProvider "
        "UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
    ),
}
"""The issuers whose tokens are trusted. Only the management account changes them (SCP-06)."""

KEYS: ResourceCalls = {
    "aws:kms/alias:Alias": calls(
        "kms", create="CreateAlias", read="ListAliases", update="UpdateAlias", delete="DeleteAlias"
    ),
    "aws:kms/key:Key": calls(
        "kms",
        create="CreateKey EnableKeyRotation PutKeyPolicy TagResource",
        read="DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
        update=f"EnableKeyRotation PutKeyPolicy UpdateKeyDescription {TAGS}",
        delete="ScheduleKeyDeletion",
    ),
}

BUCKETS: ResourceCalls = {
    "aws:s3/bucket:Bucket": calls(
        "s3",
        create="CreateBucket PutBucketTagging TagResource",
        read="GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging "
        "GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging GetBucketVersioning "
        "GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration ListBucket "
        "ListTagsForResource",
        update=f"PutBucketTagging {TAGS}",
        # Pulumi empties buckets that are not durable before it deletes them.
        delete="DeleteBucket DeleteObject DeleteObjectVersion ListBucketVersions",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": calls(
        "s3",
        create="PutLifecycleConfiguration",
        read="GetLifecycleConfiguration",
        update="PutLifecycleConfiguration",
        delete="PutLifecycleConfiguration",
    ),
    "aws:s3/bucketLogging:BucketLogging": calls(
        "s3",
        create="PutBucketLogging",
        read="GetBucketLogging",
        update="PutBucketLogging",
        delete="PutBucketLogging",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": calls(
        "s3",
        create="PutBucketOwnershipControls",
        read="GetBucketOwnershipControls",
        update="PutBucketOwnershipControls",
        delete="PutBucketOwnershipControls",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": calls(
        "s3", create="PutBucketPolicy", read="GetBucketPolicy", update="PutBucketPolicy", delete="DeleteBucketPolicy"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": calls(
        "s3",
        create="PutBucketPublicAccessBlock",
        read="GetBucketPublicAccessBlock",
        update="PutBucketPublicAccessBlock",
        delete="PutBucketPublicAccessBlock",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": calls(
        "s3",
        create="PutEncryptionConfiguration",
        read="GetEncryptionConfiguration",
        update="PutEncryptionConfiguration",
        delete="PutEncryptionConfiguration",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": calls(
        "s3",
        create="PutBucketVersioning",
        read="GetBucketVersioning",
        update="PutBucketVersioning",
        delete="PutBucketVersioning",
    ),
}

BUCKET_EVENTS: ResourceCalls = {
    "aws:s3/bucketNotification:BucketNotification": calls(
        "s3",
        create="PutBucketNotification",
        read="GetBucketNotification",
        update="PutBucketNotification",
        delete="PutBucketNotification",
    ),
}
"""Events of objects, which rules of the account select from."""

REPLICATIONS: ResourceCalls = {
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": calls(
        "s3",
        create="PutReplicationConfiguration",
        read="GetReplicationConfiguration",
        update="PutReplicationConfiguration",
        delete="PutReplicationConfiguration",
        passes_to="s3",
    ),
}

STUDIO: ResourceCalls = {
    "aws:sagemaker/domain:Domain": calls(
        "sagemaker",
        create="AddTags CreateDomain kms:CreateGrant kms:DescribeKey",
        read="DescribeDomain ListTags",
        update="AddTags DeleteTags UpdateDomain",
        delete="DeleteDomain",
        passes_to="sagemaker",
        linked="sagemaker",
    ),
    "aws:sagemaker/userProfile:UserProfile": calls(
        "sagemaker",
        create="AddTags CreateUserProfile",
        read="DescribeUserProfile ListTags",
        update="AddTags DeleteTags UpdateUserProfile",
        # A profile or a space is only deleted without apps, and people start these.
        delete="DeleteApp DeleteUserProfile ListApps",
        passes_to="sagemaker",
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": calls(
        "sagemaker",
        create="AddTags CreateMlflowApp",
        read="DescribeMlflowApp ListTags",
        update="AddTags DeleteTags UpdateMlflowApp",
        delete="DeleteMlflowApp",
        passes_to="sagemaker",
    ),
    "aws:sagemaker/image:Image": calls(
        "sagemaker",
        create="AddTags CreateImage",
        read="DescribeImage ListTags",
        update="AddTags DeleteTags UpdateImage",
        delete="DeleteImage",
        passes_to="sagemaker",
    ),
    "aws:sagemaker/imageVersion:ImageVersion": calls(
        "sagemaker",
        create="CreateImageVersion",
        read="DescribeImageVersion",
        update="UpdateImageVersion",
        delete="DeleteImageVersion",
    ),
    "aws:sagemaker/appImageConfig:AppImageConfig": calls(
        "sagemaker",
        create="AddTags CreateAppImageConfig",
        read="DescribeAppImageConfig ListTags",
        update="AddTags DeleteTags UpdateAppImageConfig",
        delete="DeleteAppImageConfig",
    ),
    "aws:sagemaker/space:Space": calls(
        "sagemaker",
        create="AddTags CreateSpace",
        read="DescribeSpace ListTags",
        update="AddTags DeleteTags UpdateSpace",
        delete="DeleteApp DeleteSpace ListApps",
    ),
    "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": calls(
        "sagemaker",
        create="AddTags CreateStudioLifecycleConfig",
        read="DescribeStudioLifecycleConfig ListTags",
        update="AddTags DeleteTags",
        delete="DeleteStudioLifecycleConfig",
    ),
}
