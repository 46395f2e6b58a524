"""An environment of a team. This module builds all four; they differ only in their settings (ACC-06)."""

from __future__ import annotations

from functools import partial

import pulumi

from components.identity.releases.release_role import RELEASE_ACTIONS, RELEASE_SERVICE
from components.identity.workloads.api_permissions import API_ACTIONS
from components.identity.workloads.baseline_roles import BaselineRoles, BaselineRolesArgs
from components.identity.workloads.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.identity.workloads.spark_permissions import SPARK_ACTIONS, SPARK_SERVICE
from components.identity.workloads.workload_permissions import WorkloadScope
from components.integration.glue_callback_permissions import GLUE_STEP_ACTIONS
from components.integration.intake_permissions import INTAKE_ACTIONS
from components.integration.spark_application import SparkApplication, SparkApplicationArgs
from components.monitoring.alarm_topic import alarms_use_the_key
from components.monitoring.models_dashboard import ModelsDashboard, ModelsDashboardArgs
from components.monitoring.observability.source_account import SourceAccount, SourceAccountArgs
from components.network.internet_egress import InternetEgress, InternetEgressArgs
from components.network.private_endpoints import PrivateEndpoints
from components.network.private_network import PrivateNetwork
from components.network.workload_security_group import WorkloadSecurityGroup, WorkloadSecurityGroupArgs
from components.security.encryption_key import (
    EncryptionKey,
    EncryptionKeyArgs,
    events_use_the_key,
    firewalls_use_the_key,
    log_deliveries_read_with_the_key,
    roles_use_the_key,
)
from components.serving.account.serving_account import ServingAccount, ServingAccountArgs
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
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import RELEASED_TO
from settings.types.naming import named
from stacks.environment.context import EnvironmentContext
from stacks.shared.account_setup import set_up_account
from stacks.shared.connections import Connections
from stacks.shared.exports import export
from stacks.shared.outputs import EnvironmentOutputs
from stacks.shared.people import create_people_roles
from stacks.shared.providers.accounts import account_provider

