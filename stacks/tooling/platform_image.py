"""The builds of the image with which promotions and requests run: program, project, roles, and what starts them."""

from __future__ import annotations

import pulumi

from components.delivery.code_repositories import CodeRepositories, CodeRepositoriesArgs
from components.delivery.image_project import ImageProject, ImageProjectArgs
from components.delivery.push_rule import PUSHED_COMMIT, PushRule, PushRuleArgs
from components.identity.releases.platform_image_roles import PlatformImageRoles, PlatformImageRolesArgs
from components.identity.workloads.package_permissions import Packages
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.registry.image_repository import ImageRepository
from settings.derived.foundation import Foundation
from settings.organization.images.image_settings import base_accounts, repository_arns
from settings.organization.images.platform_image import PlatformImageSettings
from settings.types.aws.platform_image import BRANCH, PROJECT, REPOSITORY, TAG_VARIABLE
from settings.types.naming import PLATFORM_IMAGES
from stacks.durable_account.stack import DurableAccount

_LABEL = "the platform"


def build_platform_image(
    account: DurableAccount,
    foundation: Foundation,
    settings: PlatformImageSettings,
    *,
    images: ImageRepository,
    packages: Packages,
    security_group_id: pulumi.Input[str],
) -> pulumi.Output[str]:
    """Creates the repository of the program, and builds of the image that a push starts. Returns the URL of the
    repository."""
    context, organization = account.context, foundation.organization
    code = CodeRepositories(
        "platform-code",
        CodeRepositoriesArgs(names={"program": REPOSITORY}, label=_LABEL, key_arn=account.key.arn, tags={}),
        account.opts,
    )
    roles = PlatformImageRolesArgs(
        account_id=context.account_id,
        region=context.region,
        repository_arn=code.arns["program"],
        image_repository_arn=images.arn,
        pulled=repository_arns(settings.base, organization.images.build_image),
        packages=packages,
        key_arn=account.key.arn,
        boundary_arn=account.boundary.arn,
    )
    builds = PlatformImageRoles("platform-image", roles, account.opts)
    project = ImageProjectArgs(
        project_name=PROJECT,
        label=_LABEL,
        clone_url=code.clone_urls["program"],
        build_image=organization.images.build_image,
        role_arn=builds.builder_arn,
        key_arn=account.key.arn,
        vpc_id=account.network.vpc_id,
        subnet_ids=account.network.subnet_ids,
        security_group_id=security_group_id,
        variables={
            "REGISTRY": pulumi.Output.concat(context.account_id, f".dkr.ecr.{context.region}.amazonaws.com"),
            "IMAGES": PLATFORM_IMAGES,
            "ROOT_IMAGE": PLATFORM_IMAGES,
            "BASE_ACCOUNTS": ",".join(base_accounts(context.region, settings.base)),
            "BASE_IMAGE": settings.base,
            **packages.variables,
        },
        log_retention_days=organization.log_retention_days,
    )
    project_arn = ImageProject("platform-image", project, account.opts).arn
    push = PushRuleArgs(
        rule_name=f"{PROJECT}-push",
        label=_LABEL,
        repository_arn=code.arns["program"],
        project_arn=project_arn,
        role_arn=builds.starter_arn,
        dead_letter_queue_arn=_queue(account),
        branch=BRANCH,
        variables={TAG_VARIABLE: PUSHED_COMMIT},
    )
    PushRule("platform-image", push, account.opts)
    return code.clone_urls["program"]


def _queue(account: DurableAccount) -> pulumi.Output[str]:
    context = account.context
    args = DeadLetterQueueArgs(
        queue_name=f"{PROJECT}-dead-letters",
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        region=context.region,
        rules=f"{PROJECT}-*",
        key_arn=account.key.arn,
    )
    return DeadLetterQueue("platform-image-dead-letters", args, account.opts).arn
