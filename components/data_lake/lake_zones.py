"""The buckets of the data lake's zones, one for each step from arriving data to a published dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from components.data_lake.drop_point import delegate_results_to_access_points
from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.statements import Statement
from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from settings.data.lake import ZONES, LakeSettings, Zone

EVENT_ZONES: tuple[Zone, ...] = ("landing", "curated")
"""Zones whose new objects trigger processing: landing data becomes a dataset, and published data starts ingestion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeZonesArgs:
    """Arguments of :class:`LakeZones`."""

    bucket_names: Mapping[Zone, pulumi.Input[str]]
    """Bucket names in the account-regional namespace. Guardrails identify the landing bucket by its name (RCP-06)."""

    log_bucket_name: pulumi.Input[str]
    """Name of the bucket for the access logs of all zones."""

    account_id: pulumi.Input[str]
    """Id of the data lake account."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may be granted access (``o-…``)."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts all objects of the lake."""

    perimeter: NetworkPerimeter
    """Networks from which the zones may be reached."""

    settings: LakeSettings
    """Retention periods."""


class LakeZones(pulumi.ComponentResource):
    """The buckets landing, raw, curated and results, accessible only from the organization's networks and with access
    logs.

    Objects in landing expire, whether they have been processed or not. In the other zones only noncurrent versions
    expire.

    Creates: one protected private bucket per zone; the bucket for their access logs; for landing and curated, event
    notifications to EventBridge.

    Outputs: ``bucket_names``, ``access_log_bucket``.

    Raises: ValueError when a retention period is shorter than one day.

    Cost: S3 storage of all versions.

    Example::

        zones = LakeZones("lake", LakeZonesArgs(
            bucket_names=names, log_bucket_name="acme-data-access-logs-111111111111-eu-west-1-an",
            account_id="111111111111", organization_id="o-acme", key_arn=key.arn, perimeter=perimeter,
            settings=LakeSettings(),
        ))
    """

    bucket_names: Mapping[Zone, pulumi.Output[str]]
    """Bucket names by zone, each known once public access is blocked."""
    access_log_bucket: pulumi.Output[str]
    """Name of the access log bucket, known once S3 may write to it. Object datasets, which have buckets of their own,
    use it too."""

    def __init__(self, name: str, args: LakeZonesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LakeZones", name, None, opts)
        self._name, self._args = name, args
        logs = self._access_logs()
        buckets = {zone: self._bucket(zone, logs) for zone in ZONES}
        for zone in EVENT_ZONES:
            self._send_events(zone, buckets[zone])
        self.bucket_names = {zone: bucket.bucket_name for zone, bucket in buckets.items()}
        self.access_log_bucket = logs.bucket_name
        self.register_outputs({"bucket_names": self.bucket_names, "access_log_bucket": self.access_log_bucket})

    def _access_logs(self) -> AccessLogBucket:
        args = AccessLogBucketArgs(
            bucket_name=self._args.log_bucket_name,
            account_id=self._args.account_id,
            organization_id=self._args.organization_id,
            retention_days=self._args.settings.log_retention_days,
        )
        return AccessLogBucket(f"{self._name}-access-logs", args, pulumi.ResourceOptions(parent=self))

    def _send_events(self, zone: Zone, bucket: PrivateBucket) -> None:
        """Sends object events to EventBridge, where rules of their consumers select from them."""
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
        statements = self._args.perimeter.statements(arn)
        if zone != "landing":
            return statements
        results = delegate_results_to_access_points(
            arn, account_id=self._args.account_id, organization_id=self._args.organization_id
        )
        return [*statements, results]
