"""Where the lake keeps its data: a bucket for each step on the way from a drop to a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from components.data_lake.drop_point import leave_results_to_drop_points
from components.data_lake.network_perimeter import NetworkWall
from components.identity.iam.statements import Statement
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.data.lake import ZONES, LakeSettings, Zone

TOLD: tuple[Zone, ...] = ("landing", "curated")
"""Zones in which an arrival starts something: what landed is made a dataset of, what was published is fetched."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeZonesArgs:
    """Arguments of :class:`LakeZones`."""

    bucket_names: Mapping[Zone, pulumi.Input[str]]
    """Names in the account-regional namespace; guardrails know the landing bucket by its name (RCP-06)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the bucket that takes the access log of all zones."""

    account_id: pulumi.Input[str]
    """Account of the lake."""

    organization_id: pulumi.Input[str]
    """AWS Organization whose principals may be granted access (``o-…``)."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts every object of the lake."""

    wall: NetworkWall
    """From where the zones may be reached."""

    settings: LakeSettings
    """How long things stay."""


class LakeZones(pulumi.ComponentResource):
    """The buckets landing, raw, curated and results, closed to every network but ours, each access logged.

    Data others lay down expires in landing, whether it was taken in or not; in the other zones it stays, and replaced
    versions expire.

    Creates: a protected bucket for each zone with all that every bucket has; the bucket of their access logs; for
    landing and curated, word to EventBridge of what arrives.

    Args: see :class:`LakeZonesArgs`.

    Outputs: ``bucket_names``, ``arns``, ``access_log_bucket``.

    Raises: ValueError when a retention is under a day.

    Cost: S3 storage of every version.

    Example::

        zones = LakeZones("lake", LakeZonesArgs(
            bucket_names=names, log_bucket_name="acme-data-access-logs-111111111111-eu-west-1-an",
            account_id="111111111111", organization_id="o-acme", key_arn=key.arn, wall=wall, settings=LakeSettings(),
        ))
    """

    bucket_names: Mapping[Zone, pulumi.Output[str]]
    """Names by zone, each known once its bucket refuses the public."""
    arns: Mapping[Zone, pulumi.Output[str]]
    """For policies, by zone."""
    access_log_bucket: pulumi.Output[str]
    """Name, known once S3 may write to it: folders of objects have buckets of their own beside the zones."""

    def __init__(self, name: str, args: LakeZonesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LakeZones", name, None, opts)
        self._name, self._args = name, args
        logs = self._access_logs()
        buckets = {zone: self._bucket(zone, logs) for zone in ZONES}
        for zone in TOLD:
            self._tell(zone, buckets[zone])
        self.bucket_names = {zone: bucket.bucket_name for zone, bucket in buckets.items()}
        self.arns = {zone: bucket.arn for zone, bucket in buckets.items()}
        self.access_log_bucket = logs.bucket_name
        self.register_outputs(
            {"bucket_names": self.bucket_names, "arns": self.arns, "access_log_bucket": self.access_log_bucket}
        )

    def _access_logs(self) -> AccessLogBucket:
        args = AccessLogBucketArgs(
            bucket_name=self._args.log_bucket_name,
            account_id=self._args.account_id,
            organization_id=self._args.organization_id,
            retention_days=self._args.settings.log_retention_days,
        )
        return AccessLogBucket(f"{self._name}-access-logs", args, pulumi.ResourceOptions(parent=self))

    def _tell(self, zone: Zone, bucket: PrivateBucket) -> None:
        """Rules of EventBridge choose from what arrives; those who wait for it are not named here."""
        aws.s3.BucketNotification(
            f"{self._name}-{zone}-events",
            bucket=bucket.bucket_name,
            eventbridge=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _bucket(self, zone: Zone, logs: AccessLogBucket) -> PrivateBucket:
        settings = self._args.settings
        args = PrivateBucketArgs(
            bucket_name=self._args.bucket_names[zone],
            key_arn=self._args.key_arn,
            organization_id=self._args.organization_id,
            log_bucket_name=logs.bucket_name,
            noncurrent_retention_days=settings.noncurrent_retention_days,
            retention_days=settings.landing_retention_days if zone == "landing" else None,
            statements=partial(self._statements, zone),
        )
        return PrivateBucket(f"{self._name}-{zone}", args, pulumi.ResourceOptions(parent=self))

    def _statements(self, zone: Zone, arn: pulumi.Output[str]) -> list[Statement]:
        around = self._args.wall.around(arn)
        if zone != "landing":
            return around
        results = leave_results_to_drop_points(
            arn, account_id=self._args.account_id, organization_id=self._args.organization_id
        )
        return [*around, results]
