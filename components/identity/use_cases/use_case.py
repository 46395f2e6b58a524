"""A use case from the perspective of its roles: the names of its resources in all accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pulumi

from components.identity.iam.actions import JOB_LOGS
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.derived.use_case_names import UseCaseNames
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import Environment, ReleasedTo
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, named

RoleOfUseCase = Literal[
    "images",
    "contributor",
    "integration",
    "mirror",
    "monitoring",
    "operator",
    "pipeline",
    "predict",
    "promoter",
    "promotion",
    "promotion-preprod",
    "promotion-prod",
    "release",
    "serving",
    "start",
    "start-batch",
    "start-monitor",
]


KeyService = Literal["codebuild", "s3", "sagemaker"]
"""A service that uses a key with the role of a use case."""
_KEY_ACTIONS: Mapping[KeyService, Sequence[str]] = {
    "codebuild": ("kms:DescribeKey", "kms:Encrypt"),
    "s3": (),
    "sagemaker": ("kms:Encrypt",),
}
"""Actions on a key that a service needs to write, in addition to those of S3 (CodeBuild User Guide, "Create and
configure a customer managed key"; SageMaker Developer Guide, "SageMaker Roles")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCase:
    """One ML product of a team. Names of its resources begin with its name, and its roles access nothing else."""

    team: str
    name: str
    region: str

    @property
    def names(self) -> UseCaseNames:
        """Returns the names of its resources."""
        return UseCaseNames(team=self.team, use_case=self.name)

    @property
    def prefix(self) -> str:
        """Returns the prefix of its resource names."""
        return self.names.prefix

    @property
    def folder(self) -> str:
        """Returns its path in a registry or bucket that all teams share."""
        return self.names.folder

    @property
    def ml_folder(self) -> str:
        """Returns its folder in an ML bucket, which belongs to one team (S3-01)."""
        return self.name

    @property
    def tags(self) -> Mapping[str, str]:
        """Returns the tags of its roles, by which ML buckets identify the use case."""
        return {USE_CASE_TAG: self.name}

    def role_name(self, role: RoleOfUseCase, environment: Environment | None = None) -> str:
        """Returns the name of one of its roles. Roles in the tooling account have no environment."""
        place = (ENVIRONMENT_ABBREVIATIONS[environment],) if environment else ()
        return named("role", self.prefix, *place, role)

    def release_program(self, environment: ReleasedTo) -> RoleOfUseCase:
        """Returns the role in the tooling account with which the deployment repository's program is released to an
        environment."""
        return "promotion-prod" if environment == "production" else "promotion-preprod"

    def role_arn(
        self, role: RoleOfUseCase, account_id: pulumi.Input[str], environment: Environment | None = None
    ) -> pulumi.Output[str]:
        return arn_of("iam", "", account_id, f"role{ROLE_PATH}{self.role_name(role, environment)}")

    def arn(self, service: str, account_id: pulumi.Input[str], resource: str) -> pulumi.Output[str]:
        """Returns the ARN of a resource of a service in the use case's region."""
        return arn_of(service, self.region, account_id, resource)

    def arns(self, service: str, account_id: pulumi.Input[str], *kinds: str) -> list[pulumi.Output[str]]:
        """Returns ARN patterns of its resources of a service, by the path before their name: ``model/``,
        ``project/``."""
        return [self.arn(service, account_id, f"{kind}{self.prefix}-*") for kind in kinds]

    def trust_builds(self, account_id: pulumi.Input[str], *projects: str) -> Statement:
        """Allows builds of projects in an account to assume a role."""
        arns = [self.arn("codebuild", account_id, f"project/{project}") for project in projects]
        return service_trust("codebuild", account_id=account_id, source_arns=arns)

    def prefix_in(self, environment: Environment) -> str:
        """Returns the prefix of the names of its resources in an environment, which may share an account."""
        return f"{self.prefix}-{ENVIRONMENT_ABBREVIATIONS[environment]}"

    def arns_in(
        self, environment: Environment, service: str, account_id: pulumi.Input[str], *kinds: str
    ) -> list[pulumi.Output[str]]:
        """Returns ARN patterns of its resources of a service in an environment."""
        return [self.arn(service, account_id, f"{kind}{self.prefix_in(environment)}*") for kind in kinds]


def list_folder(bucket_arn: pulumi.Input[str], folder: str, sid: str) -> Statement:
    """Allows listing a folder of a bucket."""
    return Statement(
        sid=sid,
        actions=["s3:ListBucket"],
        resources=[bucket_arn],
        conditions={"StringLike": {"s3:prefix": f"{folder}/*"}},
    )


def read_folder(bucket_arn: pulumi.Input[str], folder: str, sid: str) -> list[Statement]:
    """Allows reading and listing a folder of a bucket."""
    return [list_folder(bucket_arn, folder, f"{sid}List"), read_objects(bucket_arn, folder, sid)]


def read_objects(bucket_arn: pulumi.Input[str], folder: str, sid: str) -> Statement:
    """Allows reading the objects of a folder of a bucket, without listing them."""
    return Statement(
        sid=f"{sid}Read",
        actions=["s3:GetObject"],
        resources=[pulumi.Output.concat(bucket_arn, f"/{folder}/*")],
    )


def write_folder(bucket_arn: pulumi.Input[str], folder: str, sid: str, *, parts: bool = False) -> Statement:
    """Allows adding objects to a folder of a bucket, also large ones, which are uploaded in ``parts``. Objects are
    versioned, and versions cannot be deleted."""
    return Statement(
        sid=f"{sid}Write",
        actions=[*(["s3:AbortMultipartUpload"] if parts else []), "s3:PutObject"],
        resources=[pulumi.Output.concat(bucket_arn, f"/{folder}/*")],
    )


def write_function_logs(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> Statement:
    """Allows functions of the use case to write to their log groups, which releases create."""
    return Statement(
        sid="WriteLogs",
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=case.arns_in(environment, "logs", account_id, "log-group:/aws/lambda/"),
    )


def write_job_logs(case: UseCase, account_id: pulumi.Input[str]) -> Statement:
    """Allows processing jobs to write their logs. All jobs of an account share log groups, which SageMaker creates."""
    return Statement(
        sid="WriteLogs",
        actions=JOB_LOGS,
        resources=[case.arn("logs", account_id, "log-group:/aws/sagemaker/ProcessingJobs*")],
    )


def write_metrics(case: UseCase, *more: str) -> Statement:
    """Allows publishing metrics in the namespaces of the use case, and in ``more``."""
    return Statement(
        sid="WriteMetrics",
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringLike": {"cloudwatch:namespace": [*more, f"plinth/{case.folder}*"]}},
    )


def use_key(key_arn: pulumi.Input[str], sid: str, *, write: bool = False, service: KeyService = "s3") -> Statement:
    """Allows reading, and with ``write`` also writing, what is encrypted with one key. ``service`` is the service that
    uses the key with the role: S3 for objects of a program, or the service that runs the program."""
    return Statement(
        sid=sid,
        actions=["kms:Decrypt", *([*_KEY_ACTIONS[service], "kms:GenerateDataKey"] if write else [])],
        resources=[key_arn],
    )


def send_events(case: UseCase, account_id: pulumi.Input[str], sid: str, *, bus: str = "default") -> Statement:
    """Allows sending events to a bus of an account in the name of the use case, and of nothing else."""
    return Statement(
        sid=sid,
        actions=["events:PutEvents"],
        resources=[case.arn("events", account_id, f"event-bus/{bus}")],
        # A request has several events. Without any, ForAllValues alone would be true.
        conditions={
            "ForAllValues:StringEquals": {"events:source": case.names.event_source},
            "Null": {"events:source": "false"},
        },
    )


def send_results(
    case: UseCase, bus_account_id: pulumi.Input[str] | None, organization_id: pulumi.Input[str]
) -> list[Statement]:
    """Allows sending results of comparisons to the use case's bus in an account. None sends no results."""
    if bus_account_id is None:
        return []
    sends = send_events(case, bus_account_id, "SendResults", bus=case.names.monitoring_bus)
    return [within_organization(sends, organization_id)]


def within_organization(statement: Statement, organization_id: pulumi.Input[str]) -> Statement:
    """Returns the statement, restricted to resources of the organization. Resources of other accounts need it, because
    an account may leave the organization (ST-06)."""
    equal = {**statement.conditions.get("StringEquals", {}), "aws:ResourceOrgID": organization_id}
    return replace(statement, conditions={**statement.conditions, "StringEquals": equal})
