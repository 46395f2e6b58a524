"""The files and variables that SageMaker gives to containers of training and processing jobs, and collects from them.

Sources: SageMaker Developer Guide, "How Amazon SageMaker AI Provides Training Information" and "Build Your Own
Processing Container", read 2026-11-21.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from plinth_sandbox.executors.sagemaker.container import OPT_ML
from plinth_sandbox.executors.sagemaker.objects import fetch, upload, upload_archive

Request = Mapping[str, Any]
HOST = "algo-1"


class JobFailedError(Exception):
    """The job failed for a reason that SageMaker reports as ``FailureReason``."""


class Job(ABC):
    """Contract between SageMaker and a job's container. ``root`` stands for ``/opt/ml``."""

    NAME: ClassVar[str]
    """Member of the request that names the job."""
    CONTAINER: ClassVar[str]
    """Member of the request that describes the container."""
    IMAGE: ClassVar[str]
    """Member of ``CONTAINER`` that names the image."""
    LOG_GROUP: ClassVar[str]
    PROGRAM: ClassVar[str] = ""
    """Program of the image that runs if the job names no command."""
    FAILURE: ClassVar[str]
    """File below ``root`` in which the container explains a failure."""

    def __init__(self, request: Request, arn: str, root: Path, s3: Any) -> None:
        self._request, self._arn, self._root, self._s3 = request, arn, root, s3
        self.name = str(request[self.NAME])

    @property
    def image(self) -> str:
        return str(self._request[self.CONTAINER][self.IMAGE])

    @property
    def command(self) -> list[str]:
        container = self._request[self.CONTAINER]
        return [*container.get("ContainerEntrypoint", []), *container.get("ContainerArguments", [])]

    @property
    @abstractmethod
    def variables(self) -> dict[str, str]:
        """Environment variables of the container."""

    @property
    @abstractmethod
    def isolated(self) -> bool:
        """Whether the container has no network."""

    @abstractmethod
    def prepare(self) -> None:
        """Writes the files that the container reads."""

    @abstractmethod
    def collect(self, *, complete: bool) -> None:
        """Uploads the files that the container wrote. ``complete`` is False after a failure, and True after a stop."""

    @abstractmethod
    def metrics(self, lines: list[str]) -> list[dict[str, Any]]:
        """Returns the metrics that the log contains."""


class TrainingJob(Job):
    """The contract of a training job."""

    NAME, CONTAINER, IMAGE = "TrainingJobName", "AlgorithmSpecification", "TrainingImage"
    PROGRAM = "train"
    LOG_GROUP = "/aws/sagemaker/TrainingJobs"
    FAILURE = "output/failure"

    @property
    def variables(self) -> dict[str, str]:
        return {
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self._arn,
            **self._request.get("Environment", {}),
        }

    @property
    def isolated(self) -> bool:
        return bool(self._request.get("EnableNetworkIsolation"))

    def prepare(self) -> None:
        channels = self._request.get("InputDataConfig", [])
        for channel in channels:
            source = channel["DataSource"]["S3DataSource"]
            fetch(self._s3, source["S3Uri"], self._root / "input" / "data" / channel["ChannelName"])
        _write(self._root / "input/config/hyperparameters.json", dict(self._request.get("HyperParameters", {})))
        described = {channel["ChannelName"]: _channel(channel) for channel in channels}
        _write(self._root / "input/config/inputdataconfig.json", described)
        kind = self._request["ResourceConfig"].get("InstanceType", "")
        _write(
            self._root / "input/config/resourceconfig.json",
            {
                "current_host": HOST,
                "current_instance_type": kind,
                "current_group_name": "homogeneousCluster",
                "hosts": [HOST],
                "instance_groups": [
                    {"instance_group_name": "homogeneousCluster", "instance_type": kind, "hosts": [HOST]}
                ],
                "network_interface_name": "lo",
            },
        )
        for folder in ("model", "output/data", "code"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)

    def collect(self, *, complete: bool) -> None:
        """Uploads the model, and the output that the job leaves beside it. A failed job has only the second."""
        output = self._request["OutputDataConfig"]
        place = f"{output['S3OutputPath'].rstrip('/')}/{self.name}/output"
        key_id = output.get("KmsKeyId", "")
        if complete:
            upload_archive(self._s3, self._root / "model", f"{place}/model.tar.gz", key_id)
        if any((self._root / "output/data").iterdir()):
            upload_archive(self._s3, self._root / "output" / "data", f"{place}/output.tar.gz", key_id)

    def metrics(self, lines: list[str]) -> list[dict[str, Any]]:
        """Returns the last value of each metric that the log contains."""
        found = []
        for metric in self._request["AlgorithmSpecification"].get("MetricDefinitions", []):
            values = [match for line in lines for match in re.findall(metric["Regex"], line)]
            if values:
                found.append({"MetricName": metric["Name"], "Value": float(values[-1])})
        return found


class ProcessingJob(Job):
    """The contract of a processing job."""

    NAME, CONTAINER, IMAGE = "ProcessingJobName", "AppSpecification", "ImageUri"
    LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
    FAILURE = "output/message"

    @property
    def variables(self) -> dict[str, str]:
        return {"PROCESSING_JOB_NAME": self.name, **self._request.get("Environment", {})}

    @property
    def isolated(self) -> bool:
        return bool(self._request.get("NetworkConfig", {}).get("EnableNetworkIsolation"))

    @property
    def _outputs(self) -> list[Mapping[str, Any]]:
        return [output["S3Output"] for output in self._request.get("ProcessingOutputConfig", {}).get("Outputs", [])]

    def _inside(self, path: str) -> Path:
        """Returns the folder of a path in the container. SageMaker accepts only paths below /opt/ml/processing."""
        return self._root / path.removeprefix(OPT_ML).lstrip("/")

    def prepare(self) -> None:
        for processing_input in self._request.get("ProcessingInputs", []):
            if source := processing_input.get("S3Input"):
                fetch(self._s3, source["S3Uri"], self._inside(source["LocalPath"]))
        for output in self._outputs:
            self._inside(output["LocalPath"]).mkdir(parents=True, exist_ok=True)
        _write(self._root / "config/processingjobconfig.json", {"ProcessingJobArn": self._arn, **self._request})
        _write(self._root / "config/resourceconfig.json", {"current_host": HOST, "hosts": [HOST]})
        (self._root / "output").mkdir(exist_ok=True)

    def collect(self, *, complete: bool) -> None:
        """Uploads the outputs, of a failed job too, as SageMaker does."""
        del complete
        key_id = self._request.get("ProcessingOutputConfig", {}).get("KmsKeyId", "")
        for output in self._outputs:
            upload(self._s3, self._inside(output["LocalPath"]), output["S3Uri"], key_id)

    def metrics(self, lines: list[str]) -> list[dict[str, Any]]:
        del lines
        return []


def _channel(channel: Mapping[str, Any]) -> dict[str, str]:
    return {
        "TrainingInputMode": str(channel.get("InputMode", "File")),
        "S3DistributionType": str(
            channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated")
        ),
        "RecordWrapperType": str(channel.get("RecordWrapperType", "None")),
    }


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, default=str))
