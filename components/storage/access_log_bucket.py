"""The bucket that receives the S3 server access logs of an account's buckets."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.storage.bucket_parts import block_public_access, encrypt, keep_versions
from components.storage.bucket_policy import only_over_tls, only_the_organization


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessLogBucketArgs:
    """Arguments of :class:`AccessLogBucket`."""

    bucket_name: pulumi.Input[str]
    """Name in the account-regional namespace, ``…-<account>-<region>-an`` (S3-11)."""

    account_id: pulumi.Input[str]
    """Id of the account whose buckets are logged. Logs of other accounts' buckets are not accepted."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may read the logs."""

    retention_days: int
    """Days until a log record expires, at least 1."""

    durable: bool = True
    """Whether the bucket is protected and never emptied by a deployment."""

    def __post_init__(self) -> None:
        if self.retention_days < 1:
            raise ValueError(f"retention_days: {self.retention_days} is too short (at least 1 day)")


class AccessLogBucket(pulumi.ComponentResource):
    """The target bucket for S3 server access logs. Only S3 writes to it, for buckets of one account, and records
    expire.

    Creates: the bucket; its encryption, versioning, lifecycle, ownership, public access block and policy.

    Outputs: ``bucket_name``, ``arn``.

    Raises: ValueError when the retention is shorter than one day.

    Cost: S3 storage of the records.

    Example::

        logs = AccessLogBucket("access-logs", AccessLogBucketArgs(
            bucket_name="fraud-development-logs-111111111111-eu-west-1-an", account_id="111111111111",
            organization_id="o-acme", retention_days=365, durable=False,
        ))
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once S3 may write to it."""
    arn: pulumi.Output[str]
    """ARN of the bucket (``arn:aws:s3:::<name>``), for policies."""

    def __init__(self, name: str, args: AccessLogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:storage:AccessLogBucket", name, None, opts)
        self._name, self._args = name, args

        self._bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket_name,
            bucket_namespace="account-regional",
            force_destroy=not args.durable,
            opts=pulumi.ResourceOptions(parent=self, protect=args.durable),
        )
        # S3 does not deliver server access logs to a bucket encrypted with a customer managed key.
        encrypt(name, self._bucket, key_arn=None, parent=self)
        keep_versions(name, self._bucket, current_days=args.retention_days, noncurrent_days=1, parent=self)
        closed = block_public_access(name, self._bucket, parent=self)
        writable = self._let_s3_write(after=closed)

        self.bucket_name = pulumi.Output.all(self._bucket.bucket, writable.id).apply(lambda known: str(known[0]))
        self.arn = self._bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name, "arn": self.arn})

    def _let_s3_write(self, after: pulumi.Resource) -> aws.s3.BucketPolicy:
        delivery = Statement(
            sid="AccessLogsOfThisAccount",
            principals={"Service": ["logging.s3.amazonaws.com"]},
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(self._bucket.arn, "/*")],
            conditions={"StringEquals": {"aws:SourceAccount": self._args.account_id}},
        )
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(
                delivery,
                *only_over_tls(self._bucket.arn),
                only_the_organization(self._bucket.arn, self._args.organization_id),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
