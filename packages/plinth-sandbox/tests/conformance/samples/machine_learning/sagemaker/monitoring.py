"""Samples of SageMaker monitoring."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import (
    OTHER_WORKER,
    PROVIDER_TAG,
    SECURITY_GROUP,
    SUBNETS,
    TAGGED,
    WORKER,
    tags,
)

_ANALYZER = f"468650794304.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-model-monitor-analyzer@sha256:{'0' * 64}"
_CLUSTER = {"instanceCount": 2, "instanceType": "ml.m5.large", "volumeSizeInGb": 20, "volumeKmsKeyId": "key"}
_NETWORK = {
    "enableInterContainerTrafficEncryption": True,
    "enableNetworkIsolation": True,
    "vpcConfig": {"securityGroupIds": [SECURITY_GROUP], "subnets": SUBNETS},
}
_DEFINITION = {
    "name": "sample-{n}",
    "roleArn": WORKER,
    "dataQualityAppSpecification": {"imageUri": _ANALYZER, "environment": {"publish": "on"}},
    "dataQualityBaselineConfig": {"statisticsResource": {"s3Uri": "s3://ml/statistics.json"}},
    "dataQualityJobInput": {"endpointInput": {"endpointName": "fraud"}},
    "dataQualityJobOutputConfig": {"kmsKeyId": "key", "monitoringOutputs": {"s3Output": {"s3Uri": "s3://ml/found"}}},
    "jobResources": {"clusterConfig": _CLUSTER},
    "networkConfig": _NETWORK,
    "stoppingCondition": {"maxRuntimeInSeconds": 1800},
}


def _definition(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_data_quality_job_definition(JobDefinitionName=it.id)
    (output,) = found["DataQualityJobOutputConfig"]["MonitoringOutputs"]
    return {
        "arn": found["JobDefinitionArn"] == it.outputs["arn"],
        "image": found["DataQualityAppSpecification"]["ImageUri"],
        "baseline": found["DataQualityBaselineConfig"]["StatisticsResource"]["S3Uri"],
        "input": found["DataQualityJobInput"]["EndpointInput"],
        "output": (found["DataQualityJobOutputConfig"]["KmsKeyId"], output["S3Output"]),
        "cluster": found["JobResources"]["ClusterConfig"],
        "network": _network(found),
        "seconds": found["StoppingCondition"]["MaxRuntimeInSeconds"],
        "tags": tags(aws, it),
    }


def _network(found: dict[str, Any]) -> tuple[Any, ...]:
    network = found["NetworkConfig"]
    flags = (network["EnableInterContainerTrafficEncryption"], network["EnableNetworkIsolation"])
    return (*flags, network["VpcConfig"]["Subnets"])


_SEEN_DEFINITION = {
    "arn": True,
    "image": _ANALYZER,
    "baseline": "s3://ml/statistics.json",
    "input": {"EndpointName": "fraud", "LocalPath": "/opt/ml/processing/input"},
    "output": ("key", {"S3Uri": "s3://ml/found", "LocalPath": "/opt/ml/processing/output"}),
    "cluster": {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20, "VolumeKmsKeyId": "key"},
    "network": (True, True, SUBNETS),
    "seconds": 1800,
    "tags": TAGGED,
}


def _inline(*, seconds: int) -> dict[str, Any]:
    """Returns a job definition inside a schedule."""
    output = {"s3Uri": "s3://ml/found", "localPath": "/opt/ml/processing/output"}
    data = {"endpointName": "fraud", "localPath": "/opt/ml/processing/input"}
    return {
        "monitoringAppSpecification": {
            "imageUri": _ANALYZER,
            "containerEntrypoints": ["python"],
            "containerArguments": ["-m", "watch"],
        },
        "monitoringInputs": {"endpointInput": data},
        "monitoringOutputConfig": {"kmsKeyId": "key", "monitoringOutputs": {"s3Output": output}},
        "monitoringResources": {"clusterConfig": _CLUSTER},
        "baseline": {"constraintsResource": {"s3Uri": "s3://ml/constraints.json"}},
        "networkConfig": _NETWORK,
        "stoppingConditions": [{"maxRuntimeInSeconds": seconds}],
        "roleArn": WORKER,
    }


def _scheduled(*, hour: str = "*", seconds: int = 1800) -> dict[str, Any]:
    return {
        "monitoringType": "ModelQuality",
        "monitoringJobDefinition": _inline(seconds=seconds),
        "scheduleConfig": {"scheduleExpression": f"cron(0 {hour} ? * * *)"},
    }


def _schedule(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_monitoring_schedule(MonitoringScheduleName=it.id)
    config = found["MonitoringScheduleConfig"]
    inline = config.get("MonitoringJobDefinition")
    return {
        "arn": found["MonitoringScheduleArn"] == it.outputs["arn"],
        "when": config["ScheduleConfig"]["ScheduleExpression"],
        "type": config["MonitoringType"],
        "named": config.get("MonitoringJobDefinitionName"),
        "said": inline and (inline["MonitoringAppSpecification"]["ContainerArguments"], _network(inline),
                            inline["BaselineConfig"]["ConstraintsResource"]["S3Uri"],
                            inline["MonitoringInputs"][0]["EndpointInput"]["EndpointName"],
                            inline["StoppingCondition"]["MaxRuntimeInSeconds"]),
        "tags": tags(aws, it),
    }  # fmt: skip


_SEEN_SCHEDULE = {
    "arn": True,
    "when": "cron(0 * ? * * *)",
    "type": "ModelQuality",
    "named": None,
    "said": (["-m", "watch"], (True, True, SUBNETS), "s3://ml/constraints.json", "fraud", 1800),
    "tags": TAGGED,
}


def _run_daily(aws: Aws, it: Kept) -> None:
    found = aws("sagemaker").describe_monitoring_schedule(MonitoringScheduleName=it.id)["MonitoringScheduleConfig"]
    daily = {**found, "ScheduleConfig": {"ScheduleExpression": "cron(0 4 ? * * *)"}}
    aws("sagemaker").update_monitoring_schedule(MonitoringScheduleName=it.id, MonitoringScheduleConfig=daily)


SAMPLES = [
    Sample(
        type="aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        inputs={**_DEFINITION, "tags": {"own": "1"}},
        look=_definition,
        seen=_SEEN_DEFINITION,
        change={"tags": {"own": "2"}},
        seen_changed={**_SEEN_DEFINITION, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"roleArn": OTHER_WORKER, "networkConfig": {**_NETWORK, "enableNetworkIsolation": False}},
        remove=lambda aws, it: aws("sagemaker").delete_data_quality_job_definition(JobDefinitionName=it.id),
    ),
    Sample(
        type="aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        inputs={"name": "sample-{n}", "monitoringScheduleConfig": _scheduled(), "tags": {"own": "1"}},
        needs={"quality": ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition", _DEFINITION)},
        look=_schedule,
        seen=_SEEN_SCHEDULE,
        change={
            "monitoringScheduleConfig": {
                "monitoringType": "DataQuality",
                "monitoringJobDefinitionName": "{quality.id}",
                "scheduleConfig": {"scheduleExpression": "cron(0 3 ? * * *)"},
            },
            "tags": {"own": "2"},
        },
        seen_changed={
            "arn": True,
            "when": "cron(0 3 ? * * *)",
            "type": "DataQuality",
            "named": "{quality.id}",
            "said": None,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"name": "another"},
        drift=_run_daily,
        drifts="monitoringScheduleConfig",
        remove=lambda aws, it: aws("sagemaker").delete_monitoring_schedule(MonitoringScheduleName=it.id),
    ),
]