KEY_SERVICES = (
    "dynamodb", "ec2", "ecr", "elasticfilesystem", "s3", "sagemaker", "secretsmanager", "sns", "sqs", "states",
)  # fmt: skip
"""Services that use the environment's key on behalf of its principals. CloudWatch Logs uses it as itself."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the environment in its account."""
    context = EnvironmentContext.of(stack, foundation)
    connections = Connections.of(
        stack,
        foundation,
        account=context.account,
        private_network=context.network,
        perimeter=context.perimeter,
        audit=context.audit,
    )
    provider = account_provider(foundation, stack, context.account, context.account_id)
    opts = pulumi.ResourceOptions(provider=provider)

    history = context.audit.configuration_bucket_name
    set_up_account(foundation, context, history, opts, internet_egress=context.settings.internet_access)
    key = _key(context, opts)
    boundary = _boundary(context, opts)
    logs = _access_logs(context, opts)
    bucket = _bucket(context, key, logs, opts)
    network = PrivateNetwork("network", context.network, opts)
    connections.create_flow_logs(network, opts)
    if context.settings.internet_access:
        _internet(context, network, key, opts)
    services = endpoint_services_of(context.settings, packages=context.installs_packages, code=context.pushes_code)
    private = {} if context.tracking_service is None else {"mlflow": context.tracking_service}
    endpoints = connections.create_endpoints(network, services, opts, private_services=private)
    jobs, apps = _security_groups(context, connections, network, endpoints, opts)
    roles = _roles(context, bucket, key, boundary, opts)
    if context.kind in RELEASED_TO and context.has_account_to_itself:
        _serving(context, boundary, opts)
    spark = _spark(context, bucket, key, boundary, network, jobs, opts)
    create_people_roles(
        foundation,
        context.settings.environment,
        context.label,
        context.organization.organization_id,
        opts,
        team=context.team.name,
    )

    export(
        EnvironmentOutputs,
        account_id=context.account_id,
        region=context.region,
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


def _serving(context: EnvironmentContext, boundary: PermissionsBoundary, opts: pulumi.ResourceOptions) -> None:
    """Creates what releases need of their account, the dashboard of all models that it serves, and the link that shares
    their metrics. Environments in the account of another kind release no APIs."""
    args = ServingAccountArgs(
        label=context.label, account_id=context.account_id, region=context.region, boundary_arn=boundary.arn
    )
    ServingAccount("serving", args, opts)
    shown = ModelsDashboardArgs(
        dashboard_name=f"{context.label}-models",
        region=context.region,
        environment=context.kind,
    )
    ModelsDashboard("serving-dashboard", shown, opts)
    if context.sink_arn is not None:
        SourceAccount("observability", SourceAccountArgs(sink_arn=context.sink_arn), opts)


def _key(context: EnvironmentContext, opts: pulumi.ResourceOptions) -> EncryptionKey:
    # The firewall of internet egress uses the key. The key admits it also without internet access, because turning that
    # off changes the key before it deletes the firewall.
    experiments = context.kind == "experimentation"
    args = EncryptionKeyArgs(
        alias=context.path,
        description=f"Everything that {context.label} keeps",
        account_id=context.account_id,
        region=context.region,
        services=(*KEY_SERVICES, "network-firewall") if experiments else KEY_SERVICES,
        deletion_days=context.settings.key_deletion_days,
        deliveries=[
            events_use_the_key(context.account_id),
            log_deliveries_read_with_the_key(context.account_id, context.region),
            roles_use_the_key(context.account_id, _service_roles(context)),
            alarms_use_the_key(context.account_id, context.region),
            *([firewalls_use_the_key(context.account_id, context.region)] if experiments else []),
            *(context.pushers.key_statements(context.ml_bucket_name) if context.pushers else []),
        ],
    )
    return EncryptionKey("key", args, opts)


def _service_roles(context: EnvironmentContext) -> list[str]:
    """Returns the roles with which Step Functions and Glue call KMS."""
    steps = context.settings.glue_steps
    machines = [STATE_MACHINE_ROLE_SUFFIX] if steps else []
    return [f"{context.label}-{suffix}" for suffix in (INTAKE, *machines, *map(job_role_suffix, sorted(steps)))]


def _boundary(context: EnvironmentContext, opts: pulumi.ResourceOptions) -> PermissionsBoundary:
    spark, released = context.settings.emr is not None, context.kind in RELEASED_TO
    args = PermissionsBoundaryArgs(
        policy_name=named("policy", context.label, "boundary"),
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        resource_account_ids=context.resource_account_ids,
        region=context.region,
        additional_actions=(
            *INTAKE_ACTIONS,
            *(GLUE_STEP_ACTIONS if context.settings.glue_steps else ()),
            *(SPARK_ACTIONS if spark else ()),
            *(API_ACTIONS if context.settings.data_api or released else ()),
            *(RELEASE_ACTIONS if released else ()),
        ),
        installs_packages=context.installs_packages,
        pushes_code=context.pushes_code,
        passed_to_services=("sagemaker", *([SPARK_SERVICE] if spark else []), *([RELEASE_SERVICE] if released else [])),
    )
    return PermissionsBoundary("boundary", args, opts)


def _access_logs(context: EnvironmentContext, opts: pulumi.ResourceOptions) -> AccessLogBucket:
    """Creates the bucket for access logs. It is deleted with the environment."""
    args = AccessLogBucketArgs(
        bucket_name=context.bucket_name("logs"),
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        retention_days=context.settings.log_retention_days,
        durable=False,
    )
    return AccessLogBucket("access-logs", args, opts)


def _bucket(
    context: EnvironmentContext, key: EncryptionKey, logs: AccessLogBucket, opts: pulumi.ResourceOptions
) -> PrivateBucket:
    """Creates the ML bucket. It is deleted with the environment."""
    environment = context.settings.environment
    retention = {name: use_case.retention for name, use_case in context.team.use_cases.items()}
    use = MlBucketUsers(
        environment=environment,
        label=context.label,
        team=context.team.name,
        account_id=context.account_id,
        use_cases=list(retention),
        pushers=context.pushers,
    )
    return PrivateBucket(
        "ml",
        PrivateBucketArgs(
            bucket_name=context.ml_bucket_name,
            key_arn=key.arn,
            organization_id=context.organization.organization_id,
            log_bucket_name=logs.bucket_name,
            noncurrent_retention_days=context.settings.noncurrent_retention_days,
            expirations=expirations(environment, context.settings.retention, retention),
            statements=partial(access, use=use),
            durable=False,
            sends_events=environment in RELEASED_TO and context.team.predicts_in_batches,
        ),
        opts,
    )


def _security_groups(
    context: EnvironmentContext,
    connections: Connections,
    network: PrivateNetwork,
    endpoints: PrivateEndpoints,
    opts: pulumi.ResourceOptions,
) -> tuple[WorkloadSecurityGroup, AppSecurityGroup | None]:
    """Creates the security groups of jobs and, if the environment has a Studio, of its apps.

    Both allow traffic to VPC endpoints, and to the internet if experimentation has internet access. Apps are not
    members of the jobs' group.
    """
    settings = context.settings
    connections.restrict_dns(network, opts, further=settings.allowed_domains if settings.internet_access else ())
    endpoints_cidr = None if connections.shared_endpoints is None else connections.endpoints_cidr
    workloads = WorkloadSecurityGroupArgs(
        label=context.label,
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
        label=context.label,
        vpc_id=network.vpc_id,
        endpoint_security_group_id=endpoints.security_group_id,
        endpoints_cidr=endpoints_cidr,
        gateway_prefix_list_ids=endpoints.prefix_list_ids,
        internet=settings.internet_access,
    )
    return jobs, AppSecurityGroup("studio-apps", apps, opts)


def _internet(
    context: EnvironmentContext, network: PrivateNetwork, key: EncryptionKey, opts: pulumi.ResourceOptions
) -> None:
    args = InternetEgressArgs(
        label=context.label,
        vpc_id=network.vpc_id,
        public_subnet=context.egress.public,
        firewall_subnet=context.egress.firewall,
        private_cidrs=[subnet.cidr for subnet in context.network.subnets],
        private_route_table_id=network.route_table_id,
        allowed_domains=context.settings.allowed_domains,
        log_bucket_name=context.audit.log_bucket_name,
        key_arn=key.arn,
    )
    InternetEgress("internet", args, opts)


def _spark(
    context: EnvironmentContext,
    bucket: PrivateBucket,
    key: EncryptionKey,
    boundary: PermissionsBoundary,
    network: PrivateNetwork,
    jobs: WorkloadSecurityGroup,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str] | None:
    """Creates the Spark application. Results go to people's shared folder in experimentation, else to the ML bucket."""
    emr = context.settings.emr
    if emr is None:
        return None
    by_people = context.kind == "experimentation" and context.settings.has_studio
    written = (
        pulumi.Output.concat(context.studio_bucket_arn, f"/{SHARED}*") if by_people else bucket.arn.apply(_objects_of)
    )
    args = SparkApplicationArgs(
        application_name=context.label,
        release=emr.release,
        scope=_scope(context, bucket, key),
        writes=[written],
        subnet_ids=network.subnet_ids,
        security_group_id=jobs.security_group_id,
        boundary_arn=boundary.arn,
        log_retention_days=context.settings.log_retention_days,
        max_vcpus=emr.max_vcpus,
        max_memory_gb=emr.max_memory_gb,
        max_disk_gb=emr.max_disk_gb,
        idle_timeout_minutes=emr.idle_timeout_minutes,
    )
    return SparkApplication("spark", args, opts).application_id


def _objects_of(bucket_arn: str) -> str:
    return f"{bucket_arn}/*"


def _scope(context: EnvironmentContext, bucket: PrivateBucket, key: EncryptionKey) -> WorkloadScope:
    return WorkloadScope(
        account_id=context.account_id,
        region=context.region,
        bucket_arn=bucket.arn,
        key_arn=key.arn,
        role_prefix=context.label,
        team=context.settings.team,
    )


def _roles(
    context: EnvironmentContext,
    bucket: PrivateBucket,
    key: EncryptionKey,
    boundary: PermissionsBoundary,
    opts: pulumi.ResourceOptions,
) -> BaselineRoles:
    args = BaselineRolesArgs(
        starts_spark=context.settings.emr is not None,
        calls_data_api=context.settings.data_api is not None,
        tracked_in=context.studio_bucket_arn if context.settings.tracks_runs else None,
        environment=context.settings.environment,
        scope=_scope(context, bucket, key),
        boundary_arn=boundary.arn,
    )
    return BaselineRoles("roles", args, opts)
