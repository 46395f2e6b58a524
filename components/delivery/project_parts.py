"""Parts that the CodeBuild projects of a use case have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from settings.organization.images.image_settings import PROVIDED_IMAGE

_PROVIDED = "aws/codebuild/"
"""Beginning of the names of images that CodeBuild provides. It pulls all others with the role of the project."""
QUEUED_MINUTES = 60
"""Time that a build may wait for a free place."""
LONGEST_MINUTES = 2160
"""Longest time of a build (CodeBuild User Guide, "Quotas")."""


def encrypted_logs(
    parent: pulumi.ComponentResource,
    name: str,
    *,
    project_name: str,
    key_arn: pulumi.Input[str],
    retention_days: int,
    tags: Mapping[str, str],
) -> aws.codebuild.ProjectLogsConfigArgs:
    """Creates the log group of a project and returns the configuration that writes to it.

    Args:
        parent: Component that the log group belongs to.
        name: Name of the component.
        project_name: Name of the project, which the name of the log group contains.
        key_arn: ARN of the KMS key of the logs.
        retention_days: Days to keep the logs.
        tags: Tags in addition to the stack's.
    """
    group = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name=f"/aws/codebuild/{project_name}",
        retention_in_days=retention_days,
        kms_key_id=key_arn,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.codebuild.ProjectLogsConfigArgs(
        cloudwatch_logs=aws.codebuild.ProjectLogsConfigCloudwatchLogsArgs(group_name=group.name)
    )


def environment(
    compute_type: str,
    variables: Mapping[str, pulumi.Input[str]],
    *,
    image: pulumi.Input[str] = PROVIDED_IMAGE,
    privileged: bool = False,
) -> aws.codebuild.ProjectEnvironmentArgs:
    """Returns a Linux environment with variables, which contain no secrets.

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
        ],
    )


def private_network(
    vpc_id: pulumi.Input[str], subnet_ids: Sequence[pulumi.Input[str]], security_group_id: pulumi.Input[str]
) -> aws.codebuild.ProjectVpcConfigArgs:
    """Returns the configuration of builds in a network."""
    return aws.codebuild.ProjectVpcConfigArgs(vpc_id=vpc_id, subnets=subnet_ids, security_group_ids=[security_group_id])
