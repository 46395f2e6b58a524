"""Rules of a bucket about how long objects stay."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws

MOST_RULES = 1000
"""Of a bucket (S3 User Guide, "Setting an S3 Lifecycle configuration on a bucket")."""

Rule = aws.s3.BucketLifecycleConfigurationRuleArgs
_And = aws.s3.BucketLifecycleConfigurationRuleFilterAndArgs
_Filter = aws.s3.BucketLifecycleConfigurationRuleFilterArgs
_Expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs
_Noncurrent = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """How long what lies under a prefix stays. Where two reach one object, S3 takes the shorter."""

    name: str
    """Of the rule, unique in the bucket."""
    prefix: str
    days: int | None = None
    """From when it was written; None is for ever."""
    noncurrent_days: int | None = None
    """From when it was replaced or deleted; None is as long as the bucket keeps such versions."""
    larger_than_bytes: int | None = None
    """Only objects larger than that."""

    def __post_init__(self) -> None:
        if self.days is None and self.noncurrent_days is None:
            raise ValueError(f"{self.name}: nothing expires; leave the rule out")

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
