"""Lifecycle rules that expire the objects of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws

MAX_RULES = 1000
"""Maximum number of lifecycle rules of a bucket (S3 User Guide, "Setting an S3 Lifecycle configuration on a
bucket")."""

Rule = aws.s3.BucketLifecycleConfigurationRuleArgs
_And = aws.s3.BucketLifecycleConfigurationRuleFilterAndArgs
_Filter = aws.s3.BucketLifecycleConfigurationRuleFilterArgs
_Expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs
_Noncurrent = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """Expiration of the objects under a prefix. If two rules match one object, S3 applies the shorter period."""

    name: str
    """Name of the rule, unique in the bucket."""
    prefix: str
    days: int | None = None
    """Days from the creation of an object until it expires. None keeps it permanently."""
    noncurrent_days: int | None = None
    """Days from replacement or deletion until a noncurrent version expires. None uses the bucket's setting."""
    larger_than_bytes: int | None = None
    """Limits the rule to objects larger than this size."""

    def __post_init__(self) -> None:
        if self.days is None and self.noncurrent_days is None:
            raise ValueError(f"{self.name}: the rule expires nothing; leave it out")

    def rule(self) -> Rule:
        size = self.larger_than_bytes
        return Rule(
            id=self.name,
            status="Enabled",
            filter=_Filter(prefix=self.prefix)
            if size is None
            else _Filter(and_=_And(prefix=self.prefix, object_size_greater_than=size)),
            expiration=None if self.days is None else _Expiration(days=self.days),
            noncurrent_version_expiration=None
            if self.noncurrent_days is None
            else _Noncurrent(noncurrent_days=self.noncurrent_days),
        )
