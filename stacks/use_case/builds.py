"""The builds of a use case: the project that checks and deploys, and the project of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pulumi

from components.delivery.build_project import BuildProject, BuildProjectArgs
from components.delivery.code_repositories import CodeRepositories
from components.delivery.image_project import ImageProject, ImageProjectArgs
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from stacks.use_case.context import UseCaseContext
from stacks.use_case.roles import UseCaseRoles

REPORTS = {"tests": "TEST", "coverage": "CODE_COVERAGE"}
"""Type of each report that a build specification may contain, by its name there."""


def create_builds(
    context: UseCaseContext, roles: UseCaseRoles, code: CodeRepositories, opts: pulumi.ResourceOptions
) -> BuildProject:
    """Creates the projects of builds and, with image repositories, of images. Returns the one that a push starts."""
    if roles.images is not None:
        ImageProject("images", _images(context, roles.images, code), opts)
    return BuildProject("build", _build(context, roles, code), opts)


class _Common(TypedDict):
    """Arguments of both projects."""

    label: str
    clone_url: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    build_image: str
    log_retention_days: int


def _common(context: UseCaseContext, code: CodeRepositories) -> _Common:
    tooling = context.tooling
    return _Common(
        label=context.names.folder,
        clone_url=code.clone_urls["build"],
        key_arn=tooling.key_arn,
        vpc_id=tooling.vpc_id,
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        security_group_id=tooling.build_security_group_id,
        build_image=context.images.build_image,
        log_retention_days=context.log_retention_days,
    )


def _build(context: UseCaseContext, roles: UseCaseRoles, code: CodeRepositories) -> BuildProjectArgs:
    images = {"IMAGE_PROJECT": context.names.image_project} if context.delivery.images else {}
    return BuildProjectArgs(
        **_common(context, code),
        project_name=context.names.build_project,
        role_arn=roles.integration,
        variables={
            "DEPLOY_FEATURE_BRANCHES": str(context.delivery.feature_branches).lower(),
            "FEATURE_BRANCH_DAYS": str(context.delivery.feature_branch_days),
            **_limits_of_retraining(context),
            **images,
            **context.package_variables,
            **context.tracking,
        },
        report_groups={context.names.report_group(name): kind for name, kind in REPORTS.items()},
        timeout_minutes=context.delivery.build_minutes,
    )


def _limits_of_retraining(context: UseCaseContext) -> dict[str, str]:
    """Returns the variables by which a build decides whether a retraining may start."""
    retraining = context.delivery.retraining
    if retraining is None:
        return {}
    return {
        "RETRAINING_COOLDOWN_DAYS": str(retraining.cooldown_days),
        "RETRAINING_RUNS_PER_MONTH": str(retraining.runs_per_month),
    }


def _images(context: UseCaseContext, role_arn: pulumi.Input[str], code: CodeRepositories) -> ImageProjectArgs:
    region, account_id = context.use_case.region, context.tooling.account_id
    return ImageProjectArgs(
        **_common(context, code),
        project_name=context.names.image_project,
        role_arn=role_arn,
        variables={
            "REGISTRY": pulumi.Output.concat(account_id, f".dkr.ecr.{region}.amazonaws.com"),
            "REPOSITORIES": context.names.folder,
            "IMAGES": ",".join(context.delivery.images),
            "BASE_ACCOUNTS": ",".join(context.base_accounts),
            **({"BASE_IMAGE": context.images.base} if context.images.base else {}),
            **context.package_variables,
        },
        timeout_minutes=context.delivery.build_minutes,
    )
