"""Permissions of AWS services to deliver logs of this organization to the audit account, each under its own prefix.

The conditions are those of AWS's own log archive (Control Tower User Guide, "Amazon S3 bucket policy in the audit
account"): writing requires ``aws:SourceOrgID``; the checks before a delivery have no such condition. CloudTrail is also
restricted to the organization's trail ("Amazon S3 bucket policy for CloudTrail").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.security.encryption_key import THIS_KEY

DELIVERED_LOGS = ("network-firewall", "vpcdnsquerylogs", "vpcflowlogs")
"""Folders under ``AWSLogs/<account>/`` to which the log delivery service writes network logs of all accounts."""

HISTORY_OBJECTS = "AWSLogs/*/Config/*"
"""Pattern of the keys under which AWS Config writes in every account's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deliveries:
    """The organization and the trail from which the audit account accepts deliveries."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose accounts deliver logs (``o-…``)."""

    trail_arn: pulumi.Input[str]
    """ARN of the organization's trail, which belongs to the management account even if another account creates it."""

    @property
    def _ours(self) -> Conditions:
        return {"StringEquals": {"aws:SourceOrgID": self.organization_id}}

    @property
    def _our_trail(self) -> Conditions:
        return {"StringEquals": {"aws:SourceArn": self.trail_arn}}

    def bucket_statements(self, bucket_arn: pulumi.Output[str]) -> list[Statement]:
        """Builds the statements of the log archive that allow deliveries. Other writes are denied by the archive."""
        return [
            _check("TrailChecks", "cloudtrail", ["s3:GetBucketAcl"], bucket_arn, self._our_trail),
            _check("LogDeliveryChecks", "delivery.logs", ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn),
            self._write(
                "TrailOfTheOrganization",
                "cloudtrail",
                [pulumi.Output.concat(bucket_arn, "/AWSLogs/*")],
                {"aws:SourceArn": self.trail_arn},
            ),
            self._write(
                "NetworkLogsOfTheOrganization",
                "delivery.logs",
                [pulumi.Output.concat(bucket_arn, f"/AWSLogs/*/{folder}/*") for folder in DELIVERED_LOGS],
            ),
        ]

    def history_statements(self, bucket_arn: pulumi.Output[str]) -> list[Statement]:
        """Builds the statements of the configuration history that allow deliveries of AWS Config."""
        history = pulumi.Output.concat(bucket_arn, f"/{HISTORY_OBJECTS}")
        return [
            _check("ConfigChecks", "config", ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn),
            self._write("ConfigOfTheOrganization", "config", [history]),
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

    def key_statements(self) -> list[Statement]:
        """Builds the key policy statements that allow deliveries to encrypt. Only principals of the audit account
        decrypt."""
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
    """Allows the calls with which a service checks existence and ownership of the bucket before it delivers."""
    return Statement(
        sid=sid,
        principals={"Service": [f"{service}.amazonaws.com"]},
        actions=actions,
        resources=[bucket_arn],
        conditions=conditions or {},
    )
