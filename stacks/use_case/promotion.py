"""The promotion of a use case: its pipeline, the project that performs the actions, and the rules that start it."""

from __future__ import annotations

import json

import pulumi

from components.delivery.code_repositories import CodeRepositories
from components.delivery.promotion_pipeline import PromotionPipeline, PromotionPipelineArgs
from components.delivery.promotion_project import PromotionProject, PromotionProjectArgs
from components.delivery.promotion_rules import PromotionRules, PromotionRulesArgs
from components.delivery.promotion_topic import PromotionTopic, PromotionTopicArgs
from components.integration.dead_letter_queue import DeadLetterQueue
from components.registry.model_package_groups import ModelPackageGroups
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.data.promotion_layout import BUSINESS
from settings.derived.use_case_names import MAIN
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from settings.types.aws.log_retention import PROMOTION_DAYS
from settings.types.kinds import ReleasedTo
from settings.types.naming import TOOLING_ACCESS_LOGS, named
from stacks.use_case.context import UseCaseContext
from stacks.use_case.roles import UseCaseRoles

SOURCE_DAYS = 365
"""Days for which a stage can be rolled back: the pipeline deploys the source of an earlier execution again."""


def create_promotion(
    context: UseCaseContext,
    roles: UseCaseRoles,
    code: CodeRepositories,
    groups: ModelPackageGroups,
    queue: DeadLetterQueue,
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the promotion pipeline and all that it needs in the tooling account."""
    sources = PrivateBucket("promotion-sources", _sources(context), opts)
    project = PromotionProject("promotion", _project(context, roles, groups), opts)
    release_projects = {
        environment: PromotionProject(
            f"promotion-{environment}", _project(context, roles, groups, environment), opts
        ).name
        for environment in context.released_to
    }
    names = context.names
    topic = PromotionTopic("promotions", _topic(context, roles, queue), opts)
    pipeline = PromotionPipelineArgs(
        pipeline_name=names.promotion_pipeline,
        repository_name=names.repository("deployment"),
        project_name=project.name,
        release_projects=release_projects,
        role_arn=roles.released["promoter"],
        artifact_bucket=sources.bucket_name,
        key_arn=context.tooling.key_arn,
        topic_arn=topic.arn,
        business_approves=BUSINESS in context.approvers,
    )
    rules = PromotionRulesArgs(
        approval_rule_name=named("event rule", names.prefix, "approved"),
        push_rule_name=named("event rule", names.prefix, "deployment-push"),
        label=names.folder,
        model_group=names.model_group(MAIN),
        repository_arn=code.arns["deployment"],
        pipeline_arn=PromotionPipeline("promotion", pipeline, opts).arn,
        role_arn=roles.start,
        dead_letter_queue_arn=queue.arn,
    )
    PromotionRules("promotion", rules, opts)


def _sources(context: UseCaseContext) -> PrivateBucketArgs:
    return PrivateBucketArgs(
        bucket_name=context.source_bucket,
        key_arn=context.tooling.key_arn,
        organization_id=context.organization.organization_id,
        log_bucket_name=context.bucket_name(TOOLING_ACCESS_LOGS),
        retention_days=SOURCE_DAYS,
    )


def _topic(context: UseCaseContext, roles: UseCaseRoles, queue: DeadLetterQueue) -> PromotionTopicArgs:
    names = context.names
    return PromotionTopicArgs(
        topic_name=names.promotion_topic,
        rule_name=named("event rule", names.prefix, "promotion-failed"),
        label=names.folder,
        pipeline_name=names.promotion_pipeline,
        pipeline_role_arn=roles.released["promoter"],
        organization_id=context.organization.organization_id,
        key_arn=context.tooling.key_arn,
        mailboxes=context.notified,
        dead_letter_queue_arn=queue.arn,
    )


def _project(
    context: UseCaseContext, roles: UseCaseRoles, groups: ModelPackageGroups, released_to: ReleasedTo | None = None
) -> PromotionProjectArgs:
    """Returns the project of the promotion, or the one that runs the program of the deployment repository for an
    environment."""
    tooling, released, names = context.tooling, roles.released, context.names
    entered = [released_to] if released_to else list(context.released_to)
    release_roles = {environment: released[f"release-{environment}"] for environment in entered}
    return PromotionProjectArgs(
        project_name=names.release_project(released_to) if released_to else names.promotion_project,
        label=names.folder,
        released_to=released_to,
        image=pulumi.Output.concat(tooling.platform_repository, ":", context.promotion_image),
        role_arn=released[f"promotion-{released_to}" if released_to else "promotion"],
        key_arn=tooling.key_arn,
        log_retention_days=PROMOTION_DAYS,
        vpc_id=tooling.vpc_id,
        subnet_ids=tooling.private_subnet_ids.first(ZONES_OF_SHARED_NETWORKS),
        security_group_id=tooling.build_security_group_id,
        variables={
            "TEAM": context.use_case.team,
            "USE_CASE": context.use_case.name,
            "ARTIFACT_BUCKET": tooling.artifact_bucket,
            "ARTIFACT_KEY_ARN": tooling.key_arn,
            "MODEL_GROUP": groups.arns[MAIN],
            "PIPELINE": context.names.promotion_pipeline,
            "APPROVERS": json.dumps({stage: list(people) for stage, people in context.approvers.items()}),
            "RELEASE_ROLES": pulumi.Output.json_dumps(release_roles),
            "FOUNDATION": json.dumps(context.judged_by),
            "SCAN_RULES": json.dumps(context.scan_rules),
        },
    )
