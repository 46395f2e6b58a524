"""Samples of SageMaker endpoints and their configurations."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import PROVIDER_TAG, TAGGED, WORKER, tags
from conformance.samples.machine_learning.sagemaker.models import IMAGE
from plinth_sandbox.waiting import LONGEST_SECONDS

KEY = ("aws:kms/key:Key", {})
MODEL = (
    "aws:sagemaker/model:Model",
    {"name": "scores-{n}", "executionRoleArn": WORKER, "primaryContainer": {"image": IMAGE}},
)
CAPTURES = "s3://captures/scoring/monitoring/capture"


def configuration(name: str = "needed-{n}", **variant: Any) -> tuple[str, dict[str, Any]]:
    """Prerequisites of an endpoint."""
    served = {
        "variantName": "all",
        "modelName": "scores-{n}",
        "instanceType": "ml.m6i.large",
        "initialInstanceCount": 2,
    }
    return (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {"name": name, "productionVariants": [{**served, **variant}]},
    )


def _configuration(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_endpoint_config(EndpointConfigName=it.id)
    served, shadow = found["ProductionVariants"][0], found["ShadowProductionVariants"][0]
    capture, later = found["DataCaptureConfig"], found["AsyncInferenceConfig"]
    return {
        "serves": (served["VariantName"], served["InstanceType"], served["InitialInstanceCount"]),
        "weighs": (served["InitialVariantWeight"], shadow["InitialVariantWeight"]),
        "dumps": served["CoreDumpConfig"],
        "routes": served["RoutingConfig"]["RoutingStrategy"],
        "shadow": (shadow["InstanceType"], shadow["EnableSSMAccess"], bool(shadow["VariantName"])),
        "captures": (capture["EnableCapture"], capture["InitialSamplingPercentage"], capture["DestinationS3Uri"]),
        "modes": [option["CaptureMode"] for option in capture["CaptureOptions"]],
        "json": capture["CaptureContentTypeHeader"]["JsonContentTypes"],
        "later": (later["OutputConfig"]["S3OutputPath"], later["ClientConfig"]["MaxConcurrentInvocationsPerInstance"]),
        "keys": [found["KmsKeyId"], capture["KmsKeyId"]],
        "tags": tags(aws, it),
    }


_SEEN_CONFIGURATION = {
    "serves": ("all", "ml.m6i.large", 2),
    "weighs": (3.0, 1.0),
    "dumps": {"DestinationS3Uri": "s3://dumps/all", "KmsKeyId": "{key.outputs.arn}"},
    "routes": "LEAST_OUTSTANDING_REQUESTS",
    "shadow": ("ml.c7i.large", False, True),
    "captures": (True, 20, CAPTURES),
    "modes": ["Input", "Output"],
    "json": ["application/json"],
    "later": ("s3://answers/late", 4),
    "keys": ["{key.outputs.arn}", "{key.outputs.arn}"],
    "tags": TAGGED,
}


def _endpoint(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_endpoint(EndpointName=it.id)
    deployed = found["LastDeploymentConfig"]
    shift = deployed["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    variant = found["ProductionVariants"][0]
    return {
        "configuration": found["EndpointConfigName"],
        "stands": (found["EndpointStatus"], variant["VariantName"], variant["CurrentInstanceCount"]),
        "shifts": (shift["Type"], shift["CanarySize"]["Value"], shift["WaitIntervalInSeconds"]),
        "goes back": [alarm["AlarmName"] for alarm in deployed["AutoRollbackConfiguration"]["Alarms"]],
        "tags": tags(aws, it),
    }


def _alarm(name: str) -> tuple[str, dict[str, Any]]:
    """Prerequisite of an endpoint that rolls back on an alarm."""
    metric = {"namespace": "AWS/SageMaker", "metricName": name, "statistic": "Sum", "period": 60}
    limit = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": 0}
    return "aws:cloudwatch/metricAlarm:MetricAlarm", {"name": name, **metric, **limit}


def _enlarge(aws: Aws, it: Kept) -> None:
    sagemaker = aws("sagemaker")
    large = it.known["large"].id
    sagemaker.update_endpoint(EndpointName=it.id, EndpointConfigName=large, RetainDeploymentConfig=True)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=it.id, WaiterConfig={"Delay": 1, "MaxAttempts": LONGEST_SECONDS}
    )


def _canary(*alarms: str, percent: int = 50) -> dict[str, Any]:
    return {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {
                "type": "CANARY",
                "waitIntervalInSeconds": 1,
                "canarySize": {"type": "CAPACITY_PERCENT", "value": percent},
            },
            "maximumExecutionTimeoutInSeconds": 3600,
        },
        "autoRollbackConfiguration": {"alarms": [{"alarmName": alarm} for alarm in alarms]},
    }


_SEEN_ENDPOINT = {
    "configuration": "needed-{n}",
    "stands": ("InService", "all", 2),
    "shifts": ("CANARY", 50, 1),
    "goes back": ["errors"],
    "tags": TAGGED,
}

SAMPLES = [
    Sample(
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        needs={"key": KEY, "model": MODEL},
        inputs={
            "name": "sample-{n}",
            "kmsKeyArn": "{key.outputs.arn}",
            "productionVariants": [
                {
                    "variantName": "all",
                    "modelName": "scores-{n}",
                    "instanceType": "ml.m6i.large",
                    "initialInstanceCount": 2,
                    "initialVariantWeight": 3,
                    "coreDumpConfig": {"destinationS3Uri": "s3://dumps/all", "kmsKeyId": "{key.outputs.arn}"},
                    "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
                }
            ],
            "shadowProductionVariants": [
                {
                    "modelName": "scores-{n}",
                    "instanceType": "ml.c7i.large",
                    "initialInstanceCount": 1,
                    "enableSsmAccess": False,
                }
            ],
            "dataCaptureConfig": {
                "enableCapture": True,
                "initialSamplingPercentage": 20,
                "destinationS3Uri": CAPTURES,
                "kmsKeyId": "{key.outputs.arn}",
                "captureOptions": [{"captureMode": "Input"}, {"captureMode": "Output"}],
                "captureContentTypeHeader": {"jsonContentTypes": ["application/json"]},
            },
            "asyncInferenceConfig": {
                "outputConfig": {"s3OutputPath": "s3://answers/late", "s3FailurePath": "s3://answers/failed"},
                "clientConfig": {"maxConcurrentInvocationsPerInstance": 4},
            },
            "tags": {"own": "1"},
        },
        look=_configuration,
        seen=_SEEN_CONFIGURATION,
        change={"tags": {"own": "2"}},
        seen_changed={**_SEEN_CONFIGURATION, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={
            "kmsKeyArn": None,
            "productionVariants": configuration(instanceType="ml.g5.xlarge")[1]["productionVariants"],
        },
        remove=lambda aws, it: aws("sagemaker").delete_endpoint_config(EndpointConfigName=it.id),
    ),
    Sample(
        type="aws:sagemaker/endpoint:Endpoint",
        needs={
            "model": MODEL,
            "small": configuration(),
            "large": configuration("larger-{n}", initialInstanceCount=4),
            "errors": _alarm("errors"),
            "latency": _alarm("latency"),
        },
        inputs={
            "name": "sample-{n}",
            "endpointConfigName": "{small.id}",
            "deploymentConfig": _canary("errors"),
            "tags": {"own": "1"},
        },
        look=_endpoint,
        seen={**_SEEN_ENDPOINT, "configuration": "{small.id}"},
        change={
            "endpointConfigName": "{large.id}",
            "deploymentConfig": _canary("errors", "latency", percent=25),
            "tags": {"own": "2"},
        },
        seen_changed={
            "configuration": "{large.id}",
            "stands": ("InService", "all", 4),
            "shifts": ("CANARY", 25, 1),
            "goes back": ["errors", "latency"],
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"name": "other-{n}"},
        drift=_enlarge,
        drifts="endpointConfigName",
        remove=lambda aws, it: aws("sagemaker").delete_endpoint(EndpointName=it.id),
    ),
]
