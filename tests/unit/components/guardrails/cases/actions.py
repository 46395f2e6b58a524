"""Actions of AWS that each guardrail statement must deny, and actions that a statement must let pass.

A line has service prefixes, each with names of its actions, as the Service Authorization Reference spells them. Where a
statement denies a pattern, the table has one action of those that the pattern means. Each action replaces the action of
the statement's first denied request. Statements that take their actions from ``sagemaker_keys`` are not listed: its
table is compared with ``sagemaker_condition_keys.txt``.
"""

from __future__ import annotations

from collections.abc import Mapping

_SCHEDULES = ("sagemaker CreateMonitoringSchedule UpdateMonitoringSchedule",)
_REGISTRY = (
    "sagemaker DeleteModelPackage DeleteModelPackageGroup DeleteModelPackageGroupPolicy PutModelPackageGroupPolicy",
)

DENIED: Mapping[str, tuple[str, ...]] = {
    "SCP01StayAMember": ("account CloseAccount, organizations LeaveOrganization",),
    "SCP01KeepContactsBillsAndRegions": (
        "account DeleteAlternateContact DisableRegion EnableRegion PutAccountName StartPrimaryEmailUpdate",
        "aws-portal ModifyAccount, billing UpdateBillingPreferences",
        "payments MakePayment UpdateFinancingApplication, tax UpdateExemptions",
    ),
    "SCP04KeepRecordersAndDetectors": (
        "access-analyzer CreateArchiveRule DeleteAnalyzer UpdateAnalyzer",
        "cloudtrail DeleteTrail PutEventSelectors PutInsightSelectors StopLogging UpdateTrail",
        "config DeleteAggregationAuthorization DeleteConfigurationRecorder DeleteDeliveryChannel",
        "config DeleteRetentionConfiguration PutConfigurationRecorder PutDeliveryChannel StopConfigurationRecorder",
        "guardduty CreateFilter CreateIPSet DeleteDetector DisassociateFromAdministratorAccount",
        "guardduty StopMonitoringMembers UpdateDetector UpdateFilter UpdateIPSet",
        "inspector2 CreateFilter Disable DisassociateMember",
        "macie2 DisableMacie DisassociateFromAdministratorAccount UpdateMacieSession",
        "securityhub BatchDisableStandards DeleteActionTarget DisableImportFindingsForProduct",
        "securityhub DisassociateFromAdministratorAccount UpdateStandardsControl",
    ),
    "SCP04KeepLogsAndTheirKeys": (
        "ec2 DeleteFlowLogs, kms DisableKey DisableKeyRotation ScheduleKeyDeletion",
        "logs DeleteLogGroup DeleteRetentionPolicy",
        "s3 BypassGovernanceRetention DeleteBucketPolicy PutBucketLogging PutBucketObjectLockConfiguration",
    ),
    "SCP04KeepSwitchesOfTheAccount": (
        "ec2 CreateVpcBlockPublicAccessExclusion DisableAllowedImagesSettings DisableEbsEncryptionByDefault",
        "ec2 DisableImageBlockPublicAccess DisableSnapshotBlockPublicAccess EnableSerialConsoleAccess",
        "ec2 ModifyEbsDefaultKmsKeyId ModifyInstanceMetadataDefaults ModifyVpcBlockPublicAccessOptions",
        "ec2 ResetEbsDefaultKmsKeyId, iam DeleteAccountPasswordPolicy UpdateAccountPasswordPolicy",
        "ssm UpdateServiceSetting",
    ),
    "SCP05KeepRolesOfTheFoundation": (
        "iam AttachGroupPolicy CreateRole DeleteAccessKey DetachGroupPolicy PutGroupPolicy SetDefaultPolicyVersion",
        "iam TagInstanceProfile UntagInstanceProfile UpdateAccessKey",
    ),
    "SCP05OnlyBoundedRoles": (
        "iam AttachRolePolicy AttachUserPolicy CreateRole PutRolePermissionsBoundary PutRolePolicy",
        "iam PutUserPermissionsBoundary PutUserPolicy UpdateAssumeRolePolicy",
    ),
    "SCP05KeepBoundaries": ("iam DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary",),
    "SCP06NoLastingCredentials": (
        "iam CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential CreateUser",
        "iam ResetServiceSpecificCredential UpdateLoginProfile UploadSSHPublicKey UploadSigningCertificate",
    ),
    "SCP06KeepProvidersOfIdentities": (
        "iam AddClientIDToOpenIDConnectProvider CreateOpenIDConnectProvider CreateSAMLProvider",
        "iam DeleteOpenIDConnectProvider DeleteSAMLProvider UpdateOpenIDConnectProviderThumbprint UpdateSAMLProvider",
        "rolesanywhere CreateProfile EnableCrl UpdateCrl",
    ),
    "SCP07NoGateways": (
        "directconnect CreateConnection",
        "ec2 AcceptVpcPeeringConnection AllocateAddress AssociateAddress AttachInternetGateway",
        "ec2 CreateCarrierGateway CreateClientVpnEndpoint CreateDefaultSubnet CreateDefaultVpc",
        "ec2 CreateEgressOnlyInternetGateway CreateInternetGateway CreateNatGateway",
        "ec2 CreateTransitGatewayPeeringAttachment CreateVpcEndpointServiceConfiguration CreateVpcPeeringConnection",
        "ec2 CreateVpnConnection, globalaccelerator CreateAccelerator UpdateAccelerator",
    ),
    "SCP07NoOtherGateways": (
        "directconnect CreateConnection",
        "ec2 AcceptVpcPeeringConnection CreateCarrierGateway CreateClientVpnEndpoint CreateDefaultSubnet",
        "ec2 CreateDefaultVpc CreateEgressOnlyInternetGateway CreateTransitGatewayPeeringAttachment",
        "ec2 CreateVpcEndpointServiceConfiguration CreateVpcPeeringConnection CreateVpnConnection",
        "globalaccelerator CreateAccelerator UpdateAccelerator",
    ),
    "SCP07OnlyByTheFoundation": (
        "ec2 AllocateAddress AssociateAddress AttachInternetGateway CreateInternetGateway CreateNatGateway",
    ),
    "SCP07KeepEndpoints": ("ec2 CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint",),
    "SCP16Lambda": ("lambda CreateFunction UpdateFunctionConfiguration",),
    "SCP16Glue": ("glue CreateJob UpdateJob",),
    "SCP16CodeBuild": ("codebuild CreateProject UpdateProject",),
    "SCP16NoRunbooks": ("ssm StartAutomationExecution StartChangeRequestExecution",),
    "SCP08SchedulesInNetwork": _SCHEDULES,
    "SCP09ResultsOfSchedulesEncrypted": _SCHEDULES,
    "SCP09HomesEncrypted": ("sagemaker CreateAutoMLJob CreateAutoMLJobV2 CreateDomain",),
    "SCP09TrafficOfSchedulesEncrypted": _SCHEDULES,
    "SCP09ContainersIsolated": (
        "sagemaker CreateDataQualityJobDefinition CreateHyperParameterTuningJob CreateModel",
        "sagemaker CreateModelBiasJobDefinition CreateModelExplainabilityJobDefinition CreateModelQualityJobDefinition",
        "sagemaker CreateTrainingJob",
    ),
    "SCP09ContainersOfSchedulesIsolated": _SCHEDULES,
    "SCP11NoStudioNorNotebooks": (
        "ecs ExecuteCommand, sagemaker CreateApp CreateDomain CreateNotebookInstance CreatePresignedDomainUrl",
        "sagemaker CreatePresignedNotebookInstanceUrl CreateSpace CreateUserProfile StartNotebookInstance StartSession",
        "ssm StartSession",
    ),
    "SCP10KeepTheRegistry": _REGISTRY,
    "SCP10KeepPermanentGroups": _REGISTRY,
    "SCP12OnlyOurResources": (
        "athena StartQueryExecution, dynamodb PutItem",
        "ecr CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart, events PutEvents, firehose PutRecord",
        "glue GetTable, kinesis PutRecord, kms Decrypt, lambda InvokeFunction UpdateFunctionCode, logs PutLogEvents",
        "s3 GetObject, secretsmanager GetSecretValue, sns Publish, sqs SendMessage",
        "ssm PutParameter SendCommand StartSession, states StartExecution, sts AssumeRole",
    ),
    "SCP13OnlyOurEndpoints": (
        "athena StartQueryExecution, cloudformation CreateStack, datasync CreateTask, ebs GetSnapshotBlock",
        "firehose PutRecord, kms Decrypt, lambda InvokeFunction, s3 GetObject, scheduler CreateSchedule",
        "servicediscovery CreateHttpNamespace, textract AnalyzeDocument, transcribe StartTranscriptionJob",
        "transfer CreateServer",
    ),
    "SCP14NoSharesOutside": ("ram CreateResourceShare UpdateResourceShare",),
    "SCP14NoSharing": (
        "ec2 ModifyFpgaImageAttribute ModifyImageAttribute ModifySnapshotAttribute, ecr-public PutImage",
        "events PutPermission, glue PutResourcePolicy, lambda AddLayerVersionPermission, logs PutDestinationPolicy",
        "ram AcceptResourceShareInvitation, rds ModifyDBClusterSnapshotAttribute ModifyDBSnapshotAttribute",
        "servicecatalog CreatePortfolioShare UpdatePortfolioShare, sns AddPermission, sqs AddPermission",
        "ssm ModifyDocumentPermission",
    ),
    "SCP14NoPublicFunctions": ("lambda AddPermission CreateFunctionUrlConfig UpdateFunctionUrlConfig",),
    "SCP14NoCallsOut": (
        "events CreateApiDestination CreateConnection UpdateApiDestination UpdateConnection",
        "states InvokeHTTPEndpoint",
    ),
    "SCP14NoMetricsOutside": ("oam CreateLink UpdateLink",),
    "SCP14NoLettersOutside": ("ses SendBulkTemplatedEmail SendEmail SendRawEmail SendTemplatedEmail",),
    "SCP14NoLettersToAnybody": ("ses SendBounce SendBulkEmail SendCustomVerificationEmail",),
    "SCP14NoGrantsOfData": (
        "lakeformation BatchGrantPermissions DeregisterResource GrantPermissions PutDataLakeSettings",
        "lakeformation RegisterResource",
    ),
    "SCP15KeepPublicBlocks": (
        "s3 PutAccessPointPublicAccessBlock PutAccountPublicAccessBlock PutBucketPublicAccessBlock",
    ),
    "SCP15NoAccessLists": ("s3 PutBucketAcl PutBucketOwnershipControls PutObjectAcl PutObjectVersionAcl",),
    "SCP15LakeIsReadOnly": ("s3 AbortMultipartUpload DeleteObject PutObject ReplicateDelete RestoreObject",),
    "SCP15LakeTakesResultsOnly": ("s3 AbortMultipartUpload DeleteObject PutObject ReplicateDelete RestoreObject",),
    "SCP17TagWhatLasts": (
        "sagemaker CreateCluster CreateEndpoint CreateFeatureGroup CreateMlflowTrackingServer",
        "sagemaker CreateNotebookInstance",
    ),
    "SCP17KeepTags": (
        "dynamodb TagResource UntagResource, ec2 DeleteTags, ecr TagResource UntagResource",
        "kms TagResource UntagResource, s3 TagResource UntagResource, sagemaker DeleteTags",
        "secretsmanager TagResource UntagResource, tag TagResources UntagResources",
    ),
    "RCP01OnlyOurIdentities": (
        "aoss APIAccessAll, codeartifact PublishPackageVersion, codebuild StartBuild, codecommit GitPush",
        "codepipeline StartPipelineExecution, dynamodb PutItem, ecr PutImage, events PutEvents, kms Decrypt",
        "logs PutLogEvents, s3 GetObject, secretsmanager GetSecretValue, sqs SendMessage, sts AssumeRole SetContext",
    ),
    "RCP02OnlyForUs": (
        "dynamodb PutItem, ecr PutImage, kms Decrypt, logs PutLogEvents, s3 GetObject",
        "secretsmanager GetSecretValue, sqs SendMessage, sts AssumeRole",
    ),
    "RCP03OnlyTls": (
        "dynamodb PutItem, kms Decrypt, s3 GetObject, secretsmanager GetSecretValue, sqs SendMessage",
        "sts AssumeRole",
    ),
    "RCP04OnlyFromOurNetworks": ("kms Decrypt, s3 GetObject",),
    "RCP06OnlyReadBySharers": ("s3 GetObject ListBucket",),
    "RCP06OnlyWrittenWhereDataLands": ("s3 DeleteObject PutObject ReplicateObject",),
}
PASSING: Mapping[str, tuple[str, ...]] = {
    "SCP03OnlyAllowedRegions": (
        "account AcceptPrimaryEmailUpdate, acm AddTagsToCertificate, aws-portal GetConsoleActionSetEnforced",
        "billing AssociateSourceViews, budgets CreateBudgetAction, ce CreateAnomalyMonitor",
        "cloudfront ListDistributions, consolidatedbilling GetAccountBillingRole, cur DeleteReportDefinition",
        "ec2 DescribeRegions, freetier GetAccountActivity, globalaccelerator AddCustomRoutingEndpoints",
        "health DescribeAffectedAccountsForOrganization, iam CreateRole, invoicing BatchGetInvoiceProfile",
        "networkmanager AcceptAttachment, notifications AssociateChannel, organizations DescribeOrganization",
        "payments AcceptFinancingApplicationTerms, pricing DescribeServices, route53 ListHostedZones",
        "route53domains AcceptDomainTransferFromAnotherAwsAccount",
        "s3 CreateMultiRegionAccessPoint GetAccountPublicAccessBlock GetBucketLocation ListAllMyBuckets",
        "s3 PutAccountPublicAccessBlock, shield AssociateDRTLogBucket, sso AddRegion, sts AssumeRole",
        "support AddAttachmentsToSet, tax BatchDeleteTaxRegistration",
        "trustedadvisor BatchUpdateRecommendationResourceExclusion, waf CreateByteMatchSet",
    ),
    "SCP13FunctionsFromNetworks": (
        "elasticfilesystem ClientMount, logs CreateLogGroup CreateLogStream PutLogEvents, xray PutTraceSegments",
    ),
    "SCP13GlueFromNetworks": ("logs CreateLogGroup CreateLogStream PutLogEvents",),
}
