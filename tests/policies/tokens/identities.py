"""Token cases of rules about identities."""

from __future__ import annotations

from collections.abc import Iterator

from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, document
from tests.policies.cases.identity import roles as of_roles
from tests.policies.cases.identity.grants import allowing, granting
from tests.policies.cases.identity.permissions import BUCKET, PASS_ANY
from tests.policies.tokens.token_case import IDENTITY, TokenCase, accepted, by_service, named, refused, trusting
from tests.support.action_lists import listed_actions

_OF_THE_LAKE = f"arn:aws:s3:::{OTHER_ACCOUNT}-lake-curated/*"
_ATTACHMENT, _ROLE = "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/role:Role"

ESCALATING = tuple(
    listed_actions(
        "codebuild StartBuild StartBuildBatch",
        "ec2-instance-connect SendSSHPublicKey",
        "glue UpdateDevEndpoint UpdateJob",
        "iam AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateLoginProfile",
        "iam CreatePolicyVersion CreateServiceSpecificCredential DeleteRolePermissionsBoundary",
        "iam DeleteUserPermissionsBoundary PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy",
        "iam PutUserPermissionsBoundary PutUserPolicy SetDefaultPolicyVersion UpdateAssumeRolePolicy",
        "iam UpdateLoginProfile",
        "identitystore CreateGroupMembership",
        "lambda UpdateFunctionCode",
        "organizations DetachPolicy UpdatePolicy",
        "sagemaker CreatePresignedNotebookInstanceUrl UpdateNotebookInstanceLifecycleConfig",
        "ssm SendCommand StartSession",
        "sso AttachManagedPolicyToPermissionSet CreateAccountAssignment CreatePermissionSet",
        "sso DeletePermissionsBoundaryFromPermissionSet PutInlinePolicyToPermissionSet",
        "states UpdateStateMachine",
    )
)
ESCALATING_WITH_A_ROLE = tuple(
    listed_actions(
        "autoscaling CreateLaunchConfiguration",
        "cloudformation CreateStack",
        "codebuild CreateProject UpdateProject",
        "codepipeline CreatePipeline UpdatePipeline",
        "datapipeline CreatePipeline",
        "ec2 AssociateIamInstanceProfile RunInstances",
        "ecs RegisterTaskDefinition RunTask",
        "eks CreatePodIdentityAssociation",
        "glue CreateDevEndpoint CreateJob CreateSession",
        "lambda CreateFunction",
        "sagemaker CreateDomain CreateHyperParameterTuningJob CreateModel CreateNotebookInstance CreateProcessingJob",
        "sagemaker CreateTrainingJob CreateUserProfile",
        "scheduler CreateSchedule",
        "ssm StartAutomationExecution",
        "states CreateStateMachine",
    )
)
READING = tuple(
    listed_actions(
        "access-analyzer CheckNoPublicAccess ValidatePolicy",
        "athena BatchGetQueryExecution GetWorkGroup ListWorkGroups StartQueryExecution StopQueryExecution",
        "aws-portal ViewBilling",
        "cloudformation DetectStackDrift EstimateTemplateCost",
        "cloudtrail LookupEvents",
        "config SelectResourceConfig",
        "dynamodb Query ReadDataForReplication",
        "ec2 DescribeInstances",
        "iam GenerateCredentialReport SimulatePrincipalPolicy",
        "inspector PreviewAgents",
        "logs FilterLogEvents",
        "sagemaker Search",
        "states TestState",
    )
)
"""An action for each verb with which AWS names actions that only read."""
READING_SECRETS = tuple(
    listed_actions(
        "codeconnections GetConnectionToken",
        "codestar-connections GetConnectionToken",
        "dynamodb GetItem",
        "s3 GetObject",
        "secretsmanager GetSecretValue",
        "ssm GetParameter",
    )
)
WITHOUT_RESOURCE = tuple(
    listed_actions(
        "cloudwatch PutMetricData",
        "codeartifact CreateDomain CreateRepository",
        "codeconnections CreateConnection",
        "config PutDeliveryChannel",
        "ec2 DisableEbsEncryptionByDefault DisableSnapshotBlockPublicAccess EnableEbsEncryptionByDefault",
        "ec2 EnableImageBlockPublicAccess ModifyInstanceMetadataDefaults ModifyVpcBlockPublicAccessOptions",
        "ec2messages AcknowledgeMessage",
        "emr-serverless CreateApplication",
        "events PutPermission RemovePermission",
        "glue CreateCrawler CreateSecurityConfiguration",
        "guardduty CreateDetector UpdateOrganizationConfiguration",
        "iam UpdateAccountPasswordPolicy",
        "inspector2 Enable UpdateOrganizationConfiguration",
        "kms CreateKey",
        "lakeformation GrantPermissions",
        "logs CreateLogDelivery DeleteResourcePolicy PutResourcePolicy",
        "macie2 EnableMacie UpdateMacieSession UpdateOrganizationConfiguration",
        "ram CreateResourceShare",
        "route53profiles AssociateProfile CreateProfile DeleteProfile DisassociateProfile",
        "route53profiles UpdateProfileResourceAssociation",
        "s3 PutAccountPublicAccessBlock",
        "sagemaker-mlflow AccessUI",
        "securityhub CreateConfigurationPolicy CreateFindingAggregator",
        "sns SetSubscriptionAttributes Unsubscribe",
        "ssmmessages OpenDataChannel",
        "sts GetServiceBearerToken",
        "xray PutTraceSegments",
    )
)
"""Actions whose requests name no resource that a policy could name."""
SHARING = tuple(
    listed_actions(
        "glue PutResourcePolicy",
        "lakeformation BatchGrantPermissions GrantPermissions PutDataLakeSettings RegisterResource",
    )
)
WRITING = tuple(listed_actions("s3 DeleteObject DeleteObjectVersion PutObject"))
REGISTERING = tuple(listed_actions("sagemaker CreateModelPackage UpdateModelPackage"))
MANAGED_POLICIES = (
    "AmazonSSMManagedInstanceCore", "SecurityAudit", "job-function/ViewOnlyAccess", "service-role/AWS_ConfigRole",
)  # fmt: skip
MANAGED_POLICIES_OF_CLUSTERS = (
    "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
)  # fmt: skip
"""Managed policies of EKS Auto Mode (EKS User Guide, "Amazon EKS Auto Mode cluster IAM role" and "node IAM role")."""
SERVICES_WITH_SOURCE_ARN = tuple(f"{name}.amazonaws.com" for name in ("cloudtrail", "codebuild", "ecs-tasks", "states"))
SOURCE_KEYS = ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
ACTIONS = (
    *ESCALATING, *ESCALATING_WITH_A_ROLE, *READING, *READING_SECRETS, *WITHOUT_RESOURCE, *SHARING, *WRITING,
    *REGISTERING,
)  # fmt: skip


