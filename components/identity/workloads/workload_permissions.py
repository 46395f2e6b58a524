"""What the roles of an environment may do, as statements: the same everywhere, each on its own things."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.identity.personas.capability import read_logs
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.types.naming import LAKE

EVERYTHING = ["*"]
"""For actions that accept no narrower resource (Service Authorization Reference)."""
_THROUGH_AN_ENDPOINT: Conditions = {"Null": {"aws:SourceVpce": "false"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkloadScope:
    """The things that an environment's roles work on."""

    account_id: pulumi.Input[str]
    region: str
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    role_prefix: str
    """Start of the names of the environment's roles."""
    team: str
    """Whose access points of the lake they read by."""

    def arn(self, service: str, resource: str) -> pulumi.Input[str]:
        """ARN of a resource of this account and region."""
        return _arn(service, self.region, self.account_id, resource)

    def role_arn(self, suffix: str) -> pulumi.Output[str]:
        """A role of this environment, made or not."""
        return pulumi.Output.concat("arn:aws:iam::", self.account_id, f":role{ROLE_PATH}{self.role_prefix}-{suffix}")


def job_permissions(scope: WorkloadScope) -> list[Statement]:
    """What a running job needs: its data, its key, its image, its logs and metrics, its place in the network."""
    return [
        list_data(scope),
        *read_data(scope),
        Statement(
            sid="WriteData",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"],
            resources=[pulumi.Output.concat(scope.bucket_arn, "/*")],
        ),
        encrypt_data(scope),
        *run(scope),
    ]


