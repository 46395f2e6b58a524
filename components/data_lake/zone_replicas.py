"""Copies of the lake's zones in a second region, which S3 keeps up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.security.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.storage.replication import EncryptedBuckets, copy_everything, copy_permissions, replicate
from settings.data.lake import LakeSettings, Zone

REPLICATION_ROLE = "lake-replication"
"""Name of the role with which S3 copies objects into the second region."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneReplicasArgs:
    """Arguments of :class:`ZoneReplicas`."""

    sources: Mapping[Zone, pulumi.Input[str]]
    """Bucket names of the zones, in the home region."""

    source_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the zones."""

    replica_names: Mapping[Zone, pulumi.Input[str]]
    """Bucket names of the replicas, in the account-regional namespace of the second region."""

    log_bucket_name: pulumi.Input[str]
    """Name of the bucket for the access logs of the replicas. S3 requires it to be in their region."""

    key_alias: str
    """Alias of the replicas' key without the ``alias/`` prefix."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    region: str
    """Home region."""

    replica_region: str
    """Second region."""

    replica_provider: aws.Provider
    """Provider of the same account in the second region. The provider in the options is that of the home region."""

    boundary_arn: pulumi.Input[str]
    """ARN of the permissions boundary of the role. It must allow
    :data:`~components.storage.replication.REPLICATION_ACTIONS`."""

    perimeter: NetworkPerimeter
    """Networks from which the replicas may be reached. It must except the role."""

    settings: LakeSettings
    """Retention periods. The replicas have those of their zones."""


class ZoneReplicas(pulumi.ComponentResource):
    """A replica bucket for each zone of the lake, and the replication to it.

    S3 copies new object versions, usually within fifteen minutes. It does not copy deletions: a deleted object stays in
    the replica, and expires there only if its zone has a retention period.

    Creates: in the second region, a KMS key, an access log bucket and one protected private bucket per zone; in the
    home region, the role and one replication configuration per zone.

    Outputs: ``bucket_names``, ``access_log_bucket``, ``key_arn``.

    Raises: ValueError when a retention period is shorter than one day.

    Cost: 1 USD a month for the key; S3 storage of all replicated versions; requests, and transfer between regions per
    GB.

    Example::

        ZoneReplicas("replica", ZoneReplicasArgs(
            sources=lake.zone_buckets, source_key_arn=lake.key_arn, replica_names=names, log_bucket_name=log_name,
            key_alias="plinth/lake-replica", account_id="111111111111", organization_id="o-acme", region="eu-west-1",
            replica_region="eu-central-1", replica_provider=second, boundary_arn=lake.permissions_boundary_arn,
            perimeter=perimeter, settings=LakeSettings(),
        ))
    """

    bucket_names: Mapping[Zone, pulumi.Output[str]]
    """Names of the replica buckets by zone, each known once its zone is replicated."""
    access_log_bucket: pulumi.Output[str]
    """Name of the bucket for the access logs of replicas, known once S3 may write to it."""
    key_arn: pulumi.Output[str]
    """ARN of the replicas' key."""

    def __init__(self, name: str, args: ZoneReplicasArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:ZoneReplicas", name, None, opts)
        self._name, self._args = name, args
        self._there = pulumi.ResourceOptions(parent=self, provider=args.replica_provider)
        self._key = self._second_key()
        logs = self._access_logs()
        role = self._role()
        replicas = {zone: self._replica(zone, logs) for zone in args.sources}
        copied = {zone: self._replicate(zone, bucket, role) for zone, bucket in replicas.items()}
        self.key_arn, self.access_log_bucket = self._key.arn, logs.bucket_name
        self.bucket_names = {
            zone: pulumi.Output.all(bucket.bucket_name, copied[zone].id).apply(lambda known: str(known[0]))
            for zone, bucket in replicas.items()
        }
        self.register_outputs(
            {
                "bucket_names": self.bucket_names,
                "access_log_bucket": self.access_log_bucket,
                "key_arn": self.key_arn,
            }
        )

    def _second_key(self) -> EncryptionKey:
        args = EncryptionKeyArgs(
            alias=self._args.key_alias,
            description="Copies of the lake's zones",
            account_id=self._args.account_id,
            region=self._args.replica_region,
            services=["s3"],
            durable=True,
        )
        return EncryptionKey(f"{self._name}-key", args, self._there)

    def _access_logs(self) -> AccessLogBucket:
        args = AccessLogBucketArgs(
            bucket_name=self._args.log_bucket_name,
            account_id=self._args.account_id,
            organization_id=self._args.organization_id,
            retention_days=self._args.settings.log_retention_days,
        )
        return AccessLogBucket(f"{self._name}-access-logs", args, self._there)

    def _replica(self, zone: Zone, logs: AccessLogBucket) -> PrivateBucket:
        settings = self._args.settings
        args = PrivateBucketArgs(
            bucket_name=self._args.replica_names[zone],
            key_arn=self._key.arn,
            organization_id=self._args.organization_id,
            log_bucket_name=logs.bucket_name,
            noncurrent_retention_days=settings.noncurrent_retention_days,
            retention_days=settings.landing_retention_days if zone == "landing" else None,
            statements=self._args.perimeter.statements,
        )
        return PrivateBucket(f"{self._name}-{zone}", args, self._there)

    def _role(self) -> BoundedRole:
        sources = EncryptedBuckets(
            names=list(self._args.sources.values()), key_arn=self._args.source_key_arn, region=self._args.region
        )
        replicas = EncryptedBuckets(
            names=list(self._args.replica_names.values()), key_arn=self._key.arn, region=self._args.replica_region
        )
        args = BoundedRoleArgs(
            role_name=REPLICATION_ROLE,
            description="S3 copies the zones of the lake into the second region",
            trust=service_trust("s3", account_id=self._args.account_id, source_arns=sources.arns),
            permissions=copy_permissions(sources, replicas),
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))

    def _replicate(self, zone: Zone, replica: PrivateBucket, role: BoundedRole) -> aws.s3.BucketReplicationConfig:
        return replicate(
            f"{self._name}-{zone}",
            bucket=self._args.sources[zone],
            role_arn=role.arn,
            rules=[copy_everything("second-region", to_bucket_arn=replica.arn, key_arn=self._key.arn)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[replica]),
        )
