"""Serverless Spark: an EMR Serverless application in the environment's network."""

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
from components.ranges import require_within
from settings.types.aws.limits import SPARK_IDLE_MINUTES

SPARK_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        # Jobs read only the columns that are granted to their role.
        "spark.emr-serverless.lakeformation.enabled": "true",
        # Traffic between workers, and data spilled to their disks.
        "spark.authenticate": "true",
        "spark.io.encryption.enabled": "true",
        "spark.network.crypto.enabled": "true",
    }
)
"""Spark properties of jobs that do not override them (Spark, "Security"; EMR Serverless User Guide, "Using Lake
Formation")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SparkApplicationArgs:
    """Arguments of :class:`SparkApplication`."""

    application_name: str
    """Name of the application in the account, up to 64 characters (an EMR limit)."""

    release: str
    """Release of EMR: ``emr-7.12.0``."""

    scope: WorkloadScope
    """Data and key of the environment."""

    writes: Sequence[pulumi.Input[str]]
    """ARNs of the only objects that jobs may write."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the environment's private subnets. Each worker uses an address."""

    security_group_id: pulumi.Input[str]
    """Id of the security group of the environment's jobs."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    log_retention_days: int
    """Days that the logs of jobs are kept."""

    max_vcpus: int
    """Maximum vCPUs of all jobs together."""

    max_memory_gb: int
    """Maximum memory of all jobs together, in GB."""

    max_disk_gb: int
    """Maximum disk space of all jobs together, in GB."""

    idle_timeout_minutes: int
    """Minutes without a job after which the application stops, 1 to 10,080 (EMR limits)."""

    def __post_init__(self) -> None:
        require_within("idle_timeout_minutes", self.idle_timeout_minutes, SPARK_IDLE_MINUTES)


class SparkApplication(pulumi.ComponentResource):
    """Spark in private subnets, limited in size and stopped when idle. Its jobs share one role and one encrypted log
    group.

    Worker disks are encrypted with a key of EMR unless a job names the environment's. Data that Spark spills to disk is
    also encrypted by Spark.

    Creates: the application; the role of its jobs, with a permissions boundary; their log group.

    Outputs: ``application_id``, ``role_arn``.

    Raises: ValueError when the idle timeout is outside EMR's limits.

    Cost: by the second for the jobs' vCPUs, memory, and disk space above 20 GB per worker; nothing while stopped.

    Example::

        SparkApplication("spark", SparkApplicationArgs(
            application_name="fraud-development", release="emr-7.12.0", scope=scope, writes=[f"{bucket_arn}/*"],
            subnet_ids=network.subnet_ids, security_group_id=jobs.security_group_id, boundary_arn=boundary.arn,
            log_retention_days=365, max_vcpus=32, max_memory_gb=128, max_disk_gb=500, idle_timeout_minutes=15,
        ))
    """

    application_id: pulumi.Output[str]
    """Id of the application on which jobs are started."""
    role_arn: pulumi.Output[str]
    """ARN of the role of the jobs."""

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
    """Sends logs to the encrypted log group only, and not to storage managed by EMR."""
    return aws.emrserverless.ApplicationMonitoringConfigurationArgs(
        cloudwatch_logging_configuration=aws.emrserverless.ApplicationMonitoringConfigurationCloudwatchLoggingConfigurationArgs(
            enabled=True, log_group_name=logs.name
        ),
        managed_persistence_monitoring_configuration=aws.emrserverless.ApplicationMonitoringConfigurationManagedPersistenceMonitoringConfigurationArgs(
            enabled=False
        ),
    )
