"""The copy of the log archive in a second region, locked like the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from components.audit.log_archive import LogArchive, LogArchiveArgs
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveReplicaArgs:
    """Arguments of :class:`ArchiveReplica`."""

    bucket_name: pulumi.Input[str]
    """Name of the copy in the account-regional namespace of the second region."""

    log_bucket_name: pulumi.Input[str]
    """Name of the bucket for the access logs of the copy. S3 requires it to be in the same region."""

    key_alias: str
    """Alias of the copy's key without the ``alias/`` prefix."""

    account_id: pulumi.Input[str]
    """Id of the audit account."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization, whose principals alone may have access (``o-…``)."""

    region: str
    """Second region. The provider in the options must be of the same region."""

    retention_days: int
    """Days for which logs are kept and cannot be deleted, at least 365. The copy of a log has the retention of the log;
    this one applies to copies of the configuration history, which has none."""

    replication_role: pulumi.Input[str]
    """ARN of the role with which S3 copies. Nobody else writes."""

    object_lock: Literal["governance", "compliance"] = "governance"
    """Object lock mode, as in the archive."""

    deployment_roles: Sequence[str] = ()
    """ARN patterns of the roles that may change the settings of the copy."""

    break_glass_roles: Sequence[str] = ()
    """ARN patterns of the roles that may remove the lock and delete logs, in governance mode only."""


class ArchiveReplica(pulumi.ComponentResource):
    """A bucket to which only replication writes, and whose objects cannot be deleted during their retention.

    A bucket with Object Lock can be replicated only to another one with Object Lock (S3 User Guide, "Object Lock
    considerations", read 2026-11-22).

    Creates: a KMS key, an access log bucket, and the bucket with object lock. All are protected, and key and bucket are
    kept when their stack is destroyed.

    Outputs: ``bucket_name``, ``key_arn``.

    Raises: ValueError when the retention is shorter than a year.

    Cost: 1 USD a month for the key; S3 storage of all logs for their retention; requests, and transfer between regions
    per GB.

    Example::

        ArchiveReplica("replica", ArchiveReplicaArgs(
            bucket_name=name, log_bucket_name=log_name, key_alias="plinth/audit-replica", account_id="111111111111",
            organization_id="o-acme", region="eu-central-1", retention_days=2557, replication_role=role_arn,
        ), pulumi.ResourceOptions(provider=second))
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once it accepts replicas."""
    key_arn: pulumi.Output[str]
    """ARN of the bucket's key."""

    def __init__(self, name: str, args: ArchiveReplicaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:ArchiveReplica", name, None, opts)
        self._name, self._args = name, args
        key = self._key()
        self.key_arn = key.arn
        self.bucket_name = self._archive(key, self._access_logs()).bucket_name
        self.register_outputs({"bucket_name": self.bucket_name, "key_arn": self.key_arn})

    def _key(self) -> EncryptionKey:
        args = EncryptionKeyArgs(
            alias=self._args.key_alias,
            description="Copies of the logs of every account",
            account_id=self._args.account_id,
            region=self._args.region,
            services=["s3"],
            durable=True,
        )
        return EncryptionKey(f"{self._name}-key", args, pulumi.ResourceOptions(parent=self))

    def _access_logs(self) -> AccessLogBucket:
        args = AccessLogBucketArgs(
            bucket_name=self._args.log_bucket_name,
            account_id=self._args.account_id,
            organization_id=self._args.organization_id,
            retention_days=self._args.retention_days,
        )
        return AccessLogBucket(f"{self._name}-access-logs", args, pulumi.ResourceOptions(parent=self))

    def _archive(self, key: EncryptionKey, logs: AccessLogBucket) -> LogArchive:
        args = LogArchiveArgs(
            bucket_name=self._args.bucket_name,
            key_arn=key.arn,
            organization_id=self._args.organization_id,
            log_bucket_name=logs.bucket_name,
            retention_days=self._args.retention_days,
            object_lock=self._args.object_lock,
            deployment_roles=self._args.deployment_roles,
            break_glass_roles=self._args.break_glass_roles,
            replication_role=self._args.replication_role,
        )
        return LogArchive(f"{self._name}-archive", args, pulumi.ResourceOptions(parent=self))
