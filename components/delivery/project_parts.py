"""Common parts of CodeBuild projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from settings.organization.images.image_settings import PROVIDED_IMAGE

_PROVIDED = "aws/codebuild/"
"""Beginning of the names of images that CodeBuild provides. It pulls all others with the role of the project."""
QUEUED_MINUTES = 60
"""Time that a build may wait for a free place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectArgs:
    """Arguments of every project."""

    project_name: str
    """Name of the project, which the trust of its role names."""

    role_arn: pulumi.Input[str]
    """ARN of the role of builds."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of output and logs."""

    log_retention_days: int
    """Days to keep the logs of builds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateProjectArgs(ProjectArgs):
    """Arguments of every project in a private network."""

    vpc_id: pulumi.Input[str]
    """Id of the network of builds, which has no route to the internet."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the private subnets."""

    security_group_id: pulumi.Input[str]
    """Id of the security group of builds."""

    variables: Mapping[str, pulumi.Input[str]]
    """Environment variables of every build. They contain no secrets."""

    @property
    def network(self) -> aws.codebuild.ProjectVpcConfigArgs:
        """The network of builds."""
        return aws.codebuild.ProjectVpcConfigArgs(
            vpc_id=self.vpc_id, subnets=self.subnet_ids, security_group_ids=[self.security_group_id]
        )


def create_project(
    parent: pulumi.ComponentResource,
    name: str,
    args: ProjectArgs,
    *,
    description: str,
    timeout_minutes: int,
    source: aws.codebuild.ProjectSourceArgs,
    environment: aws.codebuild.ProjectEnvironmentArgs,
    artifacts: str = "NO_ARTIFACTS",
    network: aws.codebuild.ProjectVpcConfigArgs | None = None,
    concurrent_build_limit: int | None = None,
) -> aws.codebuild.Project:
    """Creates a project with its encrypted log group.

    Args:
        parent: Component that both belong to.
        name: Name of the component.
        args: Arguments of every project.
        description: What builds do, for the console.
        timeout_minutes: Minutes after which a build is stopped.
        source: What a build reads, and its build specification.
        environment: Environment from :func:`environment`.
        artifacts: Type of the output.
        network: Network of builds. None for builds that reach the internet.
        concurrent_build_limit: Number of builds at the same time. None for the quota of the account.
    """
    group = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name=f"/aws/codebuild/{args.project_name}",
        retention_in_days=args.log_retention_days,
        kms_key_id=args.key_arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    logs = aws.codebuild.ProjectLogsConfigCloudwatchLogsArgs(group_name=group.name)
    return aws.codebuild.Project(
        name,
        name=args.project_name,
        description=description,
        service_role=args.role_arn,
        encryption_key=args.key_arn,
        build_timeout=timeout_minutes,
        queued_timeout=QUEUED_MINUTES,
        concurrent_build_limit=concurrent_build_limit,
        artifacts=aws.codebuild.ProjectArtifactsArgs(type=artifacts),
        source=source,
        environment=environment,
        logs_config=aws.codebuild.ProjectLogsConfigArgs(cloudwatch_logs=logs),
        vpc_config=network,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def environment(
    compute_type: str,
    variables: Mapping[str, pulumi.Input[str]],
    *,
    secrets: Mapping[str, pulumi.Input[str]] = MappingProxyType({}),
    image: pulumi.Input[str] = PROVIDED_IMAGE,
    privileged: bool = False,
) -> aws.codebuild.ProjectEnvironmentArgs:
    """Returns a Linux environment with variables, which contain no secrets, and with ``secrets``: by the name of a
    variable, the ARN of a secret and its key (``<arn>:<key>``), which CodeBuild reads with the role of the build.

    Only builds of images are ``privileged`` (CB-04).
    """
    provided = isinstance(image, str) and image.startswith(_PROVIDED)
    return aws.codebuild.ProjectEnvironmentArgs(
        type="LINUX_CONTAINER",
        compute_type=compute_type,
        image=image,
        image_pull_credentials_type=None if provided else "SERVICE_ROLE",
        privileged_mode=True if privileged else None,
        environment_variables=[
            aws.codebuild.ProjectEnvironmentEnvironmentVariableArgs(name=key, value=value)
            for key, value in variables.items()
        ]
        + [
            aws.codebuild.ProjectEnvironmentEnvironmentVariableArgs(name=key, value=value, type="SECRETS_MANAGER")
            for key, value in secrets.items()
        ],
    )
