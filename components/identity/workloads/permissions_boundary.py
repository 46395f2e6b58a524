"""The permissions boundary of an environment's roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component
from components.identity.iam.actions import PULLING
from components.identity.iam.arns import arn_of
from components.identity.iam.role_names import CONTRIBUTOR
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from components.identity.workloads.code_permissions import CODE_ACTIONS
from components.identity.workloads.package_permissions import PACKAGE_ACTIONS, bear_tokens
from settings.data.ml_layout import PUSHED
from settings.types.aws.image_registries import image_registries
from settings.types.naming import ML_BUCKET_PREFIX

WORKLOAD_ACTIONS = (
    "athena:BatchGet*", "athena:Get*", "athena:List*", "athena:StartQueryExecution", "athena:StopQueryExecution",
    "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*", "cloudwatch:PutMetricData",
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface*", "ec2:Describe*",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:Describe*", "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer", "ecr:List*",
    "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:Describe*",
    "events:PutEvents",
    "glue:BatchGet*", "glue:Get*", "glue:SearchTables",
    "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:CreateGrant",
    "lakeformation:GetDataAccess",
    "lambda:InvokeFunction",
    "logs:CreateLogGroup", "logs:CreateLogStream", "logs:Describe*", "logs:FilterLogEvents", "logs:Get*",
    "logs:PutLogEvents", "logs:StartQuery", "logs:StopQuery",
    "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:Get*", "s3:List*", "s3:PutObject", "s3:PutObjectTagging",
    "sagemaker:AddTags", "sagemaker:BatchGet*", "sagemaker:BatchPutMetrics", "sagemaker:CallMlflowAppApi",
    "sagemaker:Create*", "sagemaker:Delete*", "sagemaker:Describe*", "sagemaker:Get*", "sagemaker:InvokeEndpoint*",
    "sagemaker:List*", "sagemaker:PutRecord", "sagemaker:QueryLineage", "sagemaker:RetryPipelineExecution",
    "sagemaker:Search", "sagemaker:Start*", "sagemaker:Stop*", "sagemaker:Update*",
    "sagemaker-mlflow:AccessUI",
    "secretsmanager:GetSecretValue",
    "sns:Publish",
    "sqs:ReceiveMessage", "sqs:SendMessage",
    "ssm:GetParameter*",
    "states:Describe*", "states:List*", "states:StartExecution",
    "sts:GetCallerIdentity",
)  # fmt: skip
"""Actions for work on data and models. None of them concerns identities, networks, key policies or the organization."""

DELIVERY_ACTIONS = (
    "codebuild:BatchGetBuilds", "codebuild:BatchPut*", "codebuild:Create*", "codebuild:ListBuilds*",
    "codebuild:StartBuild", "codebuild:Update*", "codecommit:*UploadArchive", "codecommit:Get*", "codecommit:Git*",
    "codecommit:PostComment*", "codeconnections:GetConnection*", "codepipeline:Get*", "codepipeline:ListAction*",
    "codepipeline:StartPipeline*", "codepipeline:StopPipeline*", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload",
    "ecr:PutImage", "ecr:UploadLayerPart", "inspector2:List*", "kms:ReEncrypt*", "sagemaker:PutModelPackageGroupPolicy",
)  # fmt: skip
"""Additional actions for delivery in the tooling account: starting builds, reading and mirroring code, commenting on
commits, reporting on builds, pushing images, sharing model package groups, running promotions."""

PERMISSION_CHANGES = (
    "iam:*Boundary*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Put*", "iam:Update*", "organizations:*",
)  # fmt: skip
"""Actions that could extend permissions. They are denied explicitly, so that no Allow added to the boundary can permit
them by mistake."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PermissionsBoundaryArgs:
    """Arguments of :class:`PermissionsBoundary`."""

    policy_name: str
    """Name of the policy in the account, under the foundation's path."""

    account_id: pulumi.Input[str]
    """Id of the account."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Resources of others are not accessible."""

    resource_account_ids: Sequence[pulumi.Input[str]]
    """Ids of the accounts whose resources are accessible: this one and the durable ones."""

    region: str
    """Region whose AWS-published images jobs and endpoints may pull."""

    delivers: bool = False
    """Whether delivery actions are included, and assuming the foundation's roles in other accounts. True in the tooling
    account."""

    additional_actions: Sequence[str] = ()
    """Actions of this account in addition to those of all accounts."""

    event_bus_pattern: str | None = None
    """Name pattern of event buses in other accounts of the organization that may receive events. None allows none."""

    pushes: bool = False
    """Whether writing to ML buckets of environments is included, for datasets that are pushed."""

    installs_packages: bool = False
    """Whether installing from the package repository of the organization is included."""

    pushes_code: bool = False
    """Whether people of Studio may assume the roles that push code, in the tooling account."""

    passed_to_services: Sequence[str] = ("sagemaker",)
    """Services to which a role of the environment may be passed."""


