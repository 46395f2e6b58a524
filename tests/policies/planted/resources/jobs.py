"""Compliant resources: jobs, pipelines, model monitoring and the model registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

from tests.policies.planted.resources.base import ACCOUNT, BUCKET, GROUP, KEY, ORGANIZATION, SUBNETS, Planter, document

ROLE = f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-dev-pipeline"
IMAGE = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring@sha256:{'0' * 64}"
INSIDE = {
    "enable_network_isolation": True,
    "enable_inter_container_traffic_encryption": True,
    "vpc_config": {"security_group_ids": [GROUP], "subnets": SUBNETS},
}
MACHINES = {"instance_count": 2, "instance_type": "ml.m5.large", "volume_size_in_gb": 20}
CLUSTER = {"cluster_config": {**MACHINES, "volume_kms_key_id": KEY}}
FOUND = {"s3_uri": f"s3://{BUCKET}/monitoring/results", "local_path": "/opt/ml/processing/output"}
OUTPUT = {"kms_key_id": KEY, "monitoring_outputs": {"s3_output": FOUND}}
HOUR = {"max_runtime_in_seconds": 3600}
TRAINING: dict[str, Any] = {
    "role_arn": ROLE,
    "output_data_config": {"s3_output_path": f"s3://{BUCKET}/models", "kms_key_id": KEY},
    "resource_config": CLUSTER["cluster_config"],
    "stopping_condition": HOUR,
    **INSIDE,
}
ALGORITHM = {"training_image": IMAGE, "training_input_mode": "File"}
STEP = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models", "KmsKeyId": KEY},
    "ResourceConfig": {"InstanceCount": {"Get": "Parameters.Machines"}, "VolumeKmsKeyId": KEY},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "VpcConfig": {"SecurityGroupIds": [GROUP], "Subnets": SUBNETS},
    "EnableNetworkIsolation": True,
    "EnableInterContainerTrafficEncryption": True,
}


class Jobs(Planter):
    def data_quality(self, **changes: Any) -> aws.sagemaker.DataQualityJobDefinition:
        properties = {
            "data_quality_app_specification": {"image_uri": IMAGE},
            "data_quality_job_input": {"endpoint_input": {"endpoint_name": "planted"}},
            "data_quality_job_output_config": OUTPUT,
            "job_resources": CLUSTER,
            "network_config": INSIDE,
            "stopping_condition": HOUR,
            "role_arn": ROLE,
        }
        return aws.sagemaker.DataQualityJobDefinition(self._name, **properties | changes, opts=self._opts())

    def monitoring_schedule(self, *, endpoint: Any = "planted", definition: Any = None, **changes: Any) -> None:
        """Creates a schedule with an inline job definition, or with the name of one."""
        said: Any = {
            "monitoring_app_specification": {"image_uri": IMAGE},
            "monitoring_inputs": {
                "endpoint_input": {"endpoint_name": endpoint, "local_path": "/opt/ml/processing/input"}
            },
            "monitoring_output_config": OUTPUT,
            "monitoring_resources": CLUSTER,
            "network_config": INSIDE,
            "stopping_conditions": [HOUR],
            "role_arn": ROLE,
        }
        named = {"monitoring_job_definition_name": definition}
        job = named if definition is not None else {"monitoring_job_definition": said | changes}
        aws.sagemaker.MonitoringSchedule(
            self._name, monitoring_schedule_config={"monitoring_type": "DataQuality", **job}, opts=self._opts()
        )

    def training_job(self, **changes: Any) -> None:
        properties = {"training_job_name": "planted", "algorithm_specification": ALGORITHM, **TRAINING}
        aws.sagemaker.TrainingJob(self._name, **properties | changes, opts=self._opts())

    def tuning_job(self, **changes: Any) -> None:
        limits = {"max_number_of_training_jobs": 2, "max_parallel_training_jobs": 1}
        trained: Any = {"algorithm_specification": ALGORITHM, **TRAINING}
        aws.sagemaker.HyperParameterTuningJob(
            self._name,
            config={"strategy": "Bayesian", "resource_limits": limits},
            training_job_definition=trained | changes,
            opts=self._opts(),
        )

    def pipeline(self, arguments: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Creates a pipeline with one training step."""
        step = {"Name": "train", "Type": "Training", "Arguments": STEP | dict(arguments or {})}
        properties = {
            "pipeline_name": "planted",
            "pipeline_display_name": "planted",
            "pipeline_definition": json.dumps({"Version": "2020-12-01", "Steps": [step]}),
            "role_arn": ROLE,
        }
        aws.sagemaker.Pipeline(self._name, **properties | changes, opts=self._opts())

    def package_group(self) -> None:
        aws.sagemaker.ModelPackageGroup(self._name, model_package_group_name="planted", opts=self._opts())

    def package_group_policy(self, *actions: str) -> None:
        reading = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": ["sagemaker:DescribeModelPackage", *actions],
            "Resource": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-package/planted/*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
        aws.sagemaker.ModelPackageGroupPolicy(
            self._name,
            model_package_group_name="planted",
            resource_policy=document(reading),
            opts=self._opts(),
        )
