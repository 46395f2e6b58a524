"""The roles of a use case: in tooling for builds and promotion, in development for pipelines, and in each environment
to which models are released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import pulumi

from components.identity.releases.function_role import FunctionRole, FunctionRoleArgs
from components.identity.releases.promotion_pipeline_role import PromotionPipelineRole, PromotionPipelineRoleArgs
from components.identity.releases.promotion_role import PromotionRole, PromotionRoleArgs
from components.identity.releases.release_program_role import ReleaseProgramRole, ReleaseProgramRoleArgs
from components.identity.releases.release_role import ReleaseRole, ReleaseRoleArgs
from components.identity.use_cases.batch_role import BatchRole, BatchRoleArgs
from components.identity.use_cases.batch_start_role import BatchStartRole, BatchStartRoleArgs
from components.identity.use_cases.contributor_role import ContributorRole, ContributorRoleArgs
from components.identity.use_cases.image_role import ImageRole, ImageRoleArgs
from components.identity.use_cases.integration_role import IntegrationRole, IntegrationRoleArgs
from components.identity.use_cases.monitor_start_role import MonitorStartRole, MonitorStartRoleArgs
from components.identity.use_cases.monitoring_role import MonitoringRole, MonitoringRoleArgs
from components.identity.use_cases.operator_role import OperatorRole, OperatorRoleArgs
from components.identity.use_cases.pipeline_role import PipelineRole, PipelineRoleArgs
from components.identity.use_cases.serving_role import ServingRole, ServingRoleArgs
from components.identity.use_cases.start_role import StartRole, StartRoleArgs
from components.identity.use_cases.use_case import UseCase
from settings.types.kinds import API_KINDS, Environment, ReleasedTo
from settings.types.naming import PLATFORM_IMAGES
from stacks.shared.outputs import EnvironmentOutputs, ToolingOutputs
from stacks.use_case.context import UseCaseContext

OptionsIn = Callable[[Environment], pulumi.ResourceOptions]
"""Returns the options of resources in the account of an environment of the team."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseRoles:
    """ARNs of the use case's roles."""

    integration: pulumi.Output[str]
    images: pulumi.Output[str] | None
    """Role of image builds; None without image repositories."""
    start: pulumi.Output[str]
    operator: pulumi.Output[str]
    pipeline: pulumi.Output[str]
    released: Mapping[str, pulumi.Output[str]]
    """Roles of promotion, by name: ``promotion`` and ``promoter``, and for each environment to which models are
    released ``promotion-<environment>``, ``release-<environment>`` and ``serving-<environment>``, with an endpoint
    ``predict-<environment>``, with one that answers at once ``monitoring-<environment>`` and
    ``start-monitor-<environment>``, and with batch inference ``batch-<environment>`` and ``start-<environment>``. Empty
    without promotions."""


def create_roles(context: UseCaseContext, here: pulumi.ResourceOptions, options_in: OptionsIn) -> UseCaseRoles:
    """Creates all roles of the use case. ``here`` are the options of resources in the tooling account."""
    there = options_in("development")
    if context.studios:
        ContributorRole("contributor", _contributor(context), here)
    return UseCaseRoles(
        integration=IntegrationRole("integration", _integration(context), here).arn,
        images=ImageRole("images", _images(context), here).arn if context.delivery.images else None,
        start=StartRole("start", _start(context), here).arn,
        operator=OperatorRole("operator", _operator(context), there).arn,
        pipeline=PipelineRole("pipeline", _pipeline(context), there).arn,
        released=_released(context, here, options_in),
    )


def _released(
    context: UseCaseContext, here: pulumi.ResourceOptions, options_in: OptionsIn
) -> dict[str, pulumi.Output[str]]:
    if not context.approvers:
        return {}
    arns = {
        "promotion": PromotionRole("promotion", _promotion(context), here).arn,
        "promoter": PromotionPipelineRole("promoter", _promoter(context), here).arn,
    }
    for environment, place in context.released_to.items():
        opts = options_in(environment)
        program = _program(context, environment, place)
        arns[f"promotion-{environment}"] = ReleaseProgramRole(f"promotion-{environment}", program, here).arn
        release, serving = _release(context, environment, place), _serving(context, environment, place)
        arns[f"release-{environment}"] = ReleaseRole(f"release-{environment}", release, opts).arn
        arns[f"serving-{environment}"] = ServingRole(f"serving-{environment}", serving, opts).arn
        if API_KINDS & set(context.inference):
            predict = _predict(context, environment, place)
            arns[f"predict-{environment}"] = FunctionRole(f"predict-{environment}", predict, opts).arn
        if "real-time" in context.inference:
            monitoring = MonitoringRoleArgs(
                **_of_versions(context, environment, place), bus_account_id=_account_of_bus(context, environment)
            )
            starter = MonitorStartRoleArgs(**_released_to(context, environment, place))
            arns[f"monitoring-{environment}"] = MonitoringRole(f"monitoring-{environment}", monitoring, opts).arn
            arns[f"start-monitor-{environment}"] = MonitorStartRole(f"start-monitor-{environment}", starter, opts).arn
        if "batch" in context.inference:
            batch = BatchRoleArgs(
                **_of_versions(context, environment, place), bus_account_id=_account_of_bus(context, environment)
            )
            starts = BatchStartRoleArgs(**_released_to(context, environment, place))
            arns[f"batch-{environment}"] = BatchRole(f"batch-{environment}", batch, opts).arn
            arns[f"start-{environment}"] = BatchStartRole(f"start-{environment}", starts, opts).arn
    return arns


