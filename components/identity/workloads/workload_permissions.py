"""Permissions of an environment's roles, identical in all environments, each on its own resources."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.actions import JOB_LOGS, PULLING
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Conditions, Statement, through
from components.identity.personas.capability import read_logs
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.types.naming import LAKE

EVERYTHING = ["*"]
"""All resources, for actions that accept no narrower one (Service Authorization Reference)."""
_THROUGH_AN_ENDPOINT: Conditions = {"Null": {"aws:SourceVpce": "false"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkloadScope:
    """Resources with which an environment's roles work."""

    account_id: pulumi.Input[str]
    region: str
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    role_prefix: str
    """Prefix of the names of the environment's roles."""
    team: str
    """Name of the team, which determines the access points of the data lake."""

    def arn(self, service: str, resource: str) -> pulumi.Input[str]:
        """Returns the ARN of a resource in the environment's account and region."""
        return _arn(service, self.region, self.account_id, resource)

    def role_arn(self, suffix: str) -> pulumi.Output[str]:
        """Returns the ARN of a role of the environment, whether it exists or not."""
        return arn_of("iam", "", self.account_id, f"role{ROLE_PATH}{self.role_prefix}-{suffix}")


def job_permissions(scope: WorkloadScope) -> list[Statement]:
    """Builds the permissions of a running job: data, key, image, logs, metrics and network access."""
    return [
        list_data(scope),
        *read_data(scope),
        Statement(
            sid="WriteData",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(scope.bucket_arn, "/*")],
        ),
        encrypt_data(scope),
        *run(scope),
    ]


