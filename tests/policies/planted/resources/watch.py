"""Compliant resources: logs, alarms, trails and the account baseline."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    BUCKET,
    KEY,
    Planter,
)


class Watch(Planter):
    def log_group(self, **changes: Any) -> aws.cloudwatch.LogGroup:
        properties = {"retention_in_days": 365, "kms_key_id": KEY}
        return aws.cloudwatch.LogGroup(self._name, **properties | changes, opts=self._opts())

    def alarm(self, **changes: Any) -> None:
        properties = {
            "comparison_operator": "GreaterThanThreshold",
            "evaluation_periods": 1,
            "metric_name": "planted",
            "namespace": "Plinth",
            "period": 60,
            "statistic": "Sum",
            "threshold": 1,
            "alarm_actions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:planted"],
        }
        aws.cloudwatch.MetricAlarm(self._name, **properties | changes, opts=self._opts())

    def metrics_link(self, *types: str) -> None:
        chosen = aws.oam.LinkLinkConfigurationMetricConfigurationArgs(filter="Namespace = 'AWS/SageMaker'")
        aws.oam.Link(
            self._name,
            label_template="$AccountName",
            resource_types=list(types),
            sink_identifier=f"arn:aws:oam:eu-west-1:{ACCOUNT}:sink/planted",
            link_configuration=aws.oam.LinkLinkConfigurationArgs(metric_configuration=chosen),
            opts=self._opts(),
        )

    def trail(self, **changes: Any) -> None:
        data = {"field_selectors": [{"field": "eventCategory", "equals": ["Data"]}]}
        properties = {
            "s3_bucket_name": BUCKET,
            "is_multi_region_trail": True,
            "is_organization_trail": True,
            "enable_log_file_validation": True,
            "kms_key_id": KEY,
            "advanced_event_selectors": [data],
        }
        aws.cloudtrail.Trail(self._name, **properties | changes, opts=self._opts())

    def recorder_status(self, *, is_enabled: bool = True) -> None:
        aws.cfg.RecorderStatus(self._name, name=self._name, is_enabled=is_enabled, opts=self._opts())

    def baseline(self) -> None:
        """Creates the account baseline."""
        group: Any = {"all_supported": True, "include_global_resource_types": True}
        role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        aws.cfg.Recorder(self._name, role_arn=role, recording_group=group, opts=self._opts())
        self.recorder_status()
        aws.cfg.DeliveryChannel(self._name, s3_bucket_name=BUCKET, opts=self._opts())
        aws.accessanalyzer.Analyzer(self._name, analyzer_name=self._name, type="ACCOUNT", opts=self._opts())
        aws.iam.AccountPasswordPolicy(self._name, minimum_password_length=16, opts=self._opts())
        aws.ebs.EncryptionByDefault(self._name, enabled=True, opts=self._opts())
        aws.ebs.SnapshotBlockPublicAccess(self._name, state="block-all-sharing", opts=self._opts())
        aws.ec2.ImageBlockPublicAccess(self._name, state="block-new-sharing", opts=self._opts())
        self.metadata_defaults()
        aws.ec2.VpcBlockPublicAccessOptions(
            self._name, internet_gateway_block_mode="block-bidirectional", opts=self._opts()
        )
        blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        aws.s3.AccountPublicAccessBlock(self._name, **dict.fromkeys(blocks, True), opts=self._opts())
        aws.ssm.ServiceSetting(
            self._name,
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
            opts=self._opts(),
        )
