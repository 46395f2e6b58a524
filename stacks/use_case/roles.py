"""The roles of a use case: in tooling for builds and promotion, in development for pipelines, and in each environment
to which models are released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import pulumi

from components.identity.releases.function_role import FunctionRole
from components.identity.releases.promotion_pipeline_role import PromotionPipelineRole
from components.identity.releases.promotion_role import PromotionRole
from components.identity.releases.release_program_role import ReleaseProgramRole
from components.identity.releases.release_role import ReleaseRole
from components.identity.use_cases.batch_role import BatchRole
from components.identity.use_cases.batch_start_role import BatchStartRole
from components.identity.use_cases.contributor_role import ContributorRole
from components.identity.use_cases.image_role import ImageRole
from components.identity.use_cases.integration_role import IntegrationRole
from components.identity.use_cases.monitor_start_role import MonitorStartRole
from components.identity.use_cases.monitoring_role import MonitoringRole
from components.identity.use_cases.operator_role import OperatorRole
from components.identity.use_cases.pipeline_role import PipelineRole
from components.identity.use_cases.serving_role import ServingRole
from components.identity.use_cases.start_role import StartRole
from components.identity.use_cases.use_case import UseCase
from components.identity.use_cases.use_case_role import UseCaseRole
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
        _contributor(context).create("contributor", here)
    return UseCaseRoles(
        integration=_integration(context).create("integration", here),
        images=_images(context).create("images", here) if context.delivery.images else None,
        start=_start(context).create("start", here),
        operator=_operator(context).create("operator", there),
        pipeline=_pipeline(context).create("pipeline", there),
        released=_released(context, here, options_in),
    )


def _released(
    context: UseCaseContext, here: pulumi.ResourceOptions, options_in: OptionsIn
) -> dict[str, pulumi.Output[str]]:
    if not context.approvers:
        return {}
    arns = {name: role.create(name, here) for name, role in _roles_of_promotion(context).items()}
    for environment, place in context.released_to.items():
        opts = options_in(environment)
        for kind, role in _roles_in(context, environment, place).items():
            arns[f"{kind}-{environment}"] = role.create(f"{kind}-{environment}", opts)
    return arns


def _roles_of_promotion(context: UseCaseContext) -> dict[str, UseCaseRole]:
    """Returns the roles of the promotion in the tooling account, by name."""
    promotion = _of_promotion(context)
    tooling, released_to = context.tooling, context.released_to.items()
    return {
        "promotion": PromotionRole(
            **promotion, released_to=[(environment, place.account_id) for environment, place in released_to]
        ),
        "promoter": PromotionPipelineRole(
            **_of(context, tooling), bucket_arn=context.source_bucket_arn, key_arn=tooling.key_arn
        ),
        **{
            f"promotion-{environment}": ReleaseProgramRole(
                **promotion, environment=environment, release_account_id=place.account_id
            )
            for environment, place in released_to
        },
    }


def _roles_in(context: UseCaseContext, environment: ReleasedTo, place: EnvironmentOutputs) -> dict[str, UseCaseRole]:
    """Returns the roles in the account of an environment to which models are released, by kind."""
    released, versions = _released_to(context, environment, place), _of_versions(context, environment, place)
    bus = _account_of_bus(context, environment)
    roles: dict[str, UseCaseRole] = {
        "release": ReleaseRole(
            **released,
            tooling_account_id=context.tooling.account_id,
            organization_id=context.organization.organization_id,
            inference=context.inference,
            predicts_on_events=context.predicts_on_events,
        ),
        "serving": ServingRole(
            **versions, reads_features=context.models_call_aws, predicts_in_batches="batch" in context.inference
        ),
    }
    if API_KINDS & set(context.inference):
        roles["predict"] = FunctionRole(**released, answers_events=context.predicts_on_events)
    if "real-time" in context.inference:
        roles["monitoring"] = MonitoringRole(**versions, bus_account_id=bus)
        roles["start-monitor"] = MonitorStartRole(**released)
    if "batch" in context.inference:
        roles["batch"] = BatchRole(**versions, bus_account_id=bus)
        roles["start"] = BatchStartRole(**released)
    return roles


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


def _integration(context: UseCaseContext) -> IntegrationRole:
    tooling = context.tooling
    return IntegrationRole(
        **_of(context, tooling),
        development_account_id=context.development.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=context.artifact_bucket_arn,
        key_arn=tooling.key_arn,
        pulled=context.build_image_repositories,
        packages=context.packages,
    )


def _images(context: UseCaseContext) -> ImageRole:
    tooling = context.tooling
    return ImageRole(
        **_of(context, tooling),
        organization_id=context.organization.organization_id,
        pulled=context.pulled_repositories,
        key_arn=tooling.key_arn,
        packages=context.packages,
    )


def _contributor(context: UseCaseContext) -> ContributorRole:
    return ContributorRole(
        **_of(context, context.tooling),
        organization_id=context.organization.organization_id,
        studios=context.studios,
        key_arn=context.tooling.key_arn,
        people=context.delivery.contributors,
    )


def _start(context: UseCaseContext) -> StartRole:
    return StartRole(**_of(context, context.tooling), promotes=bool(context.approvers))


def _operator(context: UseCaseContext) -> OperatorRole:
    development = context.development
    return OperatorRole(
        **_of(context, development),
        tooling_account_id=context.tooling.account_id,
        organization_id=context.organization.organization_id,
        bucket_arn=development.bucket_arn,
        key_arn=development.key_arn,
    )


def _pipeline(context: UseCaseContext) -> PipelineRole:
    development = context.development
    return PipelineRole(
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
