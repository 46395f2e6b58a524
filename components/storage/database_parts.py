"""Common parts of RDS databases: private subnets, one ingress rule, TLS, encrypted logs and a managed master user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ranges import require_within
from settings.types.aws.limits import DATABASE_BACKUP_DAYS

PORT = 5432
AUTHORITY = "rds-ca-rsa2048-g1"
"""Authority that signs the certificate of the server (RDS User Guide, "Certificate authorities")."""
MASTER_USER = "plinth"
"""Name of the master user, whose password RDS creates, keeps and rotates."""
FORCED_TLS = "rds.force_ssl"
"""Parameter of PostgreSQL in RDS and Aurora that refuses connections without TLS."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseArgs:
    """Arguments of every database."""

    identifier: str
    """Name of the DB instance or cluster, up to 63 lower-case letters, digits and hyphens (an RDS limit)."""

    database: str
    """Name of the first database, up to 63 letters, digits and underscores."""

    backup_days: int
    """Days to keep automated backups, 7 to 35. RDS allows fewer, rule RD-02 does not."""

    log_retention_days: int
    """Days to keep the logs of the server, a period that CloudWatch Logs accepts."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the database."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of subnets without a route to the internet, in at least two zones (an RDS precondition)."""

    client_security_group_id: pulumi.Input[str]
    """Security group whose members alone reach the database."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the storage, the backups, the logs and the master user's secret."""

    def require_recovery(self) -> None:
        """Raises ValueError when the subnets or the backups do not suffice to recover the database."""
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: {self.identifier} needs subnets in at least 2 zones")
        require_within("backup_days", self.backup_days, DATABASE_BACKUP_DAYS)


def create_security_group(parent: pulumi.Resource, name: str, args: DatabaseArgs) -> aws.ec2.SecurityGroup:
    """Creates a security group that admits the group of the clients at the port of PostgreSQL, and nobody else."""
    group = aws.ec2.SecurityGroup(
        f"{name}-group",
        description="Database: PostgreSQL from its clients",
        vpc_id=args.vpc_id,
        tags={"Name": f"{args.identifier}-database"},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-from-clients",
        security_group_id=group.id,
        description="PostgreSQL from its clients",
        ip_protocol="tcp",
        from_port=PORT,
        to_port=PORT,
        referenced_security_group_id=args.client_security_group_id,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group


def create_subnet_group(parent: pulumi.Resource, name: str, args: DatabaseArgs) -> pulumi.Output[str]:
    """Creates the group of the database's subnets, and returns its name."""
    group = aws.rds.SubnetGroup(
        f"{name}-subnets",
        name=args.identifier,
        description="Private subnets of the database",
        subnet_ids=list(args.subnet_ids),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group.name


def create_log_groups(
    parent: pulumi.Resource, name: str, args: DatabaseArgs, prefix: str, logs: Sequence[str]
) -> list[pulumi.Resource]:
    """Creates an encrypted log group for each exported log. ``prefix`` begins the names of the groups to which RDS
    delivers; it would create missing ones without key and retention."""
    return [
        aws.cloudwatch.LogGroup(
            f"{name}-logs-{log}",
            name=f"{prefix}/{log}",
            kms_key_id=args.key_arn,
            retention_in_days=args.log_retention_days,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for log in logs
    ]
