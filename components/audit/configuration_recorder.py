"""AWS Config's record of the configuration of an account's resources."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

RECORDER_NAME = "plinth"
"""Name of the recorder and the delivery channel. An account has one of each per region (AWS Config quotas)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationRecorderArgs:
    """Arguments of :class:`ConfigurationRecorder`."""

    bucket_name: pulumi.Input[str]
    """Name of the bucket for the configuration history of all accounts, which has no object lock."""


class ConfigurationRecorder(pulumi.ComponentResource):
    """AWS Config for an account: records all resource types, global ones included, and delivers to one bucket
    of the organization.

    Creates: the service-linked role of Config; the recorder; the delivery channel; the status that starts the recorder.

    Outputs: ``recorder_name``.

    Cost: 0.003 USD per recorded change.

    Example::

        ConfigurationRecorder("recorder", ConfigurationRecorderArgs(
            bucket_name="acme-config-logs-111111111111-eu-west-1-an",
        ))
    """

    recorder_name: pulumi.Output[str]
    """Name of the recorder, known once it is recording."""

    def __init__(self, name: str, args: ConfigurationRecorderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:ConfigurationRecorder", name, None, opts)
        # A service-linked role: guardrails do not apply to it, and nobody can extend it (required by FSBP Config.1).
        role = aws.iam.ServiceLinkedRole(
            f"{name}-role", aws_service_name="config.amazonaws.com", opts=pulumi.ResourceOptions(parent=self)
        )
        recorder = aws.cfg.Recorder(
            name,
            name=RECORDER_NAME,
            role_arn=role.arn,
            recording_group=aws.cfg.RecorderRecordingGroupArgs(all_supported=True, include_global_resource_types=True),
            opts=_keep_name(pulumi.ResourceOptions(parent=self)),
        )
        channel = aws.cfg.DeliveryChannel(
            f"{name}-channel",
            name=RECORDER_NAME,
            s3_bucket_name=args.bucket_name,
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            # A delivery channel requires a recorder, and starting a recorder requires a delivery channel.
            opts=_keep_name(pulumi.ResourceOptions(parent=self, depends_on=[recorder])),
        )
        on = aws.cfg.RecorderStatus(
            f"{name}-on",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        self.recorder_name = on.name
        self.register_outputs({"recorder_name": self.recorder_name})


def _keep_name(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Keeps the name of an adopted resource. A new name would replace it, and AWS Config allows only one."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["name"]))
