"""Where the logs of every account are kept, out of reach of those who made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.audit.deliveries import Deliveries
from components.identity.iam.statements import Statement, policy_document
from components.storage.bucket_parts import close_to_the_public, encrypt, keep_versions, log_access
from components.storage.bucket_policy import bucket_and_objects, only_over_tls, only_the_organization

DELETIONS = ["s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteObject*"]
WRITING = ["s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"]
SETTINGS = [
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketLogging",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
]
"""What would open the archive, empty it or stop it from keeping."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogArchiveArgs:
    """Arguments of :class:`LogArchive`."""

    bucket_name: pulumi.Input[str]
    """Name in the account-regional namespace, ``…-<account>-<region>-an`` (S3-11)."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts what is delivered; its policy must have ``deliveries.with_the_key()``."""

    deliveries: Deliveries
    """Whose logs the archive takes."""

    log_bucket_name: pulumi.Input[str]
    """Bucket of the account that receives the archive's own access log."""

    retention_days: int
    """Days a log stays, and that nobody can delete it: 365 or more."""

    object_lock: Literal["governance", "compliance"] = "governance"
    """governance: a break-glass role can lift the lock. compliance: nobody can before its time, not even AWS."""

    deployment_roles: Sequence[str] = ()
    """ARN patterns of the roles that may change the archive's settings; none where no role sets the account up, so
    that nobody can be told apart: the settings are then guarded by alarms alone."""

    break_glass_roles: Sequence[str] = ()
    """ARN patterns of the roles that may lift the lock and delete, in governance mode."""

    def __post_init__(self) -> None:
        if self.retention_days < 365:
            raise ValueError(f"retention_days: {self.retention_days} is too short (at least 365 days)")


class LogArchive(pulumi.ComponentResource):
    """A bucket that only AWS's own deliveries write to, and from which nobody deletes before its time.

    Creates: the bucket with object lock, protected and kept when its stack goes; its lock, encryption, versioning,
    lifecycle, ownership, public access block, access log and policy.

    Args: see :class:`LogArchiveArgs`.

    Outputs: ``bucket_name``, ``arn``.

    Raises: ValueError when the retention is under a year.

    Cost: S3 storage of all logs for as long as they stay.

    Example::

        archive = LogArchive("archive", LogArchiveArgs(
            bucket_name="acme-log-archive-111111111111-eu-west-1-an", key_arn=key.arn,
            deliveries=Deliveries(organization_id="o-acme", trail_arn=trail_arn),
            log_bucket_name=logs.bucket_name, retention_days=2557,
        ))
        pulumi.export("log_bucket_arn", archive.arn)
    """

    bucket_name: pulumi.Output[str]
    """Name, known once deliveries are let in."""
    arn: pulumi.Output[str]
    """For destinations of deliveries: ``arn:aws:s3:::<name>``, known once they are let in."""

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
        closed = close_to_the_public(name, self._bucket, parent=self)
        open_to_deliveries = self._admit_deliveries_only(after=[locked, closed])

        self.bucket_name = _once(open_to_deliveries, self._bucket.bucket)
        self.arn = _once(open_to_deliveries, self._bucket.arn)
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
                *args.deliveries.into(arn),
                *only_over_tls(arn),
                only_the_organization(arn, args.deliveries.organization_id),
                *self._refusals(),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _refusals(self) -> list[Statement]:
        """What nobody does, whatever a role allows: write by hand, delete, loosen."""
        everybody_but = {"ArnNotLike": {"aws:PrincipalArn": list(self._args.break_glass_roles)}}
        may_delete = self._args.object_lock == "governance" and self._args.break_glass_roles
        refusals = [
            Statement(
                sid="NobodyWritesByHand",
                effect="Deny",
                principals="*",
                actions=WRITING,
                resources=bucket_and_objects(self._bucket.arn),
                conditions={"Bool": {"aws:PrincipalIsAWSService": "false"}},
            ),
            Statement(
                sid="NobodyDeletes",
                effect="Deny",
                principals="*",
                actions=DELETIONS,
                resources=bucket_and_objects(self._bucket.arn),
                conditions=everybody_but if may_delete else {},
            ),
        ]
        if self._args.deployment_roles:
            only = {"ArnNotLike": {"aws:PrincipalArn": list(self._args.deployment_roles)}}
            refusals.append(
                Statement(
                    sid="SettingsStay",
                    effect="Deny",
                    principals="*",
                    actions=SETTINGS,
                    resources=[self._bucket.arn],
                    conditions=only,
                )
            )
        return refusals


def _once(done: pulumi.CustomResource, value: pulumi.Output[str]) -> pulumi.Output[str]:
    """The value, known only when the resource is there."""
    return pulumi.Output.all(value, done.id).apply(lambda known: str(known[0]))
