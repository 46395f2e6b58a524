"""Bucket policy statements that protect buckets with logs: they deny writing by hand, deleting, and weakening the
settings, whatever roles allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.storage.bucket_policy import bucket_and_objects

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
"""Actions that could open the bucket, empty it or shorten its retention."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveProtection:
    """The roles that are exempt from the denials."""

    deployment_roles: Sequence[str] = ()
    """ARN patterns of the roles that may change the bucket's settings. Empty if no dedicated role deploys the account;
    then only alarms protect the settings, because callers cannot be distinguished."""

    deleting_roles: Sequence[str] = ()
    """ARN patterns of the roles that may delete logs."""

    replication_role: pulumi.Input[str] | None = None
    """ARN of the role with which S3 copies logs from another bucket. S3 does not write replicas under its own name."""

    def statements(self, bucket_arn: pulumi.Output[str]) -> list[Statement]:
        """Builds the denials for the bucket and its objects."""
        denials = [
            _deny("NobodyWritesByHand", WRITING, bucket_and_objects(bucket_arn), self._not_delivered()),
            _deny("NobodyDeletes", DELETIONS, bucket_and_objects(bucket_arn), _except(self.deleting_roles)),
        ]
        if self.deployment_roles:
            denials.append(_deny("SettingsStay", SETTINGS, [bucket_arn], _except(self.deployment_roles)))
        return denials

    def _not_delivered(self) -> Conditions:
        by_hand: Conditions = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
        if self.replication_role is None:
            return by_hand
        return {**by_hand, "ArnNotEquals": {"aws:PrincipalArn": [self.replication_role]}}


def _except(roles: Sequence[str]) -> Conditions:
    return {"ArnNotLike": {"aws:PrincipalArn": list(roles)}} if roles else {}


def _deny(
    sid: str, actions: Sequence[str], resources: Sequence[pulumi.Input[str]], conditions: Conditions
) -> Statement:
    return Statement(
        sid=sid, effect="Deny", principals="*", actions=actions, resources=resources, conditions=conditions
    )
