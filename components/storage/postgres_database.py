"""A private PostgreSQL database in RDS, which its clients enter with their IAM role over TLS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

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
from settings.types.aws.limits import DATABASE_STORAGE_GIB

ENGINE_VERSION = "18"
"""Major version of PostgreSQL. RDS installs minor versions in the maintenance window."""
_SUFFIX = 8
"""Characters that the name of a restored instance has in addition, with a hyphen."""
EXPORTED_LOGS = ("postgresql", "upgrade")
"""Logs that RDS for PostgreSQL delivers to CloudWatch Logs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresDatabaseArgs(DatabaseArgs):
    """Arguments of :class:`PostgresDatabase`."""

    instance_class: str
    """Instance class (``db.t4g.medium``)."""

    storage_gib: int
    """Storage in GiB, 20 to 65,536 (an RDS limit for gp3)."""

    snapshot: str | None = None
    """Name of a DB snapshot of the account, from which the database is created. Default: it is created empty."""

    @property
    def instance_identifier(self) -> str:
        """Name of the DB instance. One from a snapshot has another name, because it is created beside the first."""
        if self.snapshot is None:
            return self.identifier
        return f"{self.identifier}-{sha256(self.snapshot.encode()).hexdigest()[:_SUFFIX]}"

    def __post_init__(self) -> None:
        self.require_recovery()
        require_within("storage_gib", self.storage_gib, DATABASE_STORAGE_GIB)


class PostgresDatabase(pulumi.ComponentResource):
    """A database in two zones, without a password in any state: RDS creates, keeps and rotates the one of the master
    user, and all other users sign in with tokens of IAM.

    Creates: the security group with one rule, the port of PostgreSQL for the clients' group; the subnet group; the
    parameter group, which refuses connections without TLS; one encrypted log group for each exported log, before the
    instance, because RDS would create it without key and retention; the DB instance.

    A snapshot replaces the instance: the new one is created beside the old one, what uses the database changes over,
    and the old one is deleted with a last snapshot. The instance is protected, so the engine refuses this until
    somebody lifts the protection. The user, the tables and the key are those of the snapshot, and RDS creates another
    password. Keep the snapshot set afterwards, because the name of the instance depends on it.

    Outputs: ``arn``, ``address``, ``port``, ``resource_id``, ``secret_arn``.

    Raises: ValueError when subnets, storage or backups do not suffice.

    Cost: two instances of the class, because each zone has one, twice the storage, and backups beyond the size of the
    storage.

    Example::

        PostgresDatabase("database", PostgresDatabaseArgs(
            identifier="plinth-mlflow", database="mlflow", instance_class="db.t4g.medium", storage_gib=20,
            backup_days=14, log_retention_days=365, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            client_security_group_id=cluster.security_group_id, key_arn=key.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the DB instance."""
    address: pulumi.Output[str]
    """Host name of the database."""
    port: pulumi.Output[int]
    """Port of the database."""
    resource_id: pulumi.Output[str]
    """Id of the DB instance in permissions to connect (``db-…``)."""
    secret_arn: pulumi.Output[str]
    """ARN of the secret of Secrets Manager with the password of the master user."""

    def __init__(self, name: str, args: PostgresDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:storage:PostgresDatabase", name, None, opts)
        self._name, self._args = name, args
        instance = self._instance(
            groups=[create_security_group(self, name, args).id],
            subnets=create_subnet_group(self, name, args),
            parameters=self._parameters(),
            logs=create_log_groups(self, name, args, f"/aws/rds/instance/{args.instance_identifier}", EXPORTED_LOGS),
        )
        self.arn, self.address, self.port = instance.arn, instance.address, instance.port
        self.resource_id = instance.resource_id
        self.secret_arn = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
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
        group = aws.rds.ParameterGroup(
            f"{self._name}-parameters",
            name=f"{self._args.identifier}-{ENGINE_VERSION}",
            description="TLS for every connection",
            family=f"postgres{ENGINE_VERSION}",
            parameters=[aws.rds.ParameterGroupParameterArgs(name=FORCED_TLS, value="1")],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.name

    def _instance(
        self,
        *,
        groups: Sequence[pulumi.Input[str]],
        subnets: pulumi.Output[str],
        parameters: pulumi.Output[str],
        logs: Sequence[pulumi.Resource],
    ) -> aws.rds.Instance:
        args = self._args
        return aws.rds.Instance(
            self._name,
            identifier=args.instance_identifier,
            snapshot_identifier=args.snapshot,
            engine="postgres",
            engine_version=ENGINE_VERSION,
            auto_minor_version_upgrade=True,
            instance_class=args.instance_class,
            allocated_storage=args.storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            multi_az=True,
            db_name=args.database,
            username=MASTER_USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            ca_cert_identifier=AUTHORITY,
            db_subnet_group_name=subnets,
            vpc_security_group_ids=list(groups),
            publicly_accessible=False,
            parameter_group_name=parameters,
            backup_retention_period=args.backup_days,
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=True,
            final_snapshot_identifier=f"{args.instance_identifier}-final",
            skip_final_snapshot=False,
            enabled_cloudwatch_logs_exports=list(EXPORTED_LOGS),
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=list(logs)),
        )
