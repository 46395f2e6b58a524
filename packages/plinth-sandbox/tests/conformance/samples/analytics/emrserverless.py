"""Samples of EMR Serverless."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample

PROVIDER_TAG = {"from": "provider"}
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
GROUP, OTHER_GROUP = "sg-0123456789abcdef0", "sg-0123456789abcdef1"


def _application(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("emr-serverless")
    found = client.get_application(applicationId=it.id)["application"]
    logs = found["monitoringConfiguration"]
    return {
        "name": [found["name"], *(a["name"] for a in client.list_applications()["applications"] if a["id"] == it.id)],
        "what": (found["type"], found["releaseLabel"], found["architecture"], found["state"]),
        "network": (found["networkConfiguration"]["subnetIds"], found["networkConfiguration"]["securityGroupIds"]),
        "most": found["maximumCapacity"],
        "starts": found["autoStartConfiguration"]["enabled"],
        "idle": found["autoStopConfiguration"]["idleTimeoutMinutes"],
        "logs": logs["cloudWatchLoggingConfiguration"],
        "kept by EMR": logs["managedPersistenceMonitoringConfiguration"]["enabled"],
        "told": found["runtimeConfiguration"],
        "tags": client.list_tags_for_resource(resourceArn=it.outputs["arn"])["tags"],
    }


def _configured(group: str, encrypted: str) -> dict[str, Any]:
    return {
        "networkConfiguration": {"subnetIds": SUBNETS, "securityGroupIds": [group]},
        "runtimeConfigurations": [
            {"classification": "spark-defaults", "properties": {"spark.io.encryption.enabled": encrypted}}
        ],
    }


_SEEN = {
    "name": ["sample-{n}", "sample-{n}"],
    "what": ("Spark", "emr-7.12.0", "ARM64", "CREATED"),
    "network": (SUBNETS, [GROUP]),
    "most": {"cpu": "32 vCPU", "memory": "128 GB", "disk": "500 GB"},
    "starts": True,
    "idle": 20,
    "logs": {"enabled": True, "logGroupName": "/spark/{n}"},
    "kept by EMR": False,
    "told": [{"classification": "spark-defaults", "properties": {"spark.io.encryption.enabled": "true"}}],
    "tags": {**PROVIDER_TAG, "own": "1"},
}

SAMPLES = [
    Sample(
        type="aws:emrserverless/application:Application",
        inputs={
            "name": "sample-{n}",
            "type": "spark",
            "releaseLabel": "emr-7.12.0",
            "architecture": "ARM64",
            "autoStartConfiguration": {"enabled": True},
            "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 20},
            "maximumCapacity": {"cpu": "32 vCPU", "memory": "128 GB", "disk": "500 GB"},
            "monitoringConfiguration": {
                "cloudwatchLoggingConfiguration": {"enabled": True, "logGroupName": "/spark/{n}"},
                "managedPersistenceMonitoringConfiguration": {"enabled": False},
            },
            **_configured(GROUP, "true"),
            "tags": {"own": "1"},
        },
        look=_application,
        seen=_SEEN,
        change={
            "releaseLabel": "emr-7.11.0",
            "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 30},
            "maximumCapacity": {"cpu": "64 vCPU", "memory": "256 GB", "disk": "500 GB"},
            **_configured(OTHER_GROUP, "false"),
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "what": ("Spark", "emr-7.11.0", "ARM64", "CREATED"),
            "network": (SUBNETS, [OTHER_GROUP]),
            "most": {"cpu": "64 vCPU", "memory": "256 GB", "disk": "500 GB"},
            "idle": 30,
            "told": [{"classification": "spark-defaults", "properties": {"spark.io.encryption.enabled": "false"}}],
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"name": "other-{n}"},
        drift=lambda aws, it: aws("emr-serverless").update_application(
            applicationId=it.id,
            clientToken="drift",
            autoStopConfiguration={"enabled": True, "idleTimeoutMinutes": 60},
        ),
        drifts="autoStopConfiguration",
        remove=lambda aws, it: aws("emr-serverless").delete_application(applicationId=it.id),
    ),
]
