"""Replication between buckets: the rule, and the permissions of the role with which S3 copies.

Sources: S3 User Guide, "Setting up permissions for live replication", "Replicating encrypted objects" and "Replication
configuration file elements", read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Conditions, Statement, through

REPLICATION_ACTIONS = ("s3:ReplicateObject", "s3:ReplicateTags")
"""Actions of the role that other roles of an account do not need. ``s3:ReplicateDelete`` is not among them."""
LOCK_ACTIONS = ("s3:GetObjectLegalHold", "s3:GetObjectRetention")
"""Further actions that a source with Object Lock requires (S3 User Guide, "Object Lock considerations")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptedBuckets:
    """Buckets of one region that are encrypted with one KMS key."""

    names: Sequence[pulumi.Input[str]]
    """Names of the buckets."""

    key_arn: pulumi.Input[str]
    """ARN of the key."""

    region: str
    """Region of the buckets and of the key."""

    objects: str = "*"
    """Pattern of the object keys that S3 copies."""

    @property
    def arns(self) -> list[pulumi.Output[str]]:
        return [bucket_arn(name) for name in self.names]

    @property
    def object_arns(self) -> list[pulumi.Output[str]]:
        return [pulumi.Output.concat(arn, f"/{self.objects}") for arn in self.arns]


def bucket_arn(name: pulumi.Input[str]) -> pulumi.Output[str]:
    """Returns the ARN of a bucket, also before the bucket exists."""
    return pulumi.Output.concat("arn:aws:s3:::", name)


def copy_permissions(sources: EncryptedBuckets, replicas: EncryptedBuckets) -> list[Statement]:
    """Builds the permissions to copy from buckets to others with another key: to decrypt with the key of the sources
    only, and to encrypt with the key of the replicas only."""
    return [
        *read_versions(sources),
        write_replicas(replicas),
        use_key("DecryptVersions", ["kms:Decrypt"], sources),
        encrypt_replicas(replicas),
    ]


def read_versions(sources: EncryptedBuckets, *, of: str = "Versions", locked: bool = False) -> list[Statement]:
    """Builds the permissions to read the object versions of the sources.

    Args:
        sources: The buckets to copy from.
        of: End of the statements' identifiers.
        locked: Whether the sources have Object Lock, whose retention S3 copies too.
    """
    retention = LOCK_ACTIONS if locked else ()
    return [
        Statement(sid=f"Find{of}", actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=sources.arns),
        Statement(
            sid=f"Read{of}",
            actions=[
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
                *retention,
            ],
            resources=sources.object_arns,
        ),
    ]


def write_replicas(replicas: EncryptedBuckets, *, sid: str = "WriteReplicas") -> Statement:
    """Builds the permission to write replicas, and to delete none."""
    return Statement(sid=sid, actions=REPLICATION_ACTIONS, resources=replicas.object_arns)


def encrypt_replicas(replicas: EncryptedBuckets, *, sid: str = "EncryptReplicas") -> Statement:
    """Builds the permission to encrypt replicas with their key, and to decrypt nothing."""
    return use_key(sid, ["kms:Encrypt", "kms:GenerateDataKey"], replicas)


def use_key(sid: str, actions: Sequence[str], *sharing: EncryptedBuckets) -> Statement:
    """Builds the permission to use the key that these buckets share, through S3 and for them only."""
    first = sharing[0]
    return Statement(
        sid=sid,
        actions=actions,
        resources=[first.key_arn],
        conditions=_through_s3(first.region, [arn for buckets in sharing for arn in buckets.arns]),
    )


def replicate(
    name: str,
    *,
    bucket: pulumi.Input[str],
    role_arn: pulumi.Input[str],
    rules: Sequence[aws.s3.BucketReplicationConfigRuleArgs],
    opts: pulumi.ResourceOptions,
) -> aws.s3.BucketReplicationConfig:
    """Registers the replication of a bucket.

    ``opts`` must name the versioning of the bucket and of its destinations as dependencies, because S3 checks both.
    """
    return aws.s3.BucketReplicationConfig(
        f"{name}-replication", bucket=bucket, role=role_arn, rules=list(rules), opts=opts
    )


def copy_everything(
    rule_id: str, *, to_bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str], priority: int = 1
) -> aws.s3.BucketReplicationConfigRuleArgs:
    """Builds the rule that copies every new object version, and no deletion.

    Args:
        rule_id: Id of the rule in its configuration.
        to_bucket_arn: ARN of the destination.
        key_arn: ARN of the KMS key that encrypts the replicas, in the region of the destination.
        priority: Priority, which differs between the rules of a configuration.
    """
    return aws.s3.BucketReplicationConfigRuleArgs(
        id=rule_id,
        status="Enabled",
        priority=priority,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled"),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status="Enabled"
            )
        ),
        destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=to_bucket_arn,
            encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=key_arn
            ),
        ),
    )


def _through_s3(region: str, bucket_arns: Sequence[pulumi.Output[str]]) -> Conditions:
    """Limits the use of a key to S3, for the buckets. With a bucket key, the encryption context is the bucket."""
    return {
        **through("s3", region),
        "StringLike": {
            "kms:EncryptionContext:aws:s3:arn": [
                each for arn in bucket_arns for each in (arn, pulumi.Output.concat(arn, "/*"))
            ]
        },
    }
