"""A use case: its code, builds, images and model package groups in the tooling account, and the roles with which its
builds and pipelines work in development.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.delivery.build_project import BuildProject, BuildProjectArgs
from components.delivery.clean_up_schedule import CleanUpSchedule, CleanUpScheduleArgs
from components.delivery.code_repositories import CodeRepositories, CodeRepositoriesArgs
from components.delivery.push_rule import PushRule, PushRuleArgs
from components.identity.use_cases.integration_role import IntegrationRole, IntegrationRoleArgs
from components.identity.use_cases.operator_role import OperatorRole, OperatorRoleArgs
from components.identity.use_cases.pipeline_role import PipelineRole, PipelineRoleArgs
from components.identity.use_cases.start_role import StartRole, StartRoleArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.registry.consumers import Consumers
from components.registry.image_repository import ImageRepository, ImageRepositoryArgs
from components.registry.model_package_groups import ModelPackageGroups, ModelPackageGroupsArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.derived.use_case_names import GROUP_BRANCHES, MAIN, REPOSITORIES
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.types.naming import named
from stacks.shared.exports import export
from stacks.shared.outputs import UseCaseOutputs
from stacks.shared.providers import account_provider
from stacks.use_case.context import UseCaseContext

REPORTS = {"tests": "TEST", "coverage": "CODE_COVERAGE"}
"""Type of each report that a build specification may contain, by its name there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Roles:
    """ARNs of the use case's roles."""

    integration: pulumi.Output[str]
    start: pulumi.Output[str]
    operator: pulumi.Output[str]
    pipeline: pulumi.Output[str]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the use case in the tooling account, and its roles in the team's development account."""
    context = UseCaseContext.of(stack, foundation)
    tooling = foundation.account_of("tooling")
    here = account_provider(foundation, stack, tooling, context.tooling.account_id)
    development = foundation.account_of("development", stack.team)
    there = here
    if development != tooling:
        there = account_provider(foundation, stack, development, context.development.account_id)
    opts = pulumi.ResourceOptions(provider=here)
    roles = _roles(context, opts, pulumi.ResourceOptions(provider=there))
    code = CodeRepositories("code", _code(context), opts)
    groups = ModelPackageGroups("models", _models(context, roles), opts)
    consumers = _consumers(context, roles)
    images = {
        image: ImageRepository(
            f"image-{image}",
            ImageRepositoryArgs(
                repository_name=context.names.image_repository(image),
                key_arn=context.tooling.key_arn,
                tags=context.tags,
                consumers=consumers,
            ),
            opts,
        )
        for image in context.delivery.images
    }
    project = BuildProject("build", _build(context, roles, code), opts)
    queue = _queue(context, opts)
    push = PushRuleArgs(
        rule_name=named("event rule", context.names.prefix, "push"),
        label=context.names.folder,
        repository_arn=code.arns["build"],
        project_arn=project.arn,
        role_arn=roles.start,
        dead_letter_queue_arn=queue.arn,
    )
    PushRule("push", push, opts)
    if context.delivery.feature_branches:
        clean_up = CleanUpScheduleArgs(
            rule_name=named("event rule", context.names.prefix, "clean-up"),
            label=context.names.folder,
            project_arn=project.arn,
            role_arn=roles.start,
            dead_letter_queue_arn=queue.arn,
        )
        CleanUpSchedule("clean-up", clean_up, opts)
    export(
        UseCaseOutputs,
        clone_urls=code.clone_urls,
        build_project=context.names.build_project,
        image_repositories={image: repository.url for image, repository in images.items()},
        model_package_groups=groups.arns,
        artifact_bucket=context.tooling.artifact_bucket,
        role_arns={"integration": roles.integration, "operator": roles.operator, "pipeline": roles.pipeline},
    )


