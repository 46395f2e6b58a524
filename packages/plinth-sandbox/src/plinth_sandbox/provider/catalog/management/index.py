"""Data sources about the provider itself: caller identity, region and partition."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, DataSource

CALLER_IDENTITY = DataSource(
    type="aws:index/getCallerIdentity:getCallerIdentity",
    service="sts",
    read=[Call("get_caller_identity", gives={"accountId": "Account"})],
    identifier="{accountId}",
)

REGION = DataSource(
    type="aws:index/getRegion:getRegion",
    derived={
        "region": "{@region}",
        "name": "{@region}",
        "description": "{@region}",
        "endpoint": "ec2.{@region}.amazonaws.com",
    },
    identifier="{@region}",
)

PARTITION = DataSource(
    type="aws:index/getPartition:getPartition",
    derived={"partition": "{@partition}", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"},
    identifier="{@partition}",
)

AVAILABILITY_ZONES = DataSource(
    type="aws:index/getAvailabilityZones:getAvailabilityZones",
    service="ec2",
    read=[
        Call(
            "describe_availability_zones",
            gives={
                "names": "AvailabilityZones[].ZoneName",
                "zoneIds": "AvailabilityZones[].ZoneId",
                "groupNames": "AvailabilityZones[].GroupName",
            },
        )
    ],
    identifier="{@region}",
)

DATA_SOURCES = [CALLER_IDENTITY, REGION, PARTITION, AVAILABILITY_ZONES]
