"""Samples of AWS Config. An account can have only one recorder and one delivery channel at a time."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_ROLE = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
_EVERYTHING = {"allSupported": True, "includeGlobalResourceTypes": True}
_RECORDER: Need = ("aws:cfg/recorder:Recorder", {"name": "foundation", "roleArn": _ROLE})
_BUCKET: Need = ("aws:s3/bucket:Bucket", {"forceDestroy": True})
_CHANNEL: Need = ("aws:cfg/deliveryChannel:DeliveryChannel", {"name": "foundation", "s3BucketName": "{bucket.id}"})


def _recorder(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("config").describe_configuration_recorders(ConfigurationRecorderNames=[it.id])[
        "ConfigurationRecorders"
    ]
    group = found["recordingGroup"]
    return {
        "role": found["roleARN"],
        "all": group["allSupported"],
        "global": group["includeGlobalResourceTypes"],
        "types": group["resourceTypes"],
    }


def _put_recorder(aws: Aws, name: str) -> None:
    recorder = {"name": name, "roleARN": "arn:aws:iam::123456789012:role/another"}
    aws("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def _channel(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("config").describe_delivery_channels(DeliveryChannelNames=[it.id])["DeliveryChannels"]
    return dict(found)


def _put_channel(aws: Aws, it: Kept) -> None:
    channel = {"name": it.id, "s3BucketName": it.known["another"].id}
    aws("config").put_delivery_channel(DeliveryChannel=channel)


def _recording(aws: Aws, it: Kept) -> bool:
    (found,) = aws("config").describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return bool(found["recording"])


def _aggregator(aws: Aws, it: Kept) -> dict[str, Any]:
    config = aws("config")
    (found,) = config.describe_configuration_aggregators(ConfigurationAggregatorNames=[it.id])[
        "ConfigurationAggregators"
    ]
    source = found["OrganizationAggregationSource"]
    tags = config.list_tags_for_resource(ResourceArn=found["ConfigurationAggregatorArn"])["Tags"]
    return {
        "role": source["RoleArn"],
        "everywhere": source.get("AllAwsRegions", False),
        "regions": source.get("AwsRegions"),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


SAMPLES = [
    Sample(
        type="aws:cfg/recorder:Recorder",
        inputs={"name": "recorder-{n}", "roleArn": _ROLE, "recordingGroup": _EVERYTHING},
        look=_recorder,
        seen={"role": _ROLE, "all": True, "global": True, "types": []},
        change={"recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}},
        seen_changed={"role": _ROLE, "all": False, "global": False, "types": ["AWS::S3::Bucket"]},
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: _put_recorder(aws, it.id),
        drifts="roleArn",
        remove=lambda aws, it: aws("config").delete_configuration_recorder(ConfigurationRecorderName=it.id),
    ),
    Sample(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        needs={"recorder": _RECORDER, "bucket": _BUCKET, "another": _BUCKET},
        inputs={
            "name": "channel-{n}",
            "s3BucketName": "{bucket.id}",
            "snapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
        },
        look=_channel,
        seen={
            "name": "channel-{n}",
            "s3BucketName": "{bucket.id}",
            "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
        },
        change={"s3BucketName": "{another.id}", "snapshotDeliveryProperties": None},
        seen_changed={"name": "channel-{n}", "s3BucketName": "{another.id}"},
        replace={"name": "renamed-{n}"},
        drift=_put_channel,
        drifts="s3BucketName",
        remove=lambda aws, it: aws("config").delete_delivery_channel(DeliveryChannelName=it.id),
    ),
    Sample(
        type="aws:cfg/recorderStatus:RecorderStatus",
        needs={"recorder": _RECORDER, "bucket": _BUCKET, "channel": _CHANNEL},
        inputs={"name": "{recorder.id}", "isEnabled": True},
        look=_recording,
        seen=True,
        change={"isEnabled": False},
        seen_changed=False,
        replace={"name": "another"},
        drift=lambda aws, it: aws("config").stop_configuration_recorder(ConfigurationRecorderName=it.id),
        drifts="isEnabled",
    ),
    Sample(
        type="aws:cfg/configurationAggregator:ConfigurationAggregator",
        inputs={
            "name": "sample-{n}",
            "organizationAggregationSource": {"allRegions": True, "roleArn": _ROLE},
            "tags": {"own": "1"},
        },
        look=_aggregator,
        seen={"role": _ROLE, "everywhere": True, "regions": None, "tags": {"from": "provider", "own": "1"}},
        change={
            "organizationAggregationSource": {"regions": ["eu-west-1"], "roleArn": _ROLE},
            "tags": {"own": "2"},
        },
        seen_changed={
            "role": _ROLE,
            "everywhere": False,
            "regions": ["eu-west-1"],
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: aws("config").untag_resource(ResourceArn=it.outputs["arn"], TagKeys=["own"]),
        drifts="tags",
        remove=lambda aws, it: aws("config").delete_configuration_aggregator(ConfigurationAggregatorName=it.id),
    ),
]