def _roles(context: UseCaseContext, here: pulumi.ResourceOptions, there: pulumi.ResourceOptions) -> _Roles:
    """Creates the roles of builds here, and of pipelines in development."""
    case, tooling, development = context.use_case, context.tooling, context.development
    integration = IntegrationRoleArgs(
        use_case=case,
        account_id=tooling.account_id,
        development_account_id=development.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=context.artifact_bucket_arn,
        key_arn=tooling.key_arn,
        boundary_arn=tooling.permissions_boundary_arn,
    )
    start = StartRoleArgs(use_case=case, account_id=tooling.account_id, boundary_arn=tooling.permissions_boundary_arn)
    operator = OperatorRoleArgs(
        use_case=case,
        account_id=development.account_id,
        tooling_account_id=tooling.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=development.bucket_arn,
        key_arn=development.key_arn,
        boundary_arn=development.permissions_boundary_arn,
    )
    pipeline = PipelineRoleArgs(
        use_case=case,
        account_id=development.account_id,
        tooling_account_id=tooling.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=development.bucket_arn,
        key_arn=development.key_arn,
        registry_key_arn=tooling.key_arn,
        registry_bucket_arn=context.artifact_bucket_arn,
        boundary_arn=development.permissions_boundary_arn,
    )
    return _Roles(
        integration=IntegrationRole("integration", integration, here).arn,
        start=StartRole("start", start, here).arn,
        operator=OperatorRole("operator", operator, there).arn,
        pipeline=PipelineRole("pipeline", pipeline, there).arn,
    )


def _code(context: UseCaseContext) -> CodeRepositoriesArgs:
    return CodeRepositoriesArgs(
        names={purpose: context.names.repository(purpose) for purpose in REPOSITORIES},
        label=context.names.folder,
        key_arn=context.tooling.key_arn,
        tags=context.tags,
    )


def _consumers(context: UseCaseContext, roles: _Roles) -> Consumers:
    return Consumers(
        organization_id=context.organization.organization_id,
        accounts=context.reader_account_ids,
        pipeline_role_arn=roles.pipeline,
        development_account_id=context.development.account_id,
    )


def _models(context: UseCaseContext, roles: _Roles) -> ModelPackageGroupsArgs:
    return ModelPackageGroupsArgs(
        groups={branch: context.names.model_group(branch) for branch in GROUP_BRANCHES},
        promotable=MAIN,
        label=context.names.folder,
        tags=context.tags,
        account_id=context.tooling.account_id,
        region=context.use_case.region,
        consumers=_consumers(context, roles),
    )


def _build(context: UseCaseContext, roles: _Roles, code: CodeRepositories) -> BuildProjectArgs:
    tooling = context.tooling
    return BuildProjectArgs(
        project_name=context.names.build_project,
        label=context.names.folder,
        clone_url=code.clone_urls["build"],
        role_arn=roles.integration,
        key_arn=tooling.key_arn,
        vpc_id=tooling.vpc_id,
        subnet_ids=[tooling.private_subnet_ids[zone] for zone in range(ZONES_OF_SHARED_NETWORKS)],
        security_group_id=tooling.build_security_group_id,
        variables={
            "DEPLOY_FEATURE_BRANCHES": str(context.delivery.feature_branches).lower(),
            "FEATURE_BRANCH_DAYS": str(context.delivery.feature_branch_days),
        },
        tags=context.tags,
        report_groups={context.names.report_group(name): kind for name, kind in REPORTS.items()},
        timeout_minutes=context.delivery.build_minutes,
    )


def _queue(context: UseCaseContext, opts: pulumi.ResourceOptions) -> DeadLetterQueue:
    args = DeadLetterQueueArgs(
        queue_name=f"{context.names.prefix}-undelivered",
        account_id=context.tooling.account_id,
        organization_id=context.organization.organization_id,
        region=context.use_case.region,
        rules=f"{context.names.prefix}-*",
        key_arn=context.tooling.key_arn,
    )
    return DeadLetterQueue("undelivered", args, opts)
