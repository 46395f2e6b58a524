"""A use case: its code, builds, images and model package groups in the tooling account, and its roles there and in the
accounts of the team.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.delivery.build_project import BuildProject
from components.delivery.clean_up_schedule import CleanUpSchedule, CleanUpScheduleArgs
from components.delivery.code_repositories import CodeRepositories, CodeRepositoriesArgs
from components.delivery.push_rule import PushRule, PushRuleArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.monitoring.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.registry.consumers import Consumers
from components.registry.image_repository import ImageRepository, ImageRepositoryArgs
from components.registry.model_package_groups import ModelPackageGroups, ModelPackageGroupsArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.derived.use_case_names import GROUP_BRANCHES, MAIN, REPOSITORIES
from settings.types.kinds import Environment
from settings.types.naming import named
from stacks.shared.exports import export
from stacks.shared.outputs import EnvironmentOutputs, UseCaseOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.use_case.batch import create_batch
from stacks.use_case.builds import create_builds
from stacks.use_case.context import UseCaseContext
from stacks.use_case.lake import grant_lake
from stacks.use_case.mirrors import create_mirrors
from stacks.use_case.promotion import create_promotion
from stacks.use_case.queues import create_monitor_queues, create_prediction_queues
from stacks.use_case.retraining import create_retraining
from stacks.use_case.roles import UseCaseRoles, create_roles


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the use case in the tooling account, and its roles in the accounts of the team."""
    context = UseCaseContext.of(stack, foundation)
    tooling = foundation.account_of("tooling")
    here = account_provider(foundation, stack, tooling, context.tooling.account_id)
    opts = pulumi.ResourceOptions(provider=here)
    options = _options_by_environment(stack, foundation, context, here)
    roles = create_roles(context, opts, options.__getitem__)
    known = {
        tooling: opts,
        **{foundation.account_of(environment, stack.team): its for environment, its in options.items()},
    }
    in_lake = grant_lake(stack, foundation, context.organization, roles.pipeline, known)
    topics = _create_alarm_topics(context, options)
    if context.approvers and "batch" in context.inference:
        create_batch(context, options, topics)
    if context.is_monitored:
        create_monitor_queues(context, options)
    if context.approvers and context.predicts_on_events:
        create_prediction_queues(context, options)
    code = CodeRepositories("code", _code(context), opts)
    groups = ModelPackageGroups("models", _models(context, roles), opts)
    consumers = _consumers(context, roles)
    images = {image: _image(context, image, consumers, opts) for image in context.delivery.images}
    project = create_builds(context, roles, code, opts)
    queue = _queue(context, opts)
    _create_rules(context, roles, code, project, queue, opts)
    create_retraining(context, roles, project.arn, queue, opts, in_lake)
    if context.approvers:
        create_promotion(context, roles, code, groups, queue, opts)
    if context.source is not None:
        create_mirrors(context, context.source, code, here)
    export(
        UseCaseOutputs,
        clone_urls=code.clone_urls,
        source_urls={} if context.source is None else context.source.urls,
        build_project=context.names.build_project,
        image_repositories={image: repository.url for image, repository in images.items()},
        model_package_groups=groups.arns,
        artifact_bucket=context.tooling.artifact_bucket,
        minimum_gates={metric: dict(gate.limits) for metric, gate in context.minimum_gates.items()},
        role_arns={
            "integration": roles.integration,
            "operator": roles.operator,
            "pipeline": roles.pipeline,
            **roles.released,
        },
    )


def _options_by_environment(
    stack: StackIdentity, foundation: Foundation, context: UseCaseContext, here: aws.Provider
) -> dict[Environment, pulumi.ResourceOptions]:
    """Returns the options of resources in the account of each environment, with one provider for each account."""
    providers = {foundation.account_of("tooling"): here}
    options: dict[Environment, pulumi.ResourceOptions] = {}
    places: list[tuple[Environment, EnvironmentOutputs]] = [("development", context.development)]
    places += context.released_to.items()
    for environment, place in places:
        account = foundation.account_of(environment, stack.team)
        if account not in providers:
            providers[account] = account_provider(foundation, stack, account, place.account_id)
        options[environment] = pulumi.ResourceOptions(provider=providers[account])
    return options


def _create_alarm_topics(
    context: UseCaseContext, options: Mapping[Environment, pulumi.ResourceOptions]
) -> dict[Environment, AlarmTopic]:
    """Creates the topic of the alarms of each environment to which models are released. The team's owner follows it."""
    topics: dict[Environment, AlarmTopic] = {}
    for environment, place in context.released_to.items():
        args = AlarmTopicArgs(
            topic_name=f"{context.use_case.prefix_in(environment)}-alarms",
            account_id=place.account_id,
            organization_id=context.organization.organization_id,
            key_arn=place.key_arn,
            mailboxes={"owner": context.owner},
            rules_arn=context.use_case.arn(
                "events", place.account_id, f"rule/{context.use_case.prefix_in(environment)}-*"
            ),
        )
        topics[environment] = AlarmTopic(f"alarms-{environment}", args, options[environment])
    return topics


def _create_rules(
    context: UseCaseContext,
    roles: UseCaseRoles,
    code: CodeRepositories,
    project: BuildProject,
    queue: DeadLetterQueue,
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the rules that start builds: after a push and, with feature branches, every day."""
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


def _image(context: UseCaseContext, image: str, consumers: Consumers, opts: pulumi.ResourceOptions) -> ImageRepository:
    args = ImageRepositoryArgs(
        repository_name=context.names.image_repository(image),
        key_arn=context.tooling.key_arn,
        consumers=consumers,
    )
    return ImageRepository(f"image-{image}", args, opts)


def _code(context: UseCaseContext) -> CodeRepositoriesArgs:
    return CodeRepositoriesArgs(
        names={purpose: context.names.repository(purpose) for purpose in REPOSITORIES},
        label=context.names.folder,
        key_arn=context.tooling.key_arn,
        tags=context.contributors_tag,
    )


def _consumers(context: UseCaseContext, roles: UseCaseRoles) -> Consumers:
    return Consumers(
        organization_id=context.organization.organization_id,
        accounts=context.reader_account_ids,
        pipeline_role_arn=roles.pipeline,
        development_account_id=context.development.account_id,
    )


def _models(context: UseCaseContext, roles: UseCaseRoles) -> ModelPackageGroupsArgs:
    return ModelPackageGroupsArgs(
        groups={branch: context.names.model_group(branch) for branch in GROUP_BRANCHES},
        promotable=MAIN,
        label=context.names.folder,
        account_id=context.tooling.account_id,
        region=context.use_case.region,
        consumers=_consumers(context, roles),
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