def _account_of_bus(context: UseCaseContext, environment: ReleasedTo) -> pulumi.Output[str] | None:
    """Returns the account of the bus to which production sends results of comparisons."""
    return context.tooling.account_id if environment == "production" else None


class _Common(TypedDict):
    """Arguments of every role."""

    use_case: UseCase
    account_id: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]


def _of(context: UseCaseContext, place: ToolingOutputs | EnvironmentOutputs) -> _Common:
    """Returns the arguments that every role in an account has."""
    return _Common(use_case=context.use_case, account_id=place.account_id, boundary_arn=place.permissions_boundary_arn)


def _integration(context: UseCaseContext) -> IntegrationRoleArgs:
    tooling = context.tooling
    return IntegrationRoleArgs(
        **_of(context, tooling),
        development_account_id=context.development.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=context.artifact_bucket_arn,
        key_arn=tooling.key_arn,
        pulled=context.build_image_repositories,
        packages=context.packages,
    )


def _images(context: UseCaseContext) -> ImageRoleArgs:
    tooling = context.tooling
    return ImageRoleArgs(
        **_of(context, tooling),
        organization_id=context.organization.organization_id,
        pulled=context.pulled_repositories,
        key_arn=tooling.key_arn,
        packages=context.packages,
    )


def _contributor(context: UseCaseContext) -> ContributorRoleArgs:
    return ContributorRoleArgs(
        **_of(context, context.tooling),
        organization_id=context.organization.organization_id,
        studios=context.studios,
        key_arn=context.tooling.key_arn,
        people=context.delivery.contributors,
    )


def _start(context: UseCaseContext) -> StartRoleArgs:
    return StartRoleArgs(**_of(context, context.tooling), promotes=bool(context.approvers))


def _operator(context: UseCaseContext) -> OperatorRoleArgs:
    development = context.development
    return OperatorRoleArgs(
        **_of(context, development),
        tooling_account_id=context.tooling.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=development.bucket_arn,
        key_arn=development.key_arn,
    )


def _pipeline(context: UseCaseContext) -> PipelineRoleArgs:
    development = context.development
    return PipelineRoleArgs(
        **_of(context, development),
        tooling_account_id=context.tooling.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=development.bucket_arn,
        key_arn=development.key_arn,
        registry_key_arn=context.tooling.key_arn,
        registry_bucket_arn=context.artifact_bucket_arn,
    )


class _OfPromotion(_Common):
    """Arguments of the roles of the promotion's builds."""

    organization_id: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    source_bucket_arn: pulumi.Input[str]
    image_repository_arn: pulumi.Input[str]


def _of_promotion(context: UseCaseContext) -> _OfPromotion:
    tooling = context.tooling
    return _OfPromotion(
        **_of(context, tooling),
        organization_id=context.organization.organization_id,
        bucket_arn=context.artifact_bucket_arn,
        key_arn=tooling.key_arn,
        source_bucket_arn=context.source_bucket_arn,
        image_repository_arn=context.use_case.arn("ecr", tooling.account_id, f"repository/{PLATFORM_IMAGES}"),
    )


def _promotion(context: UseCaseContext) -> PromotionRoleArgs:
    return PromotionRoleArgs(
        **_of_promotion(context),
        released_to=[(one, place.account_id) for one, place in context.released_to.items()],
    )


def _program(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> ReleaseProgramRoleArgs:
    return ReleaseProgramRoleArgs(
        **_of_promotion(context), environment=environment, release_account_id=place.account_id
    )


def _promoter(context: UseCaseContext) -> PromotionPipelineRoleArgs:
    tooling = context.tooling
    return PromotionPipelineRoleArgs(
        **_of(context, tooling), bucket_arn=context.source_bucket_arn, key_arn=tooling.key_arn
    )


class _Released(_Common):
    """Arguments of the roles in an environment to which models are released."""

    environment: ReleasedTo
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


def _released_to(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> _Released:
    return _Released(**_of(context, place), environment=environment, bucket_arn=place.bucket_arn, key_arn=place.key_arn)


class _OfVersions(_Released):
    """Arguments of the roles there that read registered versions."""

    organization_id: pulumi.Input[str]
    registry_bucket_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]


def _of_versions(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> _OfVersions:
    return _OfVersions(
        **_released_to(context, environment, place),
        organization_id=context.organization.organization_id,
        registry_bucket_arn=context.artifact_bucket_arn,
        registry_key_arn=context.tooling.key_arn,
    )


def _release(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> ReleaseRoleArgs:
    return ReleaseRoleArgs(
        **_released_to(context, environment, place),
        tooling_account_id=context.tooling.account_id,
        organization_id=context.organization.organization_id,
        inference=context.inference,
        predicts_on_events=context.predicts_on_events,
    )


def _serving(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> ServingRoleArgs:
    return ServingRoleArgs(
        **_of_versions(context, environment, place),
        reads_features=context.models_call_aws,
        predicts_in_batches="batch" in context.inference,
    )


def _predict(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> FunctionRoleArgs:
    return FunctionRoleArgs(**_released_to(context, environment, place), answers_events=context.predicts_on_events)
