"""A private PostgreSQL database of Aurora that pauses while nobody is connected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ranges import require_within
from components.storage.database_parts import (
    AUTHORITY,
    FORCED_TLS,
    MASTER_USER,
    DatabaseArgs,
    create_log_groups,
    create_security_group,
    create_subnet_group,
)
from settings.types.aws.limits import DATABASE_PAUSE_MINUTES

ENGINE = "aurora-postgresql"
ENGINE_VERSION = "16"
"""Major version of Aurora PostgreSQL, which pauses since 16.3 (Aurora User Guide, "Scaling to Zero ACUs with automatic
pause and resume for Aurora Serverless v2"). Aurora installs minor versions in the maintenance window."""
EXPORTED_LOGS = ("postgresql",)
"""Logs that Aurora PostgreSQL delivers to CloudWatch Logs."""
LARGEST_CAPACITY = 256
"""Largest capacity of Aurora Serverless v2 in ACUs (RDS API, ServerlessV2ScalingConfiguration)."""
_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerlessDatabaseArgs(DatabaseArgs):
    """Arguments of :class:`ServerlessDatabase`."""

    max_capacity: int
    """Largest capacity in ACUs of about 2 GiB of memory, 1 to 256 (an Aurora limit). The smallest one is 0."""

    pause_minutes: int
    """Minutes without a connection after which the database pauses, 5 to 1,440 (an Aurora limit)."""

    def __post_init__(self) -> None:
        self.require_recovery()
        require_within("max_capacity", self.max_capacity, (1, LARGEST_CAPACITY))
        require_within("pause_minutes", self.pause_minutes, DATABASE_PAUSE_MINUTES)


class ServerlessDatabase(pulumi.ComponentResource):
    """A cluster of Aurora PostgreSQL with one instance, whose capacity is zero while nobody is connected.

    The first connection after a pause waits about 15 seconds, and longer after a pause of more than a day. Aurora keeps
    six copies of the data in three zones and replaces an instance that fails. As in
    :class:`~components.storage.postgres_database.PostgresDatabase`, no password is in a state: RDS creates, keeps and
    rotates that of the master user, and others sign in with tokens of IAM.

    Creates: the security group with one rule, the port of PostgreSQL for the clients' group; the subnet group; the
    parameter group, which refuses connections without TLS; the encrypted log group; the cluster, which is protected;
    its instance.

    Outputs: ``arn``, ``address``, ``port``, ``resource_id``, ``secret_arn``.

    Raises: ValueError when subnets or backups do not suffice, or the capacity or the pause is out of range.

    Cost: the storage and the secret while it pauses; from 0.5 ACUs on while somebody is connected and until it pauses,
    by the second.

    Example::

        ServerlessDatabase("workflows", ServerlessDatabaseArgs(
            identifier="plinth-workflows", database="workflows", max_capacity=1, pause_minutes=5, backup_days=14,
            log_retention_days=365, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            client_security_group_id=builds.security_group_id, key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the cluster."""
    address: pulumi.Output[str]
    """Host name of the database; known once an instance answers."""
    port: pulumi.Output[int]
    """Port of the database."""
    resource_id: pulumi.Output[str]
    """Id of the cluster in permissions to connect (``cluster-…``)."""
    secret_arn: pulumi.Output[str]
    """ARN of the secret of Secrets Manager with the name and the password of the master user."""

    def __init__(self, name: str, args: ServerlessDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:storage:ServerlessDatabase", name, None, opts)
        self._name, self._args = name, args
        cluster = self._cluster(
            groups=[create_security_group(self, name, args).id],
            subnets=create_subnet_group(self, name, args),
            parameters=self._parameters(),
            logs=create_log_groups(self, name, args, f"/aws/rds/cluster/{args.identifier}", EXPORTED_LOGS),
        )
        instance = self._instance(cluster)
        self.arn, self.port, self.resource_id = cluster.arn, cluster.port, cluster.cluster_resource_id
        self.address = pulumi.Output.all(cluster.endpoint, instance.id).apply(lambda known: str(known[0]))
        self.secret_arn = cluster.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
        self.register_outputs(
            {
                "arn": self.arn,
                "address": self.address,
                "port": self.port,
                "resource_id": self.resource_id,
                "secret_arn": self.secret_arn,
            }
        )

    def _parameters(self) -> pulumi.Output[str]:
        group = aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            name=f"{self._args.identifier}-{ENGINE_VERSION}",
            description="TLS for every connection",
            family=f"{ENGINE}{ENGINE_VERSION}",
            parameters=[aws.rds.ClusterParameterGroupParameterArgs(name=FORCED_TLS, value="1")],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.name

    def _cluster(
        self,
        *,
        groups: Sequence[pulumi.Input[str]],
        subnets: pulumi.Output[str],
        parameters: pulumi.Output[str],
        logs: Sequence[pulumi.Resource],
    ) -> aws.rds.Cluster:
        args = self._args
        return aws.rds.Cluster(
            self._name,
            cluster_identifier=args.identifier,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            serverlessv2_scaling_configuration=aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
                min_capacity=0,
                max_capacity=args.max_capacity,
                seconds_until_auto_pause=args.pause_minutes * _SECONDS,
            ),
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            database_name=args.database,
            master_username=MASTER_USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnets,
            vpc_security_group_ids=list(groups),
            db_cluster_parameter_group_name=parameters,
            backup_retention_period=args.backup_days,
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=True,
            final_snapshot_identifier=f"{args.identifier}-final",
            skip_final_snapshot=False,
            enabled_cloudwatch_logs_exports=list(EXPORTED_LOGS),
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=list(logs)),
        )

    def _instance(self, cluster: aws.rds.Cluster) -> aws.rds.ClusterInstance:
        """Creates the instance, which has no data: Aurora can replace it at any time."""
        return aws.rds.ClusterInstance(
            f"{self._name}-instance",
            identifier=f"{self._args.identifier}-1",
            cluster_identifier=cluster.id,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            instance_class="db.serverless",
            publicly_accessible=False,
            ca_cert_identifier=AUTHORITY,
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
