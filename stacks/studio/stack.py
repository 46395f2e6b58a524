"""The Studio of an environment: its domain, the resources that users share, and the users.

The first stack holds the domain and the first users. Further stacks hold further users only.
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
from settings.derived.stack_graph import StackIdentity
from settings.organization.organization import SignIn as SignInMode
from settings.team.studio import CODE_CONTRIBUTORS
from settings.team.studio import StudioUser as UserSettings
from settings.types.naming import named, profile_name
from stacks.shared.exports import export
from stacks.shared.outputs import StudioOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read
from stacks.studio.context import StudioContext
from stacks.studio.sign_in import SignIn


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the Studio in the environment's account."""
    context = StudioContext.of(stack, foundation)
    provider = account_provider(foundation, stack, context.account, context.environment.account_id)
    opts = pulumi.ResourceOptions(provider=provider)
    center = SignIn.of(stack, foundation, provider)
    shared = _shared(stack, context, foundation.organization.sign_in, opts)
    users = {
        name: _user(name, user, context, shared, center, opts)
        for name, user in context.studio.users_in(stack.number).items()
    }
    export(
        StudioOutputs,
        account_id=context.environment.account_id,
        region=context.region,
        domain_id=shared["domain_id"],
        url=shared["url"],
        application_arn=shared.get("application_arn"),
        bucket_name=shared["bucket_name"],
        bucket_arn=shared["bucket_arn"],
        user_role_arns={name: user.role_arn for name, user in users.items()},
    )


