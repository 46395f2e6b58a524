"""Resource types that can be created again with the same result, and the reason for each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PUT = "AWS stores it under a given name or on its parent resource, so a repeated request writes the same content."
_SWITCHED = (
    "It is a setting that every account, service or organization has, so a repeated request sets the same value."
)
_TAKEN = "AWS creates it together with the network, and the provider manages the existing one."
_COUNTED = "It is another version of the same image, and all versions are deleted together with the image."
_UPSERTED = "The provider takes over an object of the same name, and the names of all objects are explicit."
_ANSWERED = "A repeated request returns the existing one."

REPEATABLE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "aws:account/alternativeContact:AlternativeContact",
                "aws:apigateway/methodSettings:MethodSettings",
                "aws:cfg/configurationAggregator:ConfigurationAggregator",
                "aws:cloudwatch/eventRule:EventRule",
                "aws:cloudwatch/eventTarget:EventTarget",
                "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
                "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
                "aws:cloudwatch/logMetricFilter:LogMetricFilter",
                "aws:cloudwatch/dashboard:Dashboard",
                "aws:cloudwatch/metricAlarm:MetricAlarm",
                "aws:codeartifact/domainPermissions:DomainPermissions",
                "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
                "aws:ecr/lifecyclePolicy:LifecyclePolicy",
                "aws:ecr/repositoryPolicy:RepositoryPolicy",
                "aws:iam/rolePolicy:RolePolicy",
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "aws:lakeformation/permissions:Permissions",
                "aws:lakeformation/resourceLfTags:ResourceLfTags",
                "aws:oam/sinkPolicy:SinkPolicy",
                "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
                "aws:s3/bucketLogging:BucketLogging",
                "aws:s3/bucketNotification:BucketNotification",
                "aws:s3/bucketObjectv2:BucketObjectv2",
                "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
                "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
                "aws:s3/bucketPolicy:BucketPolicy",
                "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
                "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                "aws:s3/bucketVersioning:BucketVersioning",
                "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
                "aws:sns/topicPolicy:TopicPolicy",
                "aws:sqs/queuePolicy:QueuePolicy",
                "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
                "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment",
            ),
            _PUT,
        ),
        **dict.fromkeys(
            (
                "aws:apigateway/account:Account",
                "aws:cfg/recorderStatus:RecorderStatus",
                "aws:costexplorer/costAllocationTag:CostAllocationTag",
                "aws:ebs/encryptionByDefault:EncryptionByDefault",
                "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
                "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
                "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
                "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
                "aws:guardduty/detectorFeature:DetectorFeature",
                "aws:guardduty/organizationConfiguration:OrganizationConfiguration",
                "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",
                "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
                "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
                "aws:iam/organizationsFeatures:OrganizationsFeatures",
                "aws:inspector2/enabler:Enabler",
                "aws:inspector2/organizationConfiguration:OrganizationConfiguration",
                "aws:lakeformation/dataLakeSettings:DataLakeSettings",
                "aws:macie2/organizationConfiguration:OrganizationConfiguration",
                "aws:ram/sharingWithOrganization:SharingWithOrganization",
                "aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
                "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
                "aws:securityhub/organizationConfiguration:OrganizationConfiguration",
                "aws:ssm/serviceSetting:ServiceSetting",
            ),
            _SWITCHED,
        ),
        **dict.fromkeys(
            (
                "aws:ec2/defaultRouteTable:DefaultRouteTable",
                "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
            ),
            _TAKEN,
        ),
        **dict.fromkeys(
            (
                "aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation",
                "aws:securityhub/standardsSubscription:StandardsSubscription",
                "aws:sns/topicSubscription:TopicSubscription",
            ),
            _ANSWERED,
        ),
        **dict.fromkeys(
            (
                "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
                "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
                "kubernetes:apps/v1:Deployment",
                "kubernetes:batch/v1:Job",
                "kubernetes:core/v1:ConfigMap",
                "kubernetes:core/v1:LimitRange",
                "kubernetes:core/v1:Namespace",
                "kubernetes:core/v1:ResourceQuota",
                "kubernetes:core/v1:Service",
                "kubernetes:core/v1:ServiceAccount",
                "kubernetes:networking.k8s.io/v1:NetworkPolicy",
                "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
                "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
                "kubernetes:rbac.authorization.k8s.io/v1:Role",
                "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
                "kubernetes:storage.k8s.io/v1:StorageClass",
            ),
            _UPSERTED,
        ),
        "aws:sagemaker/imageVersion:ImageVersion": _COUNTED,
    }
)
"""Resource type -> why it can be created again."""
