"""Samples of SageMaker models."""

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

PACKAGE = "arn:aws:sagemaker:eu-west-1:333333333333:model-package/fraud--scoring-main/7"
IMAGE = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring@sha256:{'0' * 64}"
DATA = "s3://acme-artifacts-333333333333-eu-west-1-an/fraud/scoring/weights/"
_WEIGHTS = {"s3Uri": DATA, "s3DataType": "S3Prefix", "compressionType": "None"}


def _model(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_model(ModelName=it.id)
    containers = [found["PrimaryContainer"]] if "PrimaryContainer" in found else found["Containers"]
    return {
        "packages": [container.get("ModelPackageName") for container in containers],
        "images": [container.get("Image") for container in containers],
        "data": [_data(container) for container in containers],
        "said": [container.get("Environment") for container in containers],
        "called": found.get("InferenceExecutionConfig"),
        "isolated": found["EnableNetworkIsolation"],
        "network": found.get("VpcConfig"),
        "role": found["ExecutionRoleArn"],
        "tags": tags(aws, it),
    }


def _data(container: dict[str, Any]) -> list[str]:
    sources = [container["ModelDataSource"]] if "ModelDataSource" in container else []
    return [source["S3DataSource"]["S3Uri"] for source in [*sources, *container.get("AdditionalModelDataSources", [])]]


_NETWORK = {"SecurityGroupIds": [SECURITY_GROUP], "Subnets": SUBNETS}
_SEEN = {
    "packages": [PACKAGE],
    "images": [None],
    "data": [[DATA]],
    "said": [{"MODE": "quiet"}],
    "called": None,
    "isolated": True,
    "network": _NETWORK,
    "role": WORKER,
    "tags": TAGGED,
}
_SEEN_PIPELINE = {
    "packages": [None, PACKAGE],
    "images": [IMAGE, None],
    "data": [[DATA], []],
    "said": [None, None],
    "called": {"Mode": "Direct"},
    "isolated": False,
    "network": None,
    "role": WORKER,
    "tags": PROVIDER_TAG,
}

SAMPLES = [
    Sample(
        type="aws:sagemaker/model:Model",
        inputs={
            "name": "sample-{n}",
            "executionRoleArn": WORKER,
            "primaryContainer": {
                "modelPackageName": PACKAGE,
                "environment": {"MODE": "quiet"},
                "additionalModelDataSources": [{"channelName": "weights", "s3DataSources": [_WEIGHTS]}],
            },
            "vpcConfig": {"subnets": SUBNETS, "securityGroupIds": [SECURITY_GROUP]},
            "enableNetworkIsolation": True,
            "tags": {"own": "1"},
        },
        look=_model,
        seen=_SEEN,
        change={"tags": {"own": "2"}},
        seen_changed={**_SEEN, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"executionRoleArn": OTHER_WORKER, "enableNetworkIsolation": False},
        remove=lambda aws, it: aws("sagemaker").delete_model(ModelName=it.id),
    ),
    Sample(
        type="aws:sagemaker/model:Model",
        inputs={
            "name": "pipeline-{n}",
            "executionRoleArn": WORKER,
            "containers": [
                {
                    "image": IMAGE,
                    "imageConfig": {"repositoryAccessMode": "Platform"},
                    "containerHostname": "prepare",
                    "modelDataSource": {"s3DataSources": [_WEIGHTS]},
                },
                {"modelPackageName": PACKAGE, "containerHostname": "score"},
            ],
            "inferenceExecutionConfig": {"mode": "Direct"},
        },
        look=_model,
        seen=_SEEN_PIPELINE,
        change={"tags": {"own": "1"}},
        seen_changed={**_SEEN_PIPELINE, "tags": TAGGED},
        replace={"inferenceExecutionConfig": {"mode": "Serial"}},
        remove=lambda aws, it: aws("sagemaker").delete_model(ModelName=it.id),
    ),
]
