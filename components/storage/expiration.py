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
_Tag = aws.s3.BucketLifecycleConfigurationRuleFilterTagArgs
_Expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs
_Noncurrent = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """Expiration of the objects under a prefix, or of those with a tag. If two rules match one object, S3 applies the
    shorter period."""

    name: str
    """Name of the rule, unique in the bucket."""
    prefix: str = ""
    """Prefix of the objects. Not given for a rule by tag."""
    tag: tuple[str, str] | None = None
    """Key and value of the tag of the objects, for folders that lie below others and so have no common prefix."""
    days: int | None = None
    """Days from the creation of an object until it expires. None keeps it permanently."""
    noncurrent_days: int | None = None
    """Days from replacement or deletion until a noncurrent version expires. None uses the bucket's setting."""
    larger_than_bytes: int | None = None
    """Limits the rule to objects larger than this size."""

    def __post_init__(self) -> None:
        if self.days is None and self.noncurrent_days is None:
            raise ValueError(f"{self.name}: the rule expires nothing; leave it out")
        if bool(self.prefix) == bool(self.tag):
            raise ValueError(f"{self.name}: a rule has either a prefix or a tag")

    def rule(self) -> Rule:
        return Rule(
            id=self.name,
            status="Enabled",
            filter=self._filter(),
            expiration=None if self.days is None else _Expiration(days=self.days),
            noncurrent_version_expiration=None
            if self.noncurrent_days is None
            else _Noncurrent(noncurrent_days=self.noncurrent_days),
        )

    def _filter(self) -> _Filter:
        if self.tag is not None:
            return _Filter(tag=_Tag(key=self.tag[0], value=self.tag[1]))
        if self.larger_than_bytes is None:
            return _Filter(prefix=self.prefix)
        return _Filter(and_=_And(prefix=self.prefix, object_size_greater_than=self.larger_than_bytes))
