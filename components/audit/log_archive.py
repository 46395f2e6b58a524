"""The bucket that stores the logs of all accounts, protected from the accounts that produce them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.audit.archive_protection import ArchiveProtection
from components.audit.deliveries import Deliveries
from components.identity.iam.statements import policy_document
from components.storage.bucket_parts import block_public_access, encrypt, keep_versions, log_access
from components.storage.bucket_policy import only_over_tls, only_the_organization


@dataclass(frozen=True, kw_only=True, slots=True)
class LogArchiveArgs:
    """Arguments of :class:`LogArchive`."""

    bucket_name: pulumi.Input[str]
    """Name in the account-regional namespace, ``…-<account>-<region>-an`` (S3-11)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the logs. Its key policy must contain ``deliveries.key_statements()``, if
    there are deliveries."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization, whose principals alone may have access (``o-…``)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the account's bucket for access logs in the archive's region, which receives those of the archive."""

    retention_days: int
    """Days for which logs are kept and cannot be deleted, at least 365."""

    deliveries: Deliveries | None = None
    """Organization and trail from which the archive accepts logs. None accepts none, so that only
    ``replication_role`` writes."""

    object_lock: Literal["governance", "compliance"] = "governance"
    """Object lock mode. In ``governance`` mode, break-glass roles can remove the lock. In ``compliance`` mode nobody
    can, not even AWS."""

    deployment_roles: Sequence[str] = ()
    """ARN patterns of the roles that may change the archive's settings. Empty if no dedicated role deploys the account;
    then only alarms protect the settings, because callers cannot be distinguished."""

    break_glass_roles: Sequence[str] = ()
    """ARN patterns of the roles that may remove the lock and delete logs, in governance mode only."""

    replication_role: pulumi.Input[str] | None = None
    """ARN of the role with which S3 copies the configuration history or another archive into the archive."""

    def __post_init__(self) -> None:
        if self.retention_days < 365:
            raise ValueError(f"retention_days: {self.retention_days} is too short (at least 365 days)")


class LogArchive(pulumi.ComponentResource):
    """A bucket to which only AWS log deliveries write, and whose objects cannot be deleted during their retention.

    Creates: the bucket with object lock, protected and kept when its stack is destroyed; its lock, encryption,
    versioning, lifecycle, ownership, public access block, access log and policy.

    Outputs: ``bucket_name``, ``arn``.

    Raises: ValueError when the retention is shorter than a year.

    Cost: S3 storage of all logs for their retention.

    Example::

        archive = LogArchive("archive", LogArchiveArgs(
            bucket_name="acme-log-archive-111111111111-eu-west-1-an", key_arn=key.arn,
            organization_id="o-acme", deliveries=Deliveries(organization_id="o-acme", trail_arn=trail_arn),
            log_bucket_name=logs.bucket_name, retention_days=2557,
        ))
        pulumi.export("log_bucket_arn", archive.arn)
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once deliveries are allowed."""
    arn: pulumi.Output[str]
    """ARN of the bucket (``arn:aws:s3:::<name>``), known once deliveries are allowed."""

    def __init__(self, name: str, args: LogArchiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:LogArchive", name, None, opts)
        self._name, self._args = name, args

        self._bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket_name,
            bucket_namespace="account-regional",
            object_lock_enabled=True,
            force_destroy=False,
            opts=pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True),
        )
        encrypt(name, self._bucket, key_arn=args.key_arn, parent=self)
        kept = keep_versions(name, self._bucket, current_days=args.retention_days, noncurrent_days=1, parent=self)
        locked = self._lock(after=kept)
        log_access(name, self._bucket, log_bucket_name=args.log_bucket_name, parent=self)
        closed = block_public_access(name, self._bucket, parent=self)
        open_to_deliveries = self._admit_deliveries_only(after=[locked, closed])

        self.bucket_name = _known_after(open_to_deliveries, self._bucket.bucket)
        self.arn = _known_after(open_to_deliveries, self._bucket.arn)
        self.register_outputs({"bucket_name": self.bucket_name, "arn": self.arn})

    def _lock(self, after: pulumi.Resource) -> aws.s3.BucketObjectLockConfiguration:
        retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
            mode=self._args.object_lock.upper(), days=self._args.retention_days
        )
        return aws.s3.BucketObjectLockConfiguration(
            f"{self._name}-lock",
            bucket=self._bucket.bucket,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )

    def _admit_deliveries_only(self, after: Sequence[pulumi.Resource]) -> aws.s3.BucketPolicy:
        arn, args = self._bucket.arn, self._args
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(
                *(args.deliveries.bucket_statements(arn) if args.deliveries else []),
                *only_over_tls(arn),
                only_the_organization(arn, args.organization_id),
                *self._protection().statements(arn),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _protection(self) -> ArchiveProtection:
        args = self._args
        return ArchiveProtection(
            deployment_roles=args.deployment_roles,
            deleting_roles=args.break_glass_roles if args.object_lock == "governance" else (),
            replication_role=args.replication_role,
        )


def _known_after(done: pulumi.CustomResource, value: pulumi.Output[str]) -> pulumi.Output[str]:
    """Returns the value, known once the resource exists."""
    return pulumi.Output.all(value, done.id).apply(lambda known: str(known[0]))
