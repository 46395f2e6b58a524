"""An environment of a team. All four are this module; what differs between them is in their settings (ACC-06)."""

from __future__ import annotations

from functools import partial

import pulumi

from components.identity.workloads.api_permissions import API_ACTIONS
from components.identity.workloads.baseline_roles import BaselineRoles, BaselineRolesArgs
from components.identity.workloads.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.identity.workloads.spark_permissions import SPARK_ACTIONS, SPARK_SERVICE
from components.identity.workloads.workload_permissions import WorkloadScope
from components.integration.glue_callback_permissions import GLUE_STEP_ACTIONS
from components.integration.intake_permissions import INTAKE_ACTIONS
from components.integration.spark_application import SparkApplication, SparkApplicationArgs
from components.network.internet_egress import InternetEgress, InternetEgressArgs
from components.network.private_endpoints import PrivateEndpoints
from components.network.private_network import PrivateNetwork
from components.network.workload_security_group import WorkloadSecurityGroup, WorkloadSecurityGroupArgs
from components.security.encryption_key import (
    EncryptionKey,
    EncryptionKeyArgs,
    events_use_the_key,
    log_deliveries_read_with_the_key,
    roles_use_the_key,
)
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.ml_access import MlBucketUsers, access
from components.storage.ml_retention import expirations
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.studio.app_security_group import AppSecurityGroup, AppSecurityGroupArgs
from components.studio.home import SHARED
from settings.data.glue_step import STATE_MACHINE_ROLE_SUFFIX, job_role_suffix
from settings.data.intake import INTAKE
from settings.derived.endpoint_services import GATEWAYS, endpoint_services_of
from settings.derived.foundation import Foundation
from settings.derived.outputs import EnvironmentOutputs
from settings.derived.stack_graph import StackIdentity
from settings.types.naming import named
from stacks.environment.context import EnvironmentPlace
from stacks.shared.account_setup import set_up_account
from stacks.shared.connections import Connections
from stacks.shared.exports import export
from stacks.shared.people import admit_without_identity_center
from stacks.shared.providers import account_provider

SERVICES_WITH_THE_KEY = (
    "dynamodb", "ec2", "ecr", "elasticfilesystem", "s3", "sagemaker", "secretsmanager", "sns", "sqs", "states",
)  # fmt: skip
"""What encrypts with the environment's key on behalf of its principals; log groups do so in their own name."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the environment's account."""
    place = EnvironmentPlace.of(stack, foundation)
    connections = Connections.of(
        stack, foundation, account=place.account, place=place.network, perimeter=place.perimeter, archive=place.archive
    )
    provider = account_provider(foundation, stack, place.account, place.account_id)
    opts = pulumi.ResourceOptions(provider=provider)

    archive = place.archive.apply(lambda outputs: outputs.log_bucket_name)
    set_up_account(foundation, place, archive, opts, internet_egress=place.settings.internet_access)
    key = _key(place, opts)
    boundary = _boundary(place, opts)
    logs = _access_logs(place, opts)
    bucket = _bucket(place, key, logs, opts)
    network = PrivateNetwork("network", place.network, opts)
    connections.to_archive(network, opts)
    endpoints = connections.to_aws(network, endpoint_services_of(place.settings), opts)
    jobs, apps = _doors(place, connections, network, endpoints, opts)
    roles = _roles(place, bucket, key, boundary, opts)
    spark = _spark(place, bucket, key, boundary, network, jobs, opts)
    admit_without_identity_center(
        foundation, place.settings.environment, place.label, place.organization_id, opts, team=place.team.name
    )

    export(
        EnvironmentOutputs,
        account_id=place.account_id,
        region=place.region,
        vpc_id=network.vpc_id,
        private_subnet_ids=network.subnet_ids,
        key_arn=key.arn,
        bucket_name=bucket.bucket_name,
        bucket_arn=bucket.arn,
        access_log_bucket_name=logs.bucket_name,
        workload_security_group_id=jobs.security_group_id,
        studio_security_group_id=None if apps is None else apps.security_group_id,
        permissions_boundary_arn=boundary.arn,
        role_arns=roles.role_arns,
        spark_application_id=spark,
        api_endpoint_id=endpoints.endpoint_ids.get("execute-api"),
    )


