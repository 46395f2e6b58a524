"""What delivers into the log archive: each service in its own name, for this organization alone, under its own prefix.

The conditions are those of AWS's own log archive (Control Tower User Guide, "Amazon S3 bucket policy in the audit
account"): writing takes ``aws:SourceOrgID``, the checks before a delivery take none. CloudTrail is held to the one
trail besides ("Amazon S3 bucket policy for CloudTrail").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.security.encryption_key import THIS_KEY

DELIVERED_LOGS = ("network-firewall", "vpcdnsquerylogs", "vpcflowlogs")
"""Folders below ``AWSLogs/<account>/`` that the log delivery service writes for networks of every account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deliveries:
    """Whose logs the archive takes."""

    organization_id: pulumi.Input[str]
    """AWS Organization of all accounts that deliver (``o-…``)."""

    trail_arn: pulumi.Input[str]
    """The organization's trail, which belongs to the management account wherever it was made from."""

    @property
    def _ours(self) -> Conditions:
        return {"StringEquals": {"aws:SourceOrgID": self.organization_id}}

    @property
    def _our_trail(self) -> Conditions:
        return {"StringEquals": {"aws:SourceArn": self.trail_arn}}

    def into(self, bucket_arn: pulumi.Output[str]) -> list[Statement]:
        """What the archive's policy allows; whatever else writes is refused."""
        return [
            _check("TrailChecks", "cloudtrail", ["s3:GetBucketAcl"], bucket_arn, self._our_trail),
            _check("ConfigChecks", "config", ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn),
            _check("LogDeliveryChecks", "delivery.logs", ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn),
            self._write(
                "TrailOfTheOrganization",
                "cloudtrail",
                [pulumi.Output.concat(bucket_arn, "/AWSLogs/*")],
                {"aws:SourceArn": self.trail_arn},
            ),
            self._write("ConfigOfTheOrganization", "config", [pulumi.Output.concat(bucket_arn, "/AWSLogs/*/Config/*")]),
            self._write(
                "NetworkLogsOfTheOrganization",
                "delivery.logs",
                [pulumi.Output.concat(bucket_arn, f"/AWSLogs/*/{folder}/*") for folder in DELIVERED_LOGS],
            ),
        ]

    def _write(
        self,
        sid: str,
        service: str,
        objects: Sequence[pulumi.Input[str]],
        further: dict[str, pulumi.Input[str]] | None = None,
    ) -> Statement:
        return Statement(
            sid=sid,
            principals={"Service": [f"{service}.amazonaws.com"]},
            actions=["s3:PutObject"],
            resources=objects,
            conditions={
                "StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control",
                    "aws:SourceOrgID": self.organization_id,
                    **(further or {}),
                }
            },
        )

    def with_the_key(self) -> list[Statement]:
        """What the archive's key allows those who deliver; reading takes a principal of the audit account."""
        return [
            Statement(
                sid="TrailEncrypts",
                principals={"Service": ["cloudtrail.amazonaws.com"]},
                actions=["kms:DescribeKey", "kms:GenerateDataKey*"],
                resources=THIS_KEY,
                conditions=self._our_trail,
            ),
            Statement(
                sid="DeliveriesEncrypt",
                principals={"Service": ["config.amazonaws.com", "delivery.logs.amazonaws.com"]},
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
                resources=THIS_KEY,
                conditions=self._ours,
            ),
        ]


def _check(
    sid: str, service: str, actions: Sequence[str], bucket_arn: pulumi.Output[str], conditions: Conditions | None = None
) -> Statement:
    """Services look whether a bucket is there and whose it is before they deliver."""
    return Statement(
        sid=sid,
        principals={"Service": [f"{service}.amazonaws.com"]},
        actions=actions,
        resources=[bucket_arn],
        conditions=conditions or {},
    )
