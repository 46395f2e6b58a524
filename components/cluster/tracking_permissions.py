"""AWS permissions of the pods of a tracking server: to connect to the database as one user, and to keep artifacts."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement, through

SERVER, PREPARER = "mlflow", "prepare"
"""Service accounts of the pods that serve, and of the Job that prepares the database."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackingStores:
    """Where a tracking server keeps its records: its database and its bucket."""

    database_address: pulumi.Input[str]
    """Host name of the database."""
    database_port: pulumi.Input[int]
    """Port of the database."""
    database_resource_id: pulumi.Input[str]
    """Id of the DB instance in permissions to connect (``db-…``)."""
    secret_arn: pulumi.Input[str]
    """ARN of the secret with the password of the database's master user."""
    bucket_name: pulumi.Input[str]
    """Name of the bucket of artifacts."""
    bucket_arn: pulumi.Input[str]
    """ARN of that bucket."""
    key_arn: pulumi.Input[str]
    """ARN of the key that encrypts database, secret and bucket."""


def server_may(stores: TrackingStores, region: str, account_id: pulumi.Input[str], user: str) -> list[Statement]:
    """Builds the permissions of the server: to enter the database as its user, and to keep artifacts."""
    return [
        _connect(stores, region, account_id, user),
        Statement(sid="ListArtifacts", actions=["s3:ListBucket"], resources=[stores.bucket_arn]),
        Statement(
            sid="KeepArtifacts",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(stores.bucket_arn, "/*")],
        ),
        _use_key(stores, region, "s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]


def preparer_may(stores: TrackingStores, region: str, account_id: pulumi.Input[str], user: str) -> list[Statement]:
    """Builds the permissions of the Job: to read the master user's password, and to enter as the server's user."""
    return [
        _connect(stores, region, account_id, user),
        Statement(sid="ReadTheMasterUser", actions=["secretsmanager:GetSecretValue"], resources=[stores.secret_arn]),
        _use_key(stores, region, "secretsmanager", ["kms:Decrypt"]),
    ]


def _connect(stores: TrackingStores, region: str, account_id: pulumi.Input[str], user: str) -> Statement:
    """Allows signing in to one database as one user (RDS User Guide, "Creating and using an IAM policy for IAM database
    access")."""
    resource = pulumi.Output.concat(
        f"arn:aws:rds-db:{region}:", account_id, ":dbuser:", stores.database_resource_id, f"/{user}"
    )
    return Statement(sid="EnterTheDatabase", actions=["rds-db:connect"], resources=[resource])


def _use_key(stores: TrackingStores, region: str, service: str, actions: list[str]) -> Statement:
    return Statement(
        sid=f"UseTheKeyThrough{service.capitalize()}",
        actions=actions,
        resources=[stores.key_arn],
        conditions=through(service, region),
    )
