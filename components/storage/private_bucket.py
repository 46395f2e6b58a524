"""A private, encrypted, versioned bucket. The foundation stores data in buckets of this kind only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.storage.bucket_parts import block_public_access, encrypt, keep_versions, log_access
from components.storage.bucket_policy import only_over_tls, only_the_organization
from components.storage.expiration import Expiration


def _no_statements(_arn: pulumi.Output[str]) -> Sequence[Statement]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateBucketArgs:
    """Arguments of :class:`PrivateBucket`."""

    bucket_name: pulumi.Input[str]
    """Name in the account-regional namespace, ``…-<account>-<region>-an``, which no other account can claim (S3-11)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts new objects. Its key policy must allow readers of the bucket to decrypt."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the account's bucket for access logs."""

    noncurrent_retention_days: int = 90
    """Days until a noncurrent object version expires, at least 1. The default of 90 covers a quarterly audit."""

    retention_days: int | None = None
    """Days until an object expires, at least 1. None keeps objects permanently."""

    expirations: Sequence[Expiration] = ()
    """Shorter retention periods by prefix; fewer than 1,000 (an S3 limit)."""

    statements: Callable[[pulumi.Output[str]], Sequence[Statement]] = _no_statements
    """Function that returns additional statements for the bucket policy, given the ARN of the bucket."""

    sends_events: bool = False
    """Whether S3 sends events of objects to EventBridge, where rules of the account select from them."""

    durable: bool = True
    """Whether the bucket is protected and never emptied by a deployment. Buckets of a team's environments are not
    durable because they hold no sole copy of data."""

    def __post_init__(self) -> None:
        if self.noncurrent_retention_days < 1:
            raise ValueError(
                f"noncurrent_retention_days: {self.noncurrent_retention_days} is too short (at least 1 day)"
            )
        if self.retention_days is not None and self.retention_days < 1:
            raise ValueError(f"retention_days: {self.retention_days} is too short (at least 1 day)")


class PrivateBucket(pulumi.ComponentResource):
    """A bucket for principals of the organization only, with TLS 1.2 or newer, one KMS key, and access logs.

    Creates: the bucket; its encryption, versioning, lifecycle, ownership, public access block, policy and access log;
    the notification of EventBridge, if it sends events.

    Outputs: ``bucket_name``, ``arn``.

    Raises: ValueError when a retention period is shorter than one day.

    Cost: S3 storage of all versions. The bucket key limits KMS requests to one per object and hour of use.

    Example::

        bucket = PrivateBucket("ml", PrivateBucketArgs(
            bucket_name="ml-dev-fraud-111111111111-eu-west-1-an", key_arn=key.arn,
            organization_id="o-acme", log_bucket_name=logs.bucket_name, durable=False,
        ))
        pulumi.export("bucket_name", bucket.bucket_name)
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once public access is blocked."""
    arn: pulumi.Output[str]
    """ARN of the bucket (``arn:aws:s3:::<name>``), for policies."""

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:storage:PrivateBucket", name, None, opts)
        self._name, self._args = name, args

        self._bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket_name,
            bucket_namespace="account-regional",
            force_destroy=not args.durable,
            # AWS does not return the namespace, which the name shows, too. So an imported bucket would be replaced.
            opts=pulumi.ResourceOptions(parent=self, protect=args.durable, ignore_changes=["bucketNamespace"]),
        )
        encrypt(name, self._bucket, key_arn=args.key_arn, parent=self)
        keep_versions(
            name,
            self._bucket,
            current_days=args.retention_days,
            noncurrent_days=args.noncurrent_retention_days,
            expirations=args.expirations,
            parent=self,
        )
        log_access(name, self._bucket, log_bucket_name=args.log_bucket_name, parent=self)
        closed = block_public_access(name, self._bucket, parent=self)
        self._allow_only_the_organization(after=closed)
        if args.sends_events:
            aws.s3.BucketNotification(
                f"{name}-events",
                bucket=self._bucket.bucket,
                eventbridge=True,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
            )

        self.bucket_name = pulumi.Output.all(self._bucket.bucket, closed.id).apply(lambda known: str(known[0]))
        self.arn = self._bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name, "arn": self.arn})

    def _allow_only_the_organization(self, after: pulumi.Resource) -> None:
        aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(
                *only_over_tls(self._bucket.arn),
                only_the_organization(self._bucket.arn, self._args.organization_id),
                *self._args.statements(self._bucket.arn),
            ),
            # S3 rejects two concurrent policy changes on one bucket (OperationAborted).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