def run(scope: WorkloadScope) -> list[Statement]:
    """Builds the permissions of a running job apart from data: volumes, image, logs, metrics and network access."""
    return [
        encrypt_volumes(scope.key_arn, "EncryptVolumes"),
        Statement(
            sid="WriteLogs",
            actions=JOB_LOGS,
            resources=[scope.arn("logs", "log-group:/aws/sagemaker/*")],
        ),
        Statement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=EVERYTHING,
            conditions={"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "plinth/*"]}},
        ),
        *run_in_network(scope.region, scope.account_id),
    ]


def run_in_network(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows starting a container in the account's network, from images that the endpoint policy and the boundary
    allow."""
    return [
        Statement(
            sid="PullImages",
            actions=PULLING,
            resources=[f"arn:aws:ecr:{region}:*:repository/*"],
        ),
        *join_network(region, account_id),
    ]


def join_network(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows network interfaces in the account's network, and the sign-in to its image registry."""
    return [
        Statement(
            sid="JoinNetwork",
            # Interfaces and permissions on them, and nothing else.
            actions=["ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface*"],
            resources=_interfaces(region, account_id),
        ),
        Statement(
            sid="SeeNetworkAndRegistry",
            actions=[
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "ecr:GetAuthorizationToken",
            ],
            resources=EVERYTHING,
        ),
    ]


def join_network_of_functions(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows Lambda to manage the network interfaces of a function (Lambda Developer Guide, "Giving Lambda functions
    access to resources in an Amazon VPC")."""
    return [
        Statement(
            sid="JoinNetwork",
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=_interfaces(region, account_id),
        ),
        Statement(
            sid="SeeNetwork",
            actions=["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
            resources=EVERYTHING,
        ),
    ]


def _interfaces(region: str, account_id: pulumi.Input[str]) -> list[pulumi.Input[str]]:
    return [_arn("ec2", region, account_id, kind) for kind in ("network-interface/*", "subnet/*", "security-group/*")]


def experiment_permissions(scope: WorkloadScope) -> list[Statement]:
    """Builds the permissions for experiments: jobs in the network, and models of their results."""
    return [*job_permissions(scope), *start_experiments(scope, passed_role_arn=scope.role_arn("execution"))]


def start_experiments(scope: WorkloadScope, *, passed_role_arn: pulumi.Input[str]) -> list[Statement]:
    """Allows starting jobs and creating models with exactly one passed role.

    Passing any other role is not allowed, because a principal that can pass a role can act as it.
    """
    return [
        *view_workloads(scope.region, scope.account_id),
        Statement(
            sid="WorkInTheNetwork",
            actions=[
                "sagemaker:CreateHyperParameterTuningJob",
                "sagemaker:CreateModel",
                "sagemaker:CreateProcessingJob",
                "sagemaker:CreateTrainingJob",
            ],
            resources=_sagemaker_arns(scope, "*-job", "model"),
            # Without subnets, SageMaker runs jobs and models outside the organization's networks (SCP-08). Batch
            # transform jobs have no subnets of their own: they run in the network of their model.
            conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
        ),
        Statement(
            sid="TransformTagAndStop",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:CreateTransformJob",
                "sagemaker:Stop*Job",
            ],
            resources=_sagemaker_arns(scope, "*-job", "model"),
        ),
        Statement(
            sid="PassOneRoleToSageMaker",
            actions=["iam:PassRole"],
            resources=[passed_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def trial_permissions(scope: WorkloadScope) -> list[Statement]:
    """Allows deploying a model for a trial on a tagged endpoint, and deleting the endpoint (EXP-08)."""
    return [
        Statement(
            sid="EncryptWhatTrialsKeep",
            actions=["sagemaker:CreateEndpointConfig"],
            resources=_sagemaker_arns(scope, "endpoint-config"),
            conditions={"ArnEquals": {"sagemaker:VolumeKmsKey": scope.key_arn}},
        ),
        Statement(
            sid="StartTrials",
            actions=["sagemaker:CreateEndpoint"],
            resources=_sagemaker_arns(scope, "endpoint*"),
            conditions={"StringEquals": {"aws:RequestTag/plinth:team": "${aws:PrincipalTag/plinth:team}"}},
        ),
        Statement(
            sid="TryAndEndTrials",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:DeleteEndpoint*",
                "sagemaker:DeleteModel",
                "sagemaker:InvokeEndpoint",
                "sagemaker:InvokeEndpointAsync",
                "sagemaker:UpdateEndpoint*",
            ],
            resources=_sagemaker_arns(scope, "endpoint*", "model"),
        ),
    ]


def observer_permissions(scope: WorkloadScope) -> list[Statement]:
    """Builds read-only permissions for people to follow their work."""
    return [list_data(scope), *view_workloads(scope.region, scope.account_id)]


def list_data(scope: WorkloadScope) -> Statement:
    """Allows listing the environment's bucket."""
    return Statement(sid="ListData", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=[scope.bucket_arn])


def encrypt_data(scope: WorkloadScope) -> Statement:
    """Allows encrypting data, which all writes require."""
    return Statement(
        sid="EncryptData",
        actions=["kms:Encrypt", "kms:GenerateDataKey"],
        resources=[scope.key_arn],
    )


def read_data(scope: WorkloadScope, *, tags: bool = False) -> list[Statement]:
    """Allows reading all objects of the environment's bucket, and with ``tags`` copying them with their tags."""
    return [
        Statement(
            sid="ReadData",
            actions=["s3:GetObject", *(["s3:GetObjectTagging"] if tags else []), "s3:GetObjectVersion"],
            resources=[pulumi.Output.concat(scope.bucket_arn, "/*")],
        ),
        Statement(sid="DecryptData", actions=["kms:Decrypt"], resources=[scope.key_arn]),
    ]


def encrypt_volumes(key_arn: pulumi.Input[str], sid: str) -> Statement:
    """Allows SageMaker to use the key for the volumes that it attaches, by grants with the caller's credentials.

    Grants are restricted to AWS services (SageMaker Developer Guide, "CreateTrainingJob API: execution role
    permissions").
    """
    return Statement(
        sid=sid,
        actions=["kms:CreateGrant"],
        resources=[key_arn],
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


def view_workloads(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows viewing the state, history, logs and metrics of an account's workloads, but none of their data."""
    return [
        Statement(
            sid="SeeWork",
            actions=["sagemaker:Describe*"],
            resources=[_arn("sagemaker", region, account_id, "*")],
        ),
        Statement(
            sid="SeeLists",
            actions=[
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricData",
                "logs:DescribeLogGroups",
                "sagemaker:List*",
                "sagemaker:Search",
            ],
            resources=EVERYTHING,
        ),
        read_logs([_arn("logs", region, account_id, "log-group:/aws/sagemaker/*")], sid="ReadLogs"),
    ]


def query_permissions(region: str, account_id: pulumi.Input[str], *, search: bool = False) -> list[Statement]:
    """Allows queries of data granted by Lake Formation, which vends the credentials for the data (EXP-04, EXP-06), and
    with ``search``, for people, looking for tables by words."""
    return [
        Statement(
            sid="Query",
            actions=[
                "athena:BatchGetNamedQuery",
                "athena:BatchGetQueryExecution",
                "athena:GetDataCatalog",
                "athena:GetDatabase",
                "athena:GetNamedQuery",
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetTableMetadata",
                "athena:GetWorkGroup",
                "athena:ListDatabases",
                "athena:ListQueryExecutions",
                "athena:ListTableMetadata",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources=[_arn("athena", region, account_id, kind) for kind in ("datacatalog/*", "workgroup/*")],
        ),
        read_table_metadata(region, search=search),
        Statement(
            sid="ReachGrantedData",
            actions=["athena:ListDataCatalogs", "athena:ListWorkGroups", "lakeformation:GetDataAccess"],
            resources=EVERYTHING,
        ),
    ]


def read_table_metadata(region: str, *, search: bool = False) -> Statement:
    """Allows reading table metadata.

    The lake's data catalog belongs to another account: the permissions boundary limits the accounts, and Lake Formation
    the tables.
    """
    return Statement(
        sid="SeeTables",
        actions=[
            "glue:BatchGetPartition",
            "glue:GetDatabase*",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
            *(["glue:SearchTables"] if search else []),
        ],
        resources=[_arn("glue", region, "*", kind) for kind in ("catalog", "database/*", "table/*/*")],
    )


def read_features(region: str) -> list[Statement]:
    """Allows reading records of online stores in other accounts, through a VPC endpoint only (ST-19).

    The permissions boundary limits the accounts, RAM shares limit the feature groups, and the endpoint policy applies
    as well.
    """
    return [
        Statement(
            sid="ReadFeatures",
            actions=[
                "sagemaker:BatchGetRecord",
                "sagemaker:DescribeFeature*",
                "sagemaker:GetRecord",
            ],
            resources=_feature_groups(region),
            conditions=_THROUGH_AN_ENDPOINT,
        ),
        # Feature Store calls KMS with the caller's credentials.
        Statement(
            sid="DecryptFeatures",
            actions=["kms:Decrypt"],
            resources=[_arn("kms", region, "*", "key/*")],
            conditions=through("sagemaker", region),
        ),
    ]


def write_features(region: str) -> list[Statement]:
    """Allows writing records to feature groups that are shared for writing.

    Writing needs no more of the key than reading (SageMaker API Reference, OnlineStoreSecurityConfig).
    """
    return [
        Statement(
            sid="WriteFeatures",
            actions=["sagemaker:DeleteRecord", "sagemaker:PutRecord"],
            resources=_feature_groups(region),
            conditions=_THROUGH_AN_ENDPOINT,
        ),
    ]


def _feature_groups(region: str) -> list[pulumi.Input[str]]:
    return [_arn("sagemaker", region, "*", "feature-group/*")]


def folder_permissions(region: str, team: str) -> list[Statement]:
    """Allows reading object datasets shared with the team. Their access points decide which roles may read (DL-09)."""
    return [
        Statement(
            sid="ReadSharedObjects",
            actions=["s3:GetObject", "s3:ListBucket"],
            resources=[_arn("s3", region, "*", f"accesspoint/{team}--*")],
        ),
        Statement(
            sid="DecryptSharedObjects",
            actions=["kms:Decrypt"],
            resources=[_arn("kms", region, "*", "key/*")],
            # The dataset's own key is requested through its bucket. The key policy names the accounts that may use it.
            conditions={
                **through("s3", region),
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::*-{LAKE}-*"},
            },
        ),
    ]


def _sagemaker_arns(scope: WorkloadScope, *kinds: str) -> list[pulumi.Input[str]]:
    """Returns ARN patterns of resource types. A pattern of types saves characters, which are limited; the actions
    determine the types to which they apply."""
    return [scope.arn("sagemaker", f"{kind}/*") for kind in kinds]


def _arn(service: str, region: str, account_id: pulumi.Input[str], resource: str) -> pulumi.Input[str]:
    """Returns an ARN: plain text if the account is known or a wildcard for permission sets, otherwise an output."""
    if isinstance(account_id, str):
        return f"arn:aws:{service}:{region}:{account_id}:{resource}"
    return arn_of(service, region, account_id, resource)
