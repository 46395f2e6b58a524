"""The tooling account: its key, its network, the table of requests, the artifact bucket and, if the organization has
one, the package repository."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pulumi

from components.delivery.promotion_topic import events_reach_promotion_topics
from components.delivery.request_table import RequestTable, RequestTableArgs
from components.delivery.source_connection import SourceConnection, SourceConnectionArgs
from components.identity.iam.arns import arn_of
from components.identity.iam.role_names import RUNNER
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.identity.workloads.package_permissions import Packages
from components.registry.artifact_access import use_cases_share_the_bucket, use_cases_use_the_key
from components.registry.image_repository import ImageRepository, ImageRepositoryArgs, role_pulls
from components.registry.package_repository import PackageRepository, PackageRepositoryArgs
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.expiration import Expiration
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.data.artifact_layout import MANIFEST_TAG
from settings.derived.foundation import Foundation
from settings.derived.source_repositories import created_connection
from settings.derived.stack_graph import StackIdentity
from settings.organization.operations.request_runner import RUNNER_HOST
from settings.organization.packages import PYPI, package_domain
from settings.types.naming import ARTIFACTS, PLATFORM_IMAGES, TOOLING_ACCESS_LOGS
from stacks.durable_account.builds import builds_security_group
from stacks.durable_account.context import DurableAccountContext
from stacks.durable_account.stack import DurableAccount, build_account
from stacks.shared.exports import export
from stacks.shared.outputs import ToolingOutputs
from stacks.tooling.platform_image import build_platform_image

ACCESS_LOG_DAYS = 365
"""Days to keep access logs. 365 covers a yearly audit."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the account. It names no team and no use case, because each use case has a stack of its own.

    The bucket and the repository of images do not depend on there being use cases: models outlive the last one.
    """
    delivers, settings = foundation.has_deliveries, foundation.organization.platform_image
    users = partial(_key_users, foundation) if delivers else _nobody
    builds_images = foundation.builds_platform_image
    account = build_account(stack, foundation, key_users=users, uses_events=delivers or builds_images)
    requests = RequestTable("requests", RequestTableArgs(key_arn=account.key.arn), account.opts)
    builds = builds_security_group(account, foundation) if delivers or builds_images else None
    images, domain = _platform_images(account, foundation), _packages(account, foundation)
    program_url = None
    if settings is not None and builds is not None and domain is not None:
        program_url = build_platform_image(
            account,
            foundation,
            settings,
            images=images,
            packages=_installed_from(account, domain),
            security_group_id=builds.security_group_id,
        )
    export(
        ToolingOutputs,
        **account.outputs,
        artifact_bucket=_artifacts(account, foundation).bucket_name,
        build_security_group_id=None if builds is None else builds.security_group_id,
        platform_repository=images.url,
        program_url=program_url,
        api_endpoint_id=account.endpoints.endpoint_ids.get("execute-api"),
        connection_arn=_connection(account, foundation),
        package_domain=domain,
        request_table=requests.table_name,
    )


def _connection(account: DurableAccount, foundation: Foundation) -> pulumi.Input[str] | None:
    """Returns the connection to the source provider of the organization: a new or an adopted one."""
    source = foundation.organization.source
    provider = created_connection(source)
    if provider is None:
        return source.connection
    args = SourceConnectionArgs(organization=foundation.organization.name, provider=provider)
    return SourceConnection("source", args, account.opts).arn


def _packages(account: DurableAccount, foundation: Foundation) -> pulumi.Output[str] | None:
    """Creates the package repository, and returns the name of its domain."""
    organization = foundation.organization
    if organization.packages is None:
        return None
    args = PackageRepositoryArgs(
        domain_name=package_domain(organization.name),
        repository_name=PYPI,
        key_arn=account.key.arn,
        organization_id=account.context.organization.organization_id,
        upstream=organization.packages.upstream,
        tags={},
    )
    return PackageRepository("packages", args, account.opts).domain_name


def _installed_from(account: DurableAccount, domain: pulumi.Output[str]) -> Packages:
    """Returns the package repository from which builds of the platform's image install."""
    context = account.context
    return Packages(
        account_id=context.account_id,
        region=context.region,
        domain=domain,
        repository=PYPI,
        organization_id=context.organization.organization_id,
    )


def _nobody(_context: DurableAccountContext) -> Sequence[Statement]:
    return ()


def _key_users(foundation: Foundation, context: DurableAccountContext) -> list[Statement]:
    bucket = context.bucket_name(foundation.organization.name, ARTIFACTS)
    return [
        use_cases_use_the_key(context.organization.organization_id, context.region, bucket),
        events_reach_promotion_topics(context.account_id, context.region),
    ]


def _artifacts(account: DurableAccount, foundation: Foundation) -> PrivateBucket:
    """Creates the bucket of registered models and build artifacts, which keeps the only copy of models (TOOL-04)."""
    context = account.context
    organization_id = context.organization.organization_id
    logs = AccessLogBucketArgs(
        bucket_name=context.bucket_name(foundation.organization.name, TOOLING_ACCESS_LOGS),
        account_id=context.account_id,
        organization_id=organization_id,
        retention_days=ACCESS_LOG_DAYS,
    )
    args = PrivateBucketArgs(
        bucket_name=context.bucket_name(foundation.organization.name, ARTIFACTS),
        key_arn=account.key.arn,
        organization_id=organization_id,
        log_bucket_name=AccessLogBucket("access-logs", logs, account.opts).bucket_name,
        expirations=_expirations(foundation),
        statements=lambda arn: use_cases_share_the_bucket(arn, organization_id),
    )
    return PrivateBucket("artifacts", args, account.opts)


def _platform_images(account: DurableAccount, foundation: Foundation) -> ImageRepository:
    """Creates the repository of the image with which promotions and requests run. The account builds it if the settings
    say so; otherwise IT pushes it."""
    organization = account.context.organization
    statements = []
    if foundation.runs_requests:
        runner = organization.accounts[RUNNER_HOST]
        role_arn = arn_of("iam", "", runner, f"role{ROLE_PATH}{RUNNER}")
        statements.append(role_pulls(role_arn, runner, organization.organization_id))
    args = ImageRepositoryArgs(
        repository_name=PLATFORM_IMAGES, key_arn=account.key.arn, consumers=None, statements=statements
    )
    return ImageRepository("platform-images", args, account.opts)


def _expirations(foundation: Foundation) -> list[Expiration]:
    """Returns the retention of the manifests of removed branches (AMB-07). Models and all else stay."""
    days = foundation.organization.branch_manifest_days
    return [] if days is None else [Expiration(name="branch-manifests", tag=MANIFEST_TAG, days=days)]
