"""Requests of jobs as plain data, without the SageMaker SDK.

A request is complete, depends on nothing but the commit, and confines the job: network, keys, isolation and time limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROCESSING = "/opt/ml/processing"
TRAINING = "/opt/ml/input"
MODEL = "/opt/ml/model"
"""Paths in containers (Amazon SageMaker Developer Guide, "How Amazon SageMaker AI Provides Training Information" and
"Build Your Own Processing Container"). Steps get them as arguments and variables."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where jobs run: account, network and key."""

    jobs: str
    """Prefix of the names of jobs."""
    role_arn: str
    region: str
    key_arn: str
    subnets: Sequence[str]
    security_groups: Sequence[str]
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Environment variables of all jobs, each up to 256 characters (SageMaker API, CreateTrainingJob)."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of all jobs. A job has no tags of its pipeline, and costs appear in the bill of a use case by tags."""

    @property
    def network(self) -> dict[str, Any]:
        return {"Subnets": self.subnets, "SecurityGroupIds": self.security_groups}

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """The tags as requests have them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def environment(self, code: str) -> dict[str, Any]:
        return {"PYTHONPATH": code, "AWS_DEFAULT_REGION": self.region, **self.variables}

    def cluster(self, instance: str, volume_gib: int) -> dict[str, Any]:
        return {
            "InstanceCount": 1,
            "InstanceType": instance,
            "VolumeSizeInGB": volume_gib,
            "VolumeKmsKeyId": self.key_arn,
        }


@dataclass(frozen=True, kw_only=True)
class ProcessingRequest:
    """The request of a processing job. It runs ``module`` with ``--<name> <folder>`` for each input and output, and
    with ``words``."""

    module: str
    image: Any
    code: Any
    """URI of the folder that contains the modules."""
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    instance: str
    volume_gib: int
    minutes: int
    words: Sequence[Any] = ()
    reports: Mapping[str, str] | None = None
    """JSON files that conditions read, such as ``{"Evaluation": "output/evaluation.json"}``."""
    isolated: bool = True
    key_arn: str = ""
    """Key of the outputs. Without it, the key of the place."""

    def request(self, place: Place) -> dict[str, Any]:
        folders = [word for it in (*self.inputs, *self.outputs) for word in (f"--{it}", f"{PROCESSING}/{it}")]
        return {
            "ProcessingJobName": place.jobs,
            "RoleArn": place.role_arn,
            "AppSpecification": {
                "ImageUri": self.image,
                "ContainerEntrypoint": ["python", "-m", self.module],
                "ContainerArguments": [*folders, *self.words],
            },
            "Environment": place.environment(f"{PROCESSING}/code"),
            "ProcessingInputs": [_input(it, uri) for it, uri in {"code": self.code, **self.inputs}.items()],
            "ProcessingOutputConfig": {
                "Outputs": [_output(it, uri) for it, uri in self.outputs.items()],
                "KmsKeyId": self.key_arn or place.key_arn,
            },
            "ProcessingResources": {"ClusterConfig": place.cluster(self.instance, self.volume_gib)},
            "NetworkConfig": {
                "EnableInterContainerTrafficEncryption": True,
                "EnableNetworkIsolation": self.isolated,
                "VpcConfig": place.network,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": self.minutes * 60},
            "Tags": place.tag_list,
        }


def _input(name: str, uri: Any) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{PROCESSING}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def _output(name: str, uri: Any) -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{PROCESSING}/{name}", "S3UploadMode": "EndOfJob"},
    }