def _shared(
    stack: StackIdentity, context: StudioContext, mode: SignInMode, opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """Returns the outputs of the shared resources. The first stack creates them, the others read its outputs."""
    if stack.number > 1:
        assert stack.parent is not None
        first = read(StudioOutputs, StackIdentity("studio", stack.team, stack.parent))
        return {
            "domain_id": first.domain_id,
            "url": first.url,
            "bucket_name": first.bucket_name,
            "bucket_arn": first.bucket_arn,
            **({"application_arn": first.application_arn} if mode == "identity-center" else {}),
        }
    bucket = _bucket(context, opts)
    domain = _domain(context, bucket, mode, opts)
    if context.settings.tracks_runs:
        _tracking(context, bucket, domain, opts)
    return {
        "domain_id": domain.domain_id,
        "url": domain.url,
        "bucket_name": bucket.bucket_name,
        "bucket_arn": bucket.arn,
        **({"application_arn": domain.application_arn} if mode == "identity-center" else {}),
    }


def _bucket(context: StudioContext, opts: pulumi.ResourceOptions) -> PrivateBucket:
    """Creates the bucket for people's own and shared work. Durable work is in repositories and the lake (ACC-08)."""
    args = PrivateBucketArgs(
        bucket_name=context.bucket_name,
        key_arn=context.scope.key_arn,
        organization_id=context.organization.organization_id,
        log_bucket_name=context.environment.access_log_bucket_name,
        noncurrent_retention_days=context.settings.noncurrent_retention_days,
        durable=False,
    )
    return PrivateBucket("work", args, opts)


def _lifecycle_configurations(
    context: StudioContext, bucket: PrivateBucket, opts: pulumi.ResourceOptions
) -> LifecycleConfigurations:
    """Creates the scripts that apps run when they start."""
    args = LifecycleConfigurationsArgs(
        label=context.label,
        work_bucket_name=bucket.bucket_name,
        subnet_ids=context.subnet_ids,
        job_security_group_id=context.environment.workload_security_group_id,
        key_arn=context.scope.key_arn,
        region=context.region,
        package_index=context.studio.package_index,
        packages=context.packages,
        code=context.code,
        tracking=context.tracking,
    )
    return LifecycleConfigurations("scripts", args, opts)


def _images(context: StudioContext, opts: pulumi.ResourceOptions) -> list[DomainImage]:
    """Creates the custom images, each in the version that the settings name."""
    images = []
    for name, image in sorted(context.studio.images.items()):
        args = CustomImageArgs(
            image_name=named("SageMaker resource", context.label, name),
            registry=context.registry,
            repository=image.repository,
            digest=image.digest,
            app=image.app,
            pull_role_arn=context.environment.role_arns["execution"],
        )
        own = CustomImage(f"image-{name}", args, opts)
        images.append(
            DomainImage(
                app=image.app,
                image_name=own.image_name,
                version=own.version,
                configuration_name=own.configuration_name,
            )
        )
    return images


def _domain(
    context: StudioContext, bucket: PrivateBucket, mode: SignInMode, opts: pulumi.ResourceOptions
) -> StudioDomain:
    args = StudioDomainArgs(
        domain_name=named("SageMaker resource", context.label),
        vpc_id=context.environment.vpc_id,
        subnet_ids=context.subnet_ids,
        security_group_id=context.environment.studio_security_group_id,
        key_arn=context.scope.key_arn,
        default_role_arn=_default_role(context, opts).arn,
        sign_in=mode,
        idle_timeout_minutes=context.studio.idle_timeout_minutes,
        docker_accounts=context.trusted_registries if context.studio.docker else (),
        keep_homes=context.studio.homes_at_deletion == "keep",
        scripts=_lifecycle_configurations(context, bucket, opts).arns,
        images=_images(context, opts),
    )
    return StudioDomain("studio", args, opts)


def _tracking(
    context: StudioContext, bucket: PrivateBucket, domain: StudioDomain, opts: pulumi.ResourceOptions
) -> None:
    """Creates the tracking server for runs of people and jobs (EXP-11)."""
    args = ExperimentTrackingArgs(
        app_name=named("SageMaker resource", context.label),
        account_id=context.environment.account_id,
        bucket_name=bucket.bucket_name,
        bucket_arn=bucket.arn,
        key_arn=context.scope.key_arn,
        domain_id=domain.domain_id,
        role_name=named("role", context.label, "tracking"),
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    ExperimentTracking("tracking", args, opts)


def _default_role(context: StudioContext, opts: pulumi.ResourceOptions) -> BoundedRole:
    """Creates the role that a domain requires for users without a role of their own. It may only query its identity."""
    identity = Statement(sid="KnowItself", actions=["sts:GetCallerIdentity"], resources=["*"])
    args = BoundedRoleArgs(
        role_name=named("role", context.label, "studio"),
        description=f"Whoever enters Studio of {context.label} without a role of their own",
        trust=service_trust("sagemaker", account_id=context.environment.account_id, sets_source_identity=True),
        permissions=[identity],
        boundary_arn=context.environment.permissions_boundary_arn,
    )
    return BoundedRole("nobody", args, opts)


def _user(
    name: str,
    user: UserSettings,
    context: StudioContext,
    shared: dict[str, pulumi.Output[str]],
    center: SignIn | None,
    opts: pulumi.ResourceOptions,
) -> StudioUser:
    limits = context.studio.limits_of(user.persona)
    assigned = [] if center is None else [center.assign(name, shared["application_arn"])]
    args = StudioUserArgs(
        user=name,
        profile=profile_name(name),
        sign_in="iam" if center is None else "identity-center",
        domain_id=shared["domain_id"],
        vpc_id=context.environment.vpc_id,
        app_security_group_id=context.environment.studio_security_group_id,
        environment=context.scope,
        bucket_arn=shared["bucket_arn"],
        boundary_arn=context.environment.permissions_boundary_arn,
        role_name=context.user_role(name),
        experiments=context.settings.environment == "experimentation",
        apps=user.apps,
        instance_types=limits.instance_types,
        volume_gib=limits.volume_gib,
        max_volume_gib=limits.max_volume_gib,
        canvas=context.opens_canvas(user.persona),
        tracking=context.settings.tracks_runs,
        spark=context.settings.emr is not None,
        data_api=context.settings.data_api is not None,
        packages=context.packages,
        code=context.code if user.persona in CODE_CONTRIBUTORS else None,
        after=assigned,
    )
    return StudioUser(f"user-{profile_name(name)}", args, opts)