def run(scope: WorkloadScope) -> list[Statement]:
    """What a running job needs beside its data: a volume, an image, logs and metrics, a place in the network."""
    return [
        encrypt_volumes(scope.key_arn, "EncryptVolumes"),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
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
    """What it takes to start a container in the account's network, from an image that endpoint and boundary let by."""
    return [
        Statement(
            sid="PullImages",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[f"arn:aws:ecr:{region}:*:repository/*"],
        ),
        Statement(
            sid="JoinNetwork",
            actions=[
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            resources=[
                _arn("ec2", region, account_id, kind)
                for kind in ("network-interface/*", "subnet/*", "security-group/*")
            ],
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


def experiment_permissions(scope: WorkloadScope) -> list[Statement]:
    """What trying things out takes: jobs in the network, and models of their results."""
    return [*job_permissions(scope), *try_out(scope, passed_role_arn=scope.role_arn("execution"))]


def try_out(scope: WorkloadScope, *, passed_role_arn: pulumi.Input[str]) -> list[Statement]:
    """Starting jobs and making models that act with one role, and with no other: who hands on a role has it."""
    return [
        *see_work(scope.region, scope.account_id),
        Statement(
            sid="WorkInTheNetwork",
            actions=[
                "sagemaker:CreateHyperParameterTuningJob",
                "sagemaker:CreateModel",
                "sagemaker:CreateProcessingJob",
                "sagemaker:CreateTrainingJob",
            ],
            resources=_of_sagemaker(scope, "hyper-parameter-tuning-job", "model", "processing-job", "training-job"),
            # SageMaker runs jobs and models outside any network of ours when it is given no subnets (SCP-08). A batch
            # transformation has none to give: it runs where its model does.
            conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
        ),
        Statement(
            sid="TransformTagAndStop",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:CreateTransformJob",
                "sagemaker:StopHyperParameterTuningJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:StopTrainingJob",
                "sagemaker:StopTransformJob",
            ],
            resources=_of_sagemaker(
                scope, "hyper-parameter-tuning-job", "model", "processing-job", "training-job", "transform-job"
            ),
        ),
        Statement(
            sid="PassOneRoleToSageMaker",
            actions=["iam:PassRole"],
            resources=[passed_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def trial_permissions(scope: WorkloadScope) -> list[Statement]:
    """What it takes to put a model on trial: an endpoint that says whose it is, and to take it down again (EXP-08)."""
    return [
        Statement(
            sid="EncryptWhatTrialsKeep",
            actions=["sagemaker:CreateEndpointConfig"],
            resources=_of_sagemaker(scope, "endpoint-config"),
            conditions={"ArnEquals": {"sagemaker:VolumeKmsKey": scope.key_arn}},
        ),
        Statement(
            sid="StartTrials",
            actions=["sagemaker:CreateEndpoint"],
            resources=_of_sagemaker(scope, "endpoint", "endpoint-config"),
            conditions={"StringEquals": {"aws:RequestTag/plinth:team": "${aws:PrincipalTag/plinth:team}"}},
        ),
        Statement(
            sid="TryAndEndTrials",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DeleteModel",
                "sagemaker:InvokeEndpoint",
                "sagemaker:InvokeEndpointAsync",
                "sagemaker:UpdateEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            resources=_of_sagemaker(scope, "endpoint", "endpoint-config", "model"),
        ),
    ]


def observer_permissions(scope: WorkloadScope) -> list[Statement]:
    """What people need to see how their work is doing, and to change nothing."""
    return [list_data(scope), *see_work(scope.region, scope.account_id)]


def list_data(scope: WorkloadScope) -> Statement:
    """What lies in the environment's bucket."""
    return Statement(sid="ListData", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=[scope.bucket_arn])


def encrypt_data(scope: WorkloadScope) -> Statement:
    """Writing anything at all."""
    return Statement(
        sid="EncryptData",
        actions=["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
        resources=[scope.key_arn],
    )


def read_data(scope: WorkloadScope) -> list[Statement]:
    """Whatever lies in the environment's bucket."""
    return [
        Statement(
            sid="ReadData",
            actions=["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"],
            resources=[pulumi.Output.concat(scope.bucket_arn, "/*")],
        ),
        Statement(sid="DecryptData", actions=["kms:Decrypt", "kms:DescribeKey"], resources=[scope.key_arn]),
    ]


def encrypt_volumes(key_arn: pulumi.Input[str], sid: str) -> Statement:
    """SageMaker lends the key to the volumes that it attaches, in the name of whoever asks (its Developer Guide,
    "CreateTrainingJob API: execution role permissions"); nobody lends it to anybody but AWS.
    """
    return Statement(
        sid=sid,
        actions=["kms:CreateGrant"],
        resources=[key_arn],
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


def see_work(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """What there is to see of work in an account: how it is and was, its logs and metrics, and none of its data."""
    return [
        Statement(
            sid="SeeWork",
            actions=["sagemaker:Describe*", "sagemaker:ListTags"],
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


def query_permissions(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Queries over data that Lake Formation grants; it lends the credentials for the data itself (EXP-04, EXP-06)."""
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
        see_tables(region),
        Statement(
            sid="ReachGrantedData",
            actions=["athena:ListDataCatalogs", "athena:ListWorkGroups", "lakeformation:GetDataAccess"],
            resources=EVERYTHING,
        ),
    ]


def see_tables(region: str) -> Statement:
    """What tables there are. The lake's catalogue is another account's: boundaries say whose may be seen, and Lake
    Formation which tables."""
    return Statement(
        sid="SeeTables",
        actions=[
            "glue:BatchGetPartition",
            "glue:GetDatabase",
            "glue:GetDatabases",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
            "glue:SearchTables",
        ],
        resources=[_arn("glue", region, "*", kind) for kind in ("catalog", "database/*", "table/*/*")],
    )


def read_features(region: str) -> list[Statement]:
    """Records of online stores, wherever they are: boundaries say whose may be seen, shares which groups. Only through
    an endpoint, whose policy holds for them as well (ST-19)."""
    return [
        Statement(
            sid="ReadFeatures",
            actions=[
                "sagemaker:BatchGetRecord",
                "sagemaker:DescribeFeatureGroup",
                "sagemaker:DescribeFeatureMetadata",
                "sagemaker:GetRecord",
            ],
            resources=_feature_groups(region),
            conditions=_THROUGH_AN_ENDPOINT,
        ),
        _use_key_of_features(region, "DecryptFeatures", "kms:Decrypt"),
    ]


def write_features(region: str) -> list[Statement]:
    """Putting records into the groups that are shared for it."""
    return [
        Statement(
            sid="WriteFeatures",
            actions=["sagemaker:DeleteRecord", "sagemaker:PutRecord"],
            resources=_feature_groups(region),
            conditions=_THROUGH_AN_ENDPOINT,
        ),
        _use_key_of_features(region, "EncryptFeatures", "kms:GenerateDataKey"),
    ]


def _feature_groups(region: str) -> list[pulumi.Input[str]]:
    return [_arn("sagemaker", region, "*", "feature-group/*")]


def _use_key_of_features(region: str, sid: str, action: str) -> Statement:
    """Feature Store calls KMS in the name of whoever asks it."""
    return Statement(
        sid=sid,
        actions=[action],
        resources=[_arn("kms", region, "*", "key/*")],
        conditions={"StringEquals": {"kms:ViaService": f"sagemaker.{region}.amazonaws.com"}},
    )


def folder_permissions(region: str, team: str) -> list[Statement]:
    """Folders of objects that the lake shares with the team. Which, and which roles, its access points say (DL-09)."""
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
            # A bucket's own key is asked for in the bucket's name; the key's policy says which accounts it serves.
            conditions={
                "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::*-{LAKE}-*"},
            },
        ),
    ]


def _of_sagemaker(scope: WorkloadScope, *kinds: str) -> list[pulumi.Input[str]]:
    return [scope.arn("sagemaker", f"{kind}/*") for kind in kinds]


def _arn(service: str, region: str, account_id: pulumi.Input[str], resource: str) -> pulumi.Input[str]:
    """ARN of a resource; plain text where the account is known, or left open for permission sets."""
    if isinstance(account_id, str):
        return f"arn:aws:{service}:{region}:{account_id}:{resource}"
    return pulumi.Output.concat(f"arn:aws:{service}:{region}:", account_id, f":{resource}")
