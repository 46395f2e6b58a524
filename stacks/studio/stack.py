"""The Studio of an environment: the domain with what everybody shares in it, and the people who work there.

The first stack holds the domain and the first users; further ones hold further users alone.
"""

from __future__ import annotations

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.studio.custom_image import CustomImage, CustomImageArgs
from components.studio.experiment_tracking import ExperimentTracking, ExperimentTrackingArgs
from components.studio.lifecycle_configurations import LifecycleConfigurations, LifecycleConfigurationsArgs
from components.studio.studio_domain import DomainImage, StudioDomain, StudioDomainArgs
from components.studio.studio_user import StudioUser, StudioUserArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import StudioOutputs
from settings.derived.stack_graph import StackIdentity
from settings.organization.organization import SignIn
from settings.team.studio import StudioUser as UserSettings
from settings.types.naming import named
from stacks.shared.exports import export
from stacks.shared.providers import account_provider
from stacks.shared.references import read
from stacks.studio.context import StudioPlace


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the environment's account."""
    place = StudioPlace.of(stack, foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))
    sign_in = foundation.organization.sign_in
    shared = _shared(stack, place, sign_in, opts)
    users = {
        name: _user(name, user, place, shared, sign_in, opts)
        for name, user in place.studio.users_in(stack.number).items()
    }
    export(
        StudioOutputs,
        account_id=place.account_id,
        region=place.region,
        domain_id=shared["domain_id"],
        url=shared["url"],
        bucket_name=shared["bucket_name"],
        bucket_arn=shared["bucket_arn"],
        user_role_arns={name: user.role_arn for name, user in users.items()},
    )


def _shared(
    stack: StackIdentity, place: StudioPlace, sign_in: SignIn, opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """What everybody has in common: made by the first stack, and read from it by the others."""
    if stack.number > 1:
        assert stack.workplace is not None
        first = read(StudioOutputs, StackIdentity("studio", stack.team, stack.workplace))
        return {
            "domain_id": first.apply(lambda outputs: outputs.domain_id),
            "url": first.apply(lambda outputs: outputs.url),
            "bucket_name": first.apply(lambda outputs: outputs.bucket_name),
            "bucket_arn": first.apply(lambda outputs: outputs.bucket_arn),
        }
    bucket = _bucket(place, opts)
    domain = _domain(place, bucket, sign_in, opts)
    if place.settings.tracks_runs:
        _tracking(place, bucket, domain, opts)
    return {
        "domain_id": domain.domain_id,
        "url": domain.url,
        "bucket_name": bucket.bucket_name,
        "bucket_arn": bucket.arn,
    }


def _bucket(place: StudioPlace, opts: pulumi.ResourceOptions) -> PrivateBucket:
    """People's own work and what they share; what counts is in repositories and in the lake (ACC-08)."""
    args = PrivateBucketArgs(
        bucket_name=place.bucket_name,
        key_arn=place.scope.key_arn,
        organization_id=place.organization_id,
        log_bucket_name=place.access_log_bucket_name,
        noncurrent_retention_days=place.settings.noncurrent_retention_days,
        durable=False,
    )
    return PrivateBucket("work", args, opts)


def _scripts(place: StudioPlace, bucket: PrivateBucket, opts: pulumi.ResourceOptions) -> LifecycleConfigurations:
    """What every app does when it starts."""
    args = LifecycleConfigurationsArgs(
        label=place.label,
        work_bucket_name=bucket.bucket_name,
        subnet_ids=place.subnet_ids,
        job_security_group_id=place.job_security_group_id,
        key_arn=place.scope.key_arn,
        package_index=place.studio.package_index,
    )
    return LifecycleConfigurations("scripts", args, opts)


def _images(place: StudioPlace, opts: pulumi.ResourceOptions) -> list[DomainImage]:
    """Images of tooling's registry, each in the version that the settings name."""
    made = []
    for name, image in sorted(place.studio.images.items()):
        args = CustomImageArgs(
            image_name=named("SageMaker resource", place.label, name),
            registry=place.registry,
            repository=image.repository,
            digest=image.digest,
            app=image.app,
            pull_role_arn=place.job_role_arn,
        )
        own = CustomImage(f"image-{name}", args, opts)
        made.append(
            DomainImage(
                app=image.app,
                image_name=own.image_name,
                version=own.version,
                configuration_name=own.configuration_name,
            )
        )
    return made


def _domain(place: StudioPlace, bucket: PrivateBucket, sign_in: SignIn, opts: pulumi.ResourceOptions) -> StudioDomain:
    args = StudioDomainArgs(
        domain_name=named("SageMaker resource", place.label),
        vpc_id=place.vpc_id,
        subnet_ids=place.subnet_ids,
        security_group_id=place.app_security_group_id,
        key_arn=place.scope.key_arn,
        default_role_arn=_nobody(place, opts).arn,
        sign_in=sign_in,
        idle_timeout_minutes=place.studio.idle_timeout_minutes,
        docker_accounts=place.trusted_registries if place.studio.docker else (),
        keep_homes=place.studio.homes_at_deletion == "keep",
        scripts=_scripts(place, bucket, opts).arns,
        images=_images(place, opts),
    )
    return StudioDomain("studio", args, opts)


def _tracking(place: StudioPlace, bucket: PrivateBucket, domain: StudioDomain, opts: pulumi.ResourceOptions) -> None:
    """Where runs of people and jobs are kept (EXP-11)."""
    args = ExperimentTrackingArgs(
        app_name=named("SageMaker resource", place.label),
        account_id=place.account_id,
        bucket_name=bucket.bucket_name,
        bucket_arn=bucket.arn,
        key_arn=place.scope.key_arn,
        domain_id=domain.domain_id,
        role_name=named("role", place.label, "tracking"),
        boundary_arn=place.boundary_arn,
    )
    ExperimentTracking("tracking", args, opts)


def _nobody(place: StudioPlace, opts: pulumi.ResourceOptions) -> BoundedRole:
    """A domain must name a role for those who have none of their own. It knows itself, and may do nothing."""
    knows_itself = Statement(sid="KnowItself", actions=["sts:GetCallerIdentity"], resources=["*"])
    args = BoundedRoleArgs(
        role_name=named("role", place.label, "studio"),
        description=f"Whoever enters Studio of {place.label} without a role of their own",
        trust=service_trust("sagemaker", account_id=place.account_id, sets_source_identity=True),
        permissions=[knows_itself],
        boundary_arn=place.boundary_arn,
    )
    return BoundedRole("nobody", args, opts)


def _user(
    name: str,
    user: UserSettings,
    place: StudioPlace,
    shared: dict[str, pulumi.Output[str]],
    sign_in: SignIn,
    opts: pulumi.ResourceOptions,
) -> StudioUser:
    limits = place.studio.limits_of(user.persona)
    args = StudioUserArgs(
        user=name,
        sign_in=sign_in,
        domain_id=shared["domain_id"],
        vpc_id=place.vpc_id,
        app_security_group_id=place.app_security_group_id,
        environment=place.scope,
        bucket_arn=shared["bucket_arn"],
        boundary_arn=place.boundary_arn,
        role_name=place.user_role(name),
        experiments=place.settings.environment == "experimentation",
        apps=user.apps,
        instance_types=limits.instance_types,
        volume_gib=limits.volume_gib,
        max_volume_gib=limits.max_volume_gib,
        canvas=place.opens_canvas(user.persona),
        tracking=place.settings.tracks_runs,
        spark=place.settings.emr is not None,
        data_api=place.settings.data_api is not None,
    )
    return StudioUser(f"user-{name}", args, opts)
