"""What every resource of an account looked like at any time, in the archive."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

RECORDER_NAME = "plinth"
"""An account has one recorder and one channel in a region (AWS Config quotas)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationRecorderArgs:
    """Arguments of :class:`ConfigurationRecorder`."""

    log_bucket_name: pulumi.Input[str]
    """The organization's log archive."""


class ConfigurationRecorder(pulumi.ComponentResource):
    """AWS Config for the whole account: every type of resource, those without a region too, delivered to the archive.

    Creates: the service's own role; the recorder; the delivery channel; the recorder's being on.

    Args: see :class:`ConfigurationRecorderArgs`.

    Outputs: ``recorder_name``.

    Raises: nothing of its own.

    Cost: 0.003 USD per recorded change.

    Example::

        ConfigurationRecorder("recorder", ConfigurationRecorderArgs(
            log_bucket_name="acme-log-archive-111111111111-eu-west-1-an",
        ))
    """

    recorder_name: pulumi.Output[str]
    """Known once it records."""

    def __init__(self, name: str, args: ConfigurationRecorderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:ConfigurationRecorder", name, None, opts)
        # A service-linked role: guardrails do not reach it, and nobody can give it more (FSBP Config.1 asks for it).
        role = aws.iam.ServiceLinkedRole(
            f"{name}-role", aws_service_name="config.amazonaws.com", opts=pulumi.ResourceOptions(parent=self)
        )
        recorder = aws.cfg.Recorder(
            name,
            name=RECORDER_NAME,
            role_arn=role.arn,
            recording_group=aws.cfg.RecorderRecordingGroupArgs(all_supported=True, include_global_resource_types=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        channel = aws.cfg.DeliveryChannel(
            f"{name}-channel",
            name=RECORDER_NAME,
            s3_bucket_name=args.log_bucket_name,
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            # A channel takes a recorder, and a recorder that is on takes a channel.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
        )
        on = aws.cfg.RecorderStatus(
            f"{name}-on",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        self.recorder_name = on.name
        self.register_outputs({"recorder_name": self.recorder_name})
