"""A step of a pipeline with a complete request, and the request of a processing job.

The SageMaker SDK's own processors and trainers upload files and read the clock while they build a request, and drop the
name prefix of training jobs, without which the pipeline's role may not create them. Here a request is plain data. It is
complete, depends on nothing but the commit, and confines the job: network, keys, isolation and time limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagemaker.core.workflow.properties import Properties, PropertyFile
from sagemaker.mlops.workflow.steps import ConfigurableRetryStep, StepTypeEnum

PROCESSING = "/opt/ml/processing"
TRAINING = "/opt/ml/input"
MODEL = "/opt/ml/model"
"""Paths in containers (Amazon SageMaker Developer Guide, "How Amazon SageMaker AI Provides Training Information" and
"Build Your Own Processing Container"). Steps get them as arguments and variables."""
_SHAPES = {
    StepTypeEnum.PROCESSING: ["DescribeProcessingJobResponse"],
    StepTypeEnum.TRAINING: ["DescribeTrainingJobResponse"],
    StepTypeEnum.TUNING: [
        "DescribeHyperParameterTuningJobResponse",
        "ListTrainingJobsForHyperParameterTuningJobResponse",
    ],
    StepTypeEnum.REGISTER_MODEL: ["DescribeModelPackageOutput"],
}


class JobStep(ConfigurableRetryStep):  # type: ignore[misc] # the SDK has no types
    """A step with a complete request."""

    def __init__(
        self, name: str, kind: StepTypeEnum, request: Mapping[str, Any], property_files: Sequence[PropertyFile] = ()
    ) -> None:
        super().__init__(name, kind)
        self._request, self.property_files = dict(request), list(property_files)
        self._properties = Properties(step_name=name, step=self, shape_names=_SHAPES[kind])

    @property
    def arguments(self) -> dict[str, Any]:
        return self._request

    @property
    def properties(self) -> Properties:
        return self._properties

    def to_request(self) -> dict[str, Any]:
        request: dict[str, Any] = super().to_request()
        if self.property_files:
            request["PropertyFiles"] = [file.expr for file in self.property_files]
        return request

    def output(self, name: str) -> Any:
        """Returns the URI of an output of a processing step."""
        return self.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


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

    @property
    def network(self) -> dict[str, Any]:
        return {"Subnets": self.subnets, "SecurityGroupIds": self.security_groups}

    def environment(self, code: str) -> dict[str, str]:
        return {"PYTHONPATH": code, "AWS_DEFAULT_REGION": self.region}

    def cluster(self, instance: str, volume_gib: int) -> dict[str, Any]:
        return {
            "InstanceCount": 1,
            "InstanceType": instance,
            "VolumeSizeInGB": volume_gib,
            "VolumeKmsKeyId": self.key_arn,
        }


@dataclass(frozen=True, kw_only=True)
class Processing:
    """A processing job that runs ``module`` with ``--<name> <folder>`` for each input and output, and ``words``."""

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

    def step(self, name: str, place: Place) -> JobStep:
        folders = [word for it in (*self.inputs, *self.outputs) for word in (f"--{it}", f"{PROCESSING}/{it}")]
        request = {
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
        }
        places = {report: path.partition("/") for report, path in (self.reports or {}).items()}
        files = [PropertyFile(name=it, output_name=output, path=file) for it, (output, _, file) in places.items()]
        return JobStep(name, StepTypeEnum.PROCESSING, request, files)


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
