"""Samples of SageMaker pipelines and jobs."""

from __future__ import annotations

import json
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
from plinth_sandbox.waiting import eventually

_IMAGE = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/fraud/train@sha256:{'0' * 64}"
_VPC = {"securityGroupIds": [SECURITY_GROUP], "subnets": SUBNETS}


def _definition(*steps: str) -> str:
    """Returns the definition of a pipeline that always fails, with one step per name."""
    failing = [{"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": "no"}} for name in steps]
    return json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": failing})


def _pipeline(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_pipeline(PipelineName=it.id)
    return {
        "arn": found["PipelineArn"] == it.outputs["arn"],
        "steps": [step["Name"] for step in json.loads(found["PipelineDefinition"])["Steps"]],
        "shown": [found["PipelineDisplayName"], found["PipelineDescription"]],
        "at once": found["ParallelismConfiguration"]["MaxParallelExecutionSteps"],
        "role": found["RoleArn"],
        "tags": tags(aws, it),
    }


_SEEN_PIPELINE = {
    "arn": True,
    "steps": ["train"],
    "shown": ["Sample-{n}", "what it does"],
    "at once": 2,
    "role": WORKER,
    "tags": TAGGED,
}

_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
_KEY = ("aws:kms/key:Key", {})
_ROLE = ("aws:iam/role:Role", {"assumeRolePolicy": _TRUST})

_TRAINING = {
    "roleArn": "{role.outputs.arn}",
    "algorithmSpecification": {
        "trainingImage": _IMAGE,
        "trainingInputMode": "File",
        "containerEntrypoints": ["python"],
        "containerArguments": ["-m", "train"],
        "metricDefinitions": [{"name": "auc", "regex": "auc=(.*)"}],
    },
    "environment": {"LOG_LEVEL": "info"},
    "hyperParameters": {"depth": "6"},
    "inputDataConfigs": [
        {
            "channelName": "train",
            "dataSource": {"s3DataSource": {"s3DataType": "S3Prefix", "s3Uri": "s3://ml/train"}},
        }
    ],
    "outputDataConfig": {"s3OutputPath": "s3://ml/models", "kmsKeyId": "{key.outputs.arn}"},
    "resourceConfig": {
        "instanceCount": 1,
        "instanceType": "ml.m5.large",
        "volumeSizeInGb": 20,
        "volumeKmsKeyId": "{key.outputs.arn}",
    },
    "stoppingCondition": {"maxRuntimeInSeconds": 3600},
    "retryStrategy": {"maximumRetryAttempts": 1},
    "vpcConfig": _VPC,
    "enableNetworkIsolation": True,
    "enableInterContainerTrafficEncryption": True,
}


def _training(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_training_job(TrainingJobName=it.id)
    return {
        "arn": found["TrainingJobArn"] == it.outputs["arn"],
        "model": found["ModelArtifacts"]["S3ModelArtifacts"],
        "runs": (found["AlgorithmSpecification"]["ContainerArguments"], found["HyperParameters"]["depth"]),
        "metrics": [metric["Name"] for metric in found["AlgorithmSpecification"]["MetricDefinitions"]],
        "reads": found["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"],
        "keys": (found["OutputDataConfig"]["KmsKeyId"], found["ResourceConfig"]["VolumeKmsKeyId"]),
        "network": (found["EnableNetworkIsolation"], found["EnableInterContainerTrafficEncryption"]),
        "subnets": found["VpcConfig"]["Subnets"],
        "seconds": found["StoppingCondition"]["MaxRuntimeInSeconds"],
        "tries": found["RetryStrategy"]["MaximumRetryAttempts"],
        "debugged": found.get("RemoteDebugConfig", {}).get("EnableRemoteDebug"),
        "tags": tags(aws, it),
    }


def _remove_training(aws: Aws, it: Kept) -> None:
    """Deletes the job as soon as it has ended. SageMaker refuses to delete a running one."""
    sagemaker = aws("sagemaker")
    eventually(lambda: sagemaker.describe_training_job(TrainingJobName=it.id)["TrainingJobStatus"] != "InProgress")
    sagemaker.delete_training_job(TrainingJobName=it.id)


_SEEN_TRAINING = {
    "arn": True,
    "model": "s3://ml/models/sample-{n}/output/model.tar.gz",
    "runs": (["-m", "train"], "6"),
    "metrics": ["auc"],
    "reads": "s3://ml/train",
    "keys": ("{key.outputs.arn}", "{key.outputs.arn}"),
    "network": (True, True),
    "subnets": SUBNETS,
    "seconds": 3600,
    "tries": 1,
    "debugged": None,
    "tags": TAGGED,
}

_SEARCH = {
    "strategy": "Bayesian",
    "objective": {"type": "Maximize", "metricName": "auc"},
    "resourceLimits": {"maxNumberOfTrainingJobs": 4, "maxParallelTrainingJobs": 2},
    "parameterRanges": {"integerParameterRanges": [{"name": "depth", "minValue": "2", "maxValue": "9"}]},
}
_TRIAL = {
    name: value
    for name, value in _TRAINING.items()
    if name not in ("algorithmSpecification", "hyperParameters", "retryStrategy")
} | {
    "algorithmSpecification": {
        "trainingImage": _IMAGE,
        "trainingInputMode": "File",
        "metricDefinitions": [{"name": "auc", "regex": "auc=(.*)"}],
    },
    "retryStrategies": [{"maximumRetryAttempts": 1}],
    "staticHyperParameters": {"rounds": "10"},
}


def _tuning(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=it.id)
    config, trial = found["HyperParameterTuningJobConfig"], found["TrainingJobDefinition"]
    return {
        "arn": found["HyperParameterTuningJobArn"] == it.outputs["arn"],
        "ranges": [parameter_range["Name"] for parameter_range in config["ParameterRanges"]["IntegerParameterRanges"]],
        "limits": config["ResourceLimits"]["MaxNumberOfTrainingJobs"],
        "isolated": trial["EnableNetworkIsolation"],
        "keys": (trial["OutputDataConfig"]["KmsKeyId"], trial["ResourceConfig"]["VolumeKmsKeyId"]),
        "tags": tags(aws, it),
    }


_SEEN_TUNING = {
    "arn": True,
    "ranges": ["depth"],
    "limits": 4,
    "isolated": True,
    "keys": ("{key.outputs.arn}", "{key.outputs.arn}"),
    "tags": TAGGED,
}

SAMPLES = [
    Sample(
        type="aws:sagemaker/pipeline:Pipeline",
        inputs={
            "pipelineName": "sample-{n}",
            "pipelineDisplayName": "Sample-{n}",
            "pipelineDescription": "what it does",
            "pipelineDefinition": _definition("train"),
            "parallelismConfiguration": {"maxParallelExecutionSteps": 2},
            "roleArn": WORKER,
            "tags": {"own": "1"},
        },
        look=_pipeline,
        seen=_SEEN_PIPELINE,
        change={
            "pipelineDisplayName": "Changed",
            "pipelineDescription": "what it does now",
            "pipelineDefinition": _definition("split", "train"),
            "parallelismConfiguration": {"maxParallelExecutionSteps": 4},
            "roleArn": OTHER_WORKER,
            "tags": {"own": "2"},
        },
        seen_changed={
            "arn": True,
            "steps": ["split", "train"],
            "shown": ["Changed", "what it does now"],
            "at once": 4,
            "role": OTHER_WORKER,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"pipelineName": "another"},
        drift=lambda aws, it: aws("sagemaker").update_pipeline(
            PipelineName=it.id, PipelineDefinition=_definition("drift")
        ),
        drifts="pipelineDefinition",
        remove=lambda aws, it: aws("sagemaker").delete_pipeline(PipelineName=it.id, ClientRequestToken="0" * 32),
    ),
    Sample(
        type="aws:sagemaker/trainingJob:TrainingJob",
        needs={"key": _KEY, "role": _ROLE, "other": _ROLE},
        inputs={"trainingJobName": "sample-{n}", **_TRAINING, "tags": {"own": "1"}},
        look=_training,
        seen=_SEEN_TRAINING,
        change={"remoteDebugConfig": {"enableRemoteDebug": True}, "tags": {"own": "2"}},
        seen_changed={**_SEEN_TRAINING, "debugged": True, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"roleArn": "{other.outputs.arn}", "stoppingCondition": {"maxRuntimeInSeconds": 7200}},
        remove=_remove_training,
    ),
    Sample(
        type="aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",
        needs={"key": _KEY, "role": _ROLE},
        inputs={"name": "sample-{n}", "config": _SEARCH, "trainingJobDefinition": _TRIAL, "tags": {"own": "1"}},
        look=_tuning,
        seen=_SEEN_TUNING,
        change={"tags": {"own": "2"}},
        seen_changed={**_SEEN_TUNING, "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"config": {**_SEARCH, "strategy": "Random"}},
        remove=lambda aws, it: aws("sagemaker").delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=it.id),
    ),
]