def _managed(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name}"


def cases() -> Iterator[TokenCase]:
    yield from refused("IA-06", IDENTITY, ESCALATING, lambda action: granting(action, BUCKET))
    yield from refused(
        "IA-06", IDENTITY, ESCALATING_WITH_A_ROLE, lambda action: document(PASS_ANY, allowing(action, BUCKET))
    )
    yield from accepted("IA-02", IDENTITY, [*READING, *WITHOUT_RESOURCE], granting)
    yield from refused("IA-02", IDENTITY, READING_SECRETS, granting)
    yield from accepted("IA-03", _ATTACHMENT, MANAGED_POLICIES, _managed, key="policyArn")
    yield from accepted(
        "IA-03", _ATTACHMENT, MANAGED_POLICIES_OF_CLUSTERS, _managed, key="policyArn", kind="tooling-cluster"
    )
    yield from refused(
        "IA-08",
        _ROLE,
        SERVICES_WITH_SOURCE_ARN,
        lambda service: by_service(service, {"aws:SourceAccount": OWN_ACCOUNT}),
        key="assumeRolePolicy",
    )
    yield from accepted(
        "IA-08",
        _ROLE,
        SOURCE_KEYS,
        lambda key: by_service("sagemaker.amazonaws.com", named(key)),
        key="assumeRolePolicy",
    )
    subject = {f"{of_roles.HOST}:aud": "sts.amazonaws.com", f"{of_roles.HOST}:sub": of_roles.PRODUCTION}
    yield from accepted(
        "IA-09",
        _ROLE,
        ("StringEquals", "ForAnyValue:StringEquals"),
        lambda operator: trusting(of_roles.PROVIDER, "sts:AssumeRoleWithWebIdentity", **{operator: subject}),
        key="assumeRolePolicy",
    )
    yield from refused("IA-12", IDENTITY, REGISTERING, lambda action: granting(action, BUCKET))
    yield from refused("IA-13", IDENTITY, SHARING, granting, kind="development")
    yield from refused("IA-13", IDENTITY, WRITING, lambda action: granting(action, _OF_THE_LAKE), kind="development")