def _key(place: EnvironmentPlace, opts: pulumi.ResourceOptions) -> EncryptionKey:
    args = EncryptionKeyArgs(
        alias=place.path,
        description=f"Everything that {place.label} keeps",
        account_id=place.account_id,
        region=place.region,
        services=SERVICES_WITH_THE_KEY,
        deletion_days=place.settings.key_deletion_days,
        deliveries=[
            events_use_the_key(place.account_id),
            log_deliveries_read_with_the_key(place.account_id, place.region),
            roles_use_the_key(place.account_id, _roles_of_services(place)),
            *(place.pushers.key_statements(place.ml_bucket_name) if place.pushers else []),
        ],
    )
    return EncryptionKey("key", args, opts)


def _roles_of_services(place: EnvironmentPlace) -> list[str]:
    """Those in whose names Step Functions and Glue call KMS."""
    steps = place.settings.glue_steps
    machines = [STATE_MACHINE_ROLE_SUFFIX] if steps else []
    return [f"{place.label}-{suffix}" for suffix in (INTAKE, *machines, *map(job_role_suffix, sorted(steps)))]


def _boundary(place: EnvironmentPlace, opts: pulumi.ResourceOptions) -> PermissionsBoundary:
    spark = place.settings.emr is not None
    args = PermissionsBoundaryArgs(
        policy_name=named("policy", place.label, "boundary"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        resource_account_ids=place.resource_account_ids,
        region=place.region,
        additional_actions=(
            *INTAKE_ACTIONS,
            *(GLUE_STEP_ACTIONS if place.settings.glue_steps else ()),
            *(SPARK_ACTIONS if spark else ()),
            *(API_ACTIONS if place.settings.data_api else ()),
        ),
        passed_to_services=("sagemaker", SPARK_SERVICE) if spark else ("sagemaker",),
    )
    return PermissionsBoundary("boundary", args, opts)


def _access_logs(place: EnvironmentPlace, opts: pulumi.ResourceOptions) -> AccessLogBucket:
    """Where access to the environment's buckets is logged. It does not outlive the environment."""
    args = AccessLogBucketArgs(
        bucket_name=place.bucket_name("logs"),
        account_id=place.account_id,
        organization_id=place.organization_id,
        retention_days=place.settings.log_retention_days,
        durable=False,
    )
    return AccessLogBucket("access-logs", args, opts)


def _bucket(
    place: EnvironmentPlace, key: EncryptionKey, logs: AccessLogBucket, opts: pulumi.ResourceOptions
) -> PrivateBucket:
    """The bucket of all ML work here. It does not outlive the environment."""
    environment = place.settings.environment
    retention = {name: use_case.retention for name, use_case in place.team.use_cases.items()}
    use = MlBucketUsers(
        environment=environment,
        label=place.label,
        team=place.team.name,
        account_id=place.account_id,
        use_cases=list(retention),
        pushers=place.pushers,
    )
    return PrivateBucket(
        "ml",
        PrivateBucketArgs(
            bucket_name=place.ml_bucket_name,
            key_arn=key.arn,
            organization_id=place.organization_id,
            log_bucket_name=logs.bucket_name,
            noncurrent_retention_days=place.settings.noncurrent_retention_days,
            expirations=expirations(environment, place.settings.retention, retention),
            statements=partial(access, use=use),
            durable=False,
        ),
        opts,
    )


def _doors(
    place: EnvironmentPlace,
    connections: Connections,
    network: PrivateNetwork,
    endpoints: PrivateEndpoints,
    opts: pulumi.ResourceOptions,
) -> tuple[WorkloadSecurityGroup, AppSecurityGroup | None]:
    """What work reaches: AWS by endpoints, and in experimentation, where the switch is on, the internet.

    Where people work, their apps have a group of their own: they are no members of the jobs' group.
    """
    settings = place.settings
    connections.to_names(network, opts, further=settings.allowed_domains if settings.internet_access else ())
    if settings.internet_access:
        _internet(place, network, opts)
    endpoints_cidr = None if connections.shared_endpoints is None else connections.endpoints_cidr
    workloads = WorkloadSecurityGroupArgs(
        label=place.label,
        vpc_id=network.vpc_id,
        endpoint_security_group_id=endpoints.security_group_id,
        endpoints_cidr=endpoints_cidr,
        gateways=[gateway.name for gateway in GATEWAYS],
        gateway_prefix_list_ids=endpoints.prefix_list_ids,
        internet=settings.internet_access,
    )
    jobs = WorkloadSecurityGroup("workloads", workloads, opts)
    if not settings.has_studio:
        return jobs, None
    apps = AppSecurityGroupArgs(
        label=place.label,
        vpc_id=network.vpc_id,
        endpoint_security_group_id=endpoints.security_group_id,
        endpoints_cidr=endpoints_cidr,
        gateway_prefix_list_ids=endpoints.prefix_list_ids,
        internet=settings.internet_access,
    )
    return jobs, AppSecurityGroup("studio-apps", apps, opts)


def _internet(place: EnvironmentPlace, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> None:
    args = InternetEgressArgs(
        label=place.label,
        vpc_id=network.vpc_id,
        public_subnet=place.egress.public,
        firewall_subnet=place.egress.firewall,
        private_cidrs=[subnet.cidr for subnet in place.network.subnets],
        private_route_table_id=network.route_table_id,
        allowed_domains=place.settings.allowed_domains,
        log_bucket_name=place.archive.apply(lambda outputs: outputs.log_bucket_name),
    )
    InternetEgress("internet", args, opts)


def _spark(
    place: EnvironmentPlace,
    bucket: PrivateBucket,
    key: EncryptionKey,
    boundary: PermissionsBoundary,
    network: PrivateNetwork,
    jobs: WorkloadSecurityGroup,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str] | None:
    """Where people experiment, results lie where they share their work: they start jobs, and write nothing else."""
    emr = place.settings.emr
    if emr is None:
        return None
    by_people = place.kind == "experimentation" and place.settings.has_studio
    written = pulumi.Output.concat(place.studio_bucket_arn, f"/{SHARED}*") if by_people else bucket.arn.apply(_all_of)
    args = SparkApplicationArgs(
        application_name=place.label,
        release=emr.release,
        scope=_scope(place, bucket, key),
        writes=[written],
        subnet_ids=network.subnet_ids,
        security_group_id=jobs.security_group_id,
        boundary_arn=boundary.arn,
        log_retention_days=place.settings.log_retention_days,
        max_vcpus=emr.max_vcpus,
        max_memory_gb=emr.max_memory_gb,
        max_disk_gb=emr.max_disk_gb,
        idle_timeout_minutes=emr.idle_timeout_minutes,
    )
    return SparkApplication("spark", args, opts).application_id


def _all_of(bucket_arn: str) -> str:
    return f"{bucket_arn}/*"


def _scope(place: EnvironmentPlace, bucket: PrivateBucket, key: EncryptionKey) -> WorkloadScope:
    return WorkloadScope(
        account_id=place.account_id,
        region=place.region,
        bucket_arn=bucket.arn,
        key_arn=key.arn,
        role_prefix=place.label,
        team=place.settings.team,
    )


def _roles(
    place: EnvironmentPlace,
    bucket: PrivateBucket,
    key: EncryptionKey,
    boundary: PermissionsBoundary,
    opts: pulumi.ResourceOptions,
) -> BaselineRoles:
    args = BaselineRolesArgs(
        starts_spark=place.settings.emr is not None,
        calls_data_api=place.settings.data_api is not None,
        tracked_in=place.studio_bucket_arn if place.settings.tracks_runs else None,
        environment=place.settings.environment,
        scope=_scope(place, bucket, key),
        boundary_arn=boundary.arn,
    )
    return BaselineRoles("roles", args, opts)
