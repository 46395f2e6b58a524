"""Spark without machines to look after: an application of EMR Serverless in the environment's network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.spark_permissions import SPARK_ROLE, SPARK_SERVICE, spark_job
from components.identity.workloads.workload_permissions import WorkloadScope

SPARK_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        # Only what a job's role is granted is read, column by column.
        "spark.emr-serverless.lakeformation.enabled": "true",
        # Between workers, and whatever they spill to their disks.
        "spark.authenticate": "true",
        "spark.io.encryption.enabled": "true",
        "spark.network.crypto.enabled": "true",
    }
)
"""Of every job that says nothing else (Spark, "Security"; EMR Serverless User Guide, "Using Lake Formation")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SparkApplicationArgs:
    """Arguments of :class:`SparkApplication`."""

    application_name: str
    """Name in the account, up to 64 characters (an EMR limit)."""

    release: str
    """Release of EMR, ``emr-7.12.0``."""

    scope: WorkloadScope
    """The environment's things: its data, and the key."""

    writes: Sequence[pulumi.Input[str]]
    """ARNs of objects that jobs may write, and no others."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets of the environment; a worker takes an address."""

    security_group_id: pulumi.Input[str]
    """Group of the environment's jobs."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""

    log_retention_days: int
    """Days that logs of jobs stay."""

    max_vcpus: int = 32
    """vCPUs of all jobs together."""

    max_memory_gb: int = 128
    """GB of memory of all jobs together."""

    max_disk_gb: int = 500
    """GB of disk of all jobs together."""

    idle_timeout_minutes: int = 15
    """Minutes without a job after which nothing is kept ready, 1 to 10,080 (EMR limits)."""

    def __post_init__(self) -> None:
        if not 1 <= self.idle_timeout_minutes <= 10_080:
            raise ValueError(f"idle_timeout_minutes: {self.idle_timeout_minutes} is out of range (1 to 10,080)")


class SparkApplication(pulumi.ComponentResource):
    """Spark in private subnets, bounded in size, off when idle; its jobs act with one role and log under one key.

    Disks of workers are under EMR's key unless a job names the environment's; what Spark spills to them is encrypted
    by Spark besides.

    Creates: the application; the role of its jobs, bounded; their log group.

    Args: see :class:`SparkApplicationArgs`.

    Outputs: ``application_id``, ``role_arn``.

    Raises: ValueError when the idle time is outside EMR's limits.

    Cost: by the second of what jobs use: vCPUs, memory, and disk above 20 GB a worker; nothing while it is stopped.

    Example::

        SparkApplication("spark", SparkApplicationArgs(
            application_name="fraud-development", release="emr-7.12.0", scope=scope, writes=[f"{bucket_arn}/*"],
            subnet_ids=network.subnet_ids, security_group_id=jobs.security_group_id, boundary_arn=boundary.arn,
            log_retention_days=365,
        ))
    """

    application_id: pulumi.Output[str]
    """What jobs are started on."""
    role_arn: pulumi.Output[str]
    """What they act with."""

    def __init__(self, name: str, args: SparkApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:SparkApplication", name, None, opts)
        self._name, self._args = name, args
        logs = self._logs()
        role = self._role(logs)
        application = self._application(logs)
        self.application_id, self.role_arn = application.id, role.arn
        self.register_outputs({"application_id": self.application_id, "role_arn": self.role_arn})

    def _logs(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=f"/plinth/{self._args.application_name}/spark",
            kms_key_id=self._args.scope.key_arn,
            retention_in_days=self._args.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role(self, logs: aws.cloudwatch.LogGroup) -> BoundedRole:
        scope = self._args.scope
        return BoundedRole(
            f"{self._name}-role",
            BoundedRoleArgs(
                role_name=f"{scope.role_prefix}-{SPARK_ROLE}",
                description=f"Spark jobs of {scope.role_prefix}",
                trust=service_trust(SPARK_SERVICE, account_id=scope.account_id),
                permissions=spark_job(scope, writes=self._args.writes, log_group_arn=logs.arn),
                boundary_arn=self._args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _application(self, logs: aws.cloudwatch.LogGroup) -> aws.emrserverless.Application:
        args = self._args
        return aws.emrserverless.Application(
            self._name,
            name=args.application_name,
            release_label=args.release,
            type="spark",
            architecture="X86_64",
            auto_start_configuration=aws.emrserverless.ApplicationAutoStartConfigurationArgs(enabled=True),
            auto_stop_configuration=aws.emrserverless.ApplicationAutoStopConfigurationArgs(
                enabled=True, idle_timeout_minutes=args.idle_timeout_minutes
            ),
            maximum_capacity=aws.emrserverless.ApplicationMaximumCapacityArgs(
                cpu=f"{args.max_vcpus} vCPU", memory=f"{args.max_memory_gb} GB", disk=f"{args.max_disk_gb} GB"
            ),
            network_configuration=aws.emrserverless.ApplicationNetworkConfigurationArgs(
                subnet_ids=list(args.subnet_ids), security_group_ids=[args.security_group_id]
            ),
            monitoring_configuration=_monitoring(logs),
            runtime_configurations=[
                aws.emrserverless.ApplicationRuntimeConfigurationArgs(
                    classification="spark-defaults", properties=dict(SPARK_DEFAULTS)
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _monitoring(logs: aws.cloudwatch.LogGroup) -> aws.emrserverless.ApplicationMonitoringConfigurationArgs:
    """Logs are in the group, which the environment's key encrypts, and nowhere at EMR's."""
    return aws.emrserverless.ApplicationMonitoringConfigurationArgs(
        cloudwatch_logging_configuration=aws.emrserverless.ApplicationMonitoringConfigurationCloudwatchLoggingConfigurationArgs(
            enabled=True, log_group_name=logs.name
        ),
        managed_persistence_monitoring_configuration=aws.emrserverless.ApplicationMonitoringConfigurationManagedPersistenceMonitoringConfigurationArgs(
            enabled=False
        ),
    )
