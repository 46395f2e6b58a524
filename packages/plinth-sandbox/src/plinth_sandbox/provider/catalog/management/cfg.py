"""AWS Config."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.cfg import switch_recorder
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

RECORDER = Resource(
    type="aws:cfg/recorder:Recorder",
    service="config",
    put=Call(
        "put_configuration_recorder", within="ConfigurationRecorder", carries=["name", "roleArn", "recordingGroup"]
    ),
    identifier="{name}",
    read=Call(
        "describe_configuration_recorders",
        {"ConfigurationRecorderNames": ["{name}"]},
        within="ConfigurationRecorders[0]",
    ),
    delete=Call("delete_configuration_recorder", {"ConfigurationRecorderName": "{name}"}),
    defaults={"name": "default"},
    computed=[
        "recordingGroup",
        "recordingGroup.exclusionByResourceTypes",
        "recordingGroup.recordingStrategies",
        "recordingGroup.resourceTypes",
    ],
    replaces=["name"],
    name=None,
)

DELIVERY_CHANNEL = Resource(
    type="aws:cfg/deliveryChannel:DeliveryChannel",
    service="config",
    put=Call("put_delivery_channel", within="DeliveryChannel"),
    identifier="{name}",
    read=Call("describe_delivery_channels", {"DeliveryChannelNames": ["{name}"]}, within="DeliveryChannels[0]"),
    delete=Call("delete_delivery_channel", {"DeliveryChannelName": "{name}"}),
    renames={"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"},
    defaults={"name": "default"},
    replaces=["name"],
    name=None,
)

RECORDER_STATUS = Resource(
    type="aws:cfg/recorderStatus:RecorderStatus",
    service="config",
    create=switch_recorder,
    creates=["name", "isEnabled"],
    identifier="{name}",
    read=Call(
        "describe_configuration_recorder_status",
        {"ConfigurationRecorderNames": ["{name}"]},
        gives={
            "name": "ConfigurationRecordersStatus[0].name",
            "isEnabled": "ConfigurationRecordersStatus[0].recording",
        },
        carries=[],
    ),
    update=[Update(switch_recorder, carries=["isEnabled"])],
    delete=Call("stop_configuration_recorder", {"ConfigurationRecorderName": "{name}"}),
    name=None,
)

CONFIGURATION_AGGREGATOR = Resource(
    type="aws:cfg/configurationAggregator:ConfigurationAggregator",
    service="config",
    put="put_configuration_aggregator",
    identifier="{name}",
    address={"ConfigurationAggregatorName": "{name}"},
    read=Call(
        "describe_configuration_aggregators",
        {"ConfigurationAggregatorNames": ["{name}"]},
        within="ConfigurationAggregators[0]",
    ),
    delete="delete_configuration_aggregator",
    renames={
        "name": "ConfigurationAggregatorName",
        "arn": "ConfigurationAggregatorArn",
        "allRegions": "AllAwsRegions",
        "regions": "AwsRegions",
    },
    defaults={
        "organizationAggregationSource.allRegions": False,
        "accountAggregationSource.allRegions": False,
    },
    replaces=["name"],
    exactly_one=[["accountAggregationSource", "organizationAggregationSource"]],
    name=Name(longest=256),
    tags=Tagging(),
)

RESOURCES = [RECORDER, DELIVERY_CHANNEL, RECORDER_STATUS, CONFIGURATION_AGGREGATOR]