class PermissionsBoundary:
    """A permissions boundary: work on data and models, on resources of a few accounts, without means to extend
    permissions.

    Not a component resource, because a stack has few resources to spare.

    Creates: one managed policy under the foundation's path.

    Outputs: ``arn``.

    Cost: none.

    Example::

        boundary = PermissionsBoundary("boundary", PermissionsBoundaryArgs(
            policy_name="fraud-development-boundary", account_id=account_id, organization_id="o-acme",
            resource_account_ids=[account_id, tooling_id], region="eu-west-1",
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the policy, for all roles of the account."""

    def __init__(self, name: str, args: PermissionsBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        policy = aws.iam.Policy(
            name,
            name=args.policy_name,
            path=ROLE_PATH,
            description="Ceiling of every role of this environment",
            policy=policy_document(*_statements(args)),
            opts=without_component(name, "plinth:identity:PermissionsBoundary", opts),
        )
        self.arn = policy.arn


def _statements(args: PermissionsBoundaryArgs) -> list[Statement]:
    return [
        Statement(
            sid="WorkOnKnownAccounts",
            actions=[
                *WORKLOAD_ACTIONS,
                *((*DELIVERY_ACTIONS, *CODE_ACTIONS) if args.delivers else ()),
                *(PACKAGE_ACTIONS if args.installs_packages else ()),
                *args.additional_actions,
            ],
            resources=["*"],
            conditions={
                "StringEquals": {
                    "aws:ResourceOrgID": args.organization_id,
                    "aws:ResourceAccount": list(args.resource_account_ids),
                }
            },
        ),
        *_pull_published_by_aws(args.region),
        *(_send_events(args.region, args.event_bus_pattern, args.organization_id) if args.event_bus_pattern else []),
        *(_enter_other_accounts(args.organization_id) if args.delivers else []),
        *(_contribute_code(args.organization_id) if args.pushes_code else []),
        *(_push_into_environments(args) if args.pushes else []),
        *([bear_tokens()] if args.installs_packages else []),
        Statement(
            sid="PassRolesOfTheFoundation",
            actions=["iam:PassRole"],
            resources=[arn_of("iam", "", args.account_id, f"role{ROLE_PATH}*")],
            conditions={
                "StringEquals": {
                    "iam:PassedToService": [f"{service}.amazonaws.com" for service in args.passed_to_services]
                }
            },
        ),
        Statement(
            sid="NeverWiden",
            effect="Deny",
            actions=PERMISSION_CHANGES,
            resources=["*"],
        ),
    ]


def _pull_published_by_aws(region: str) -> list[Statement]:
    """Allows pulling AWS's images, which belong to no organization. SageMaker pulls them with the role of the job
    (EXP-09)."""
    accounts = image_registries(region)
    if not accounts:
        return []
    return [
        Statement(
            sid="PullWhatAwsPublishes",
            actions=PULLING,
            resources=[f"arn:aws:ecr:{region}:{account}:repository/*" for account in accounts],
        )
    ]


def _send_events(region: str, buses: str, organization_id: pulumi.Input[str]) -> list[Statement]:
    """Allows sending events to buses of the organization. The role's policy names the bus, and the bus policy the
    senders (INT-05)."""
    return [
        Statement(
            sid="TellBusesOfTheOrganization",
            actions=["events:PutEvents"],
            resources=[f"arn:aws:events:{region}:*:event-bus/{buses}"],
            conditions={"StringEquals": {"aws:ResourceOrgID": organization_id}},
        )
    ]


def _enter_other_accounts(organization_id: pulumi.Input[str]) -> list[Statement]:
    """Allows assuming roles of use cases. The role's policy names account and role, and the trust policy the callers
    (TOOL-06)."""
    return [
        Statement(
            sid="EnterRolesOfUseCases",
            actions=["sts:AssumeRole"],
            resources=[f"arn:aws:iam::*:role{ROLE_PATH}*--*"],
            conditions={"StringEquals": {"aws:ResourceOrgID": organization_id}},
        )
    ]


def _contribute_code(organization_id: pulumi.Input[str]) -> list[Statement]:
    """Allows people of Studio to assume roles that push code, with their source identity. The person's policy names
    account and roles, and the trust policy the callers."""
    return [
        Statement(
            sid="EnterRolesOfContributors",
            actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            resources=[f"arn:aws:iam::*:role{ROLE_PATH}*--*-{CONTRIBUTOR}"],
            conditions={"StringEquals": {"aws:ResourceOrgID": organization_id}},
        )
    ]


def _push_into_environments(args: PermissionsBoundaryArgs) -> list[Statement]:
    """Allows pushing data. The job's policy names the environments; their bucket and key policies name the jobs
    (INT-07)."""
    ours = {"aws:ResourceOrgID": args.organization_id}
    return [
        Statement(
            sid="PushIntoEnvironments",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[f"arn:aws:s3:::{ML_BUCKET_PREFIX}*/{PUSHED}/*"],
            conditions={"StringEquals": ours},
        ),
        Statement(
            sid="EncryptWhatIsPushed",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],
            conditions={
                "StringEquals": {**ours, "kms:ViaService": f"s3.{args.region}.amazonaws.com"},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{ML_BUCKET_PREFIX}*"},
            },
        ),
    ]
