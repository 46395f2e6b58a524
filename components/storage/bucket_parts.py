"""Settings that all buckets share: encryption, versioning, lifecycle, access logs and public access blocks."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.storage.expiration import MAX_RULES, Expiration

UPLOAD_DAYS = 7
"""Days until the parts of an unfinished multipart upload, which are invisible but charged, are deleted (S3-04)."""


def encrypt(
    name: str, bucket: aws.s3.Bucket, *, key_arn: pulumi.Input[str] | None, parent: pulumi.Resource
) -> aws.s3.BucketServerSideEncryptionConfiguration:
    """Encrypts new objects with the key, or with S3 managed keys if ``key_arn`` is None."""
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
    )
    rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=key_arn is not None
    )
    return aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption", bucket=bucket.bucket, rules=[rule], opts=pulumi.ResourceOptions(parent=parent)
    )


def keep_versions(
    name: str,
    bucket: aws.s3.Bucket,
    *,
    noncurrent_days: int,
    current_days: int | None = None,
    expirations: Sequence[Expiration] = (),
    parent: pulumi.Resource,
) -> aws.s3.BucketLifecycleConfiguration:
    """Enables versioning, and expires noncurrent versions after ``noncurrent_days``.

    Current versions stay permanently unless ``current_days`` or one of ``expirations`` limits them.
    """
    if len(expirations) >= MAX_RULES:
        raise ValueError(f"expirations: {len(expirations)} are too many (fewer than {MAX_RULES})")
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    expiration = (
        None if current_days is None else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=current_days)
    )
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="expire",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=expiration,
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=noncurrent_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UPLOAD_DAYS
        ),
    )
    return aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.bucket,
        rules=[rule, *(expiration.rule() for expiration in expirations)],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )


def block_public_access(name: str, bucket: aws.s3.Bucket, *, parent: pulumi.Resource) -> aws.s3.BucketPublicAccessBlock:
    """Disables ACLs and blocks all four kinds of public access (S3-01, S3-02)."""
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def log_access(
    name: str, bucket: aws.s3.Bucket, *, log_bucket_name: pulumi.Input[str], parent: pulumi.Resource
) -> aws.s3.BucketLogging:
    """Logs all access to the bucket in another bucket, under a prefix of its own (S3-05)."""
    return aws.s3.BucketLogging(
        f"{name}-access-log",
        bucket=bucket.bucket,
        target_bucket=log_bucket_name,
        target_prefix=f"{name}/",
        opts=pulumi.ResourceOptions(parent=parent),
    )
