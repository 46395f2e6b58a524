"""A transform job: the model is started, each object is answered in batches, and the results are stored in S3.

Sources: SageMaker API, CreateTransformJob and StopTransformJob; SageMaker Developer Guide, "Batch transform for
inference with Amazon SageMaker AI" (read 2026-11-22).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors import session
from plinth_sandbox.executors.hosting.model import NotServedError, containers_of
from plinth_sandbox.executors.hosting.served_container import HEALTH_CHECK_SECONDS, ServedContainer
from plinth_sandbox.executors.hosting.variant import Variant
from plinth_sandbox.executors.sagemaker.contract import JobFailedError
from plinth_sandbox.executors.sagemaker.job_log import write_log
from plinth_sandbox.executors.sagemaker.objects import put
from plinth_sandbox.executors.transform.data_processing import ProcessingError
from plinth_sandbox.executors.transform.objects import InputObject, NoInputError, objects_of
from plinth_sandbox.executors.transform.records import SINGLE, TooLargeError
from plinth_sandbox.executors.transform.requests import RequestFailedError, Requests, limits_of
from plinth_sandbox.executors.transform.transformation import Transformation

LOG_GROUP = "/aws/sagemaker/TransformJobs"


@dataclass(slots=True)
class TransformJob:
    """One run of a transform job with the role of its model."""

    run: Mapping[str, Any]
    """``arn``, the ``request`` of CreateTransformJob, ``images``, and ``role``, ``containers``, ``isolated`` and
    ``subnets`` of the model."""
    _log: list[str] = field(default_factory=list)
    """Lines that SageMaker adds to the output of the containers."""

    @property
    def request(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.run["request"]
        return found

    def execute(self) -> None:
        """Raises: JobFailedError with the reason that SageMaker gives. Results of other objects are stored before."""
        try:
            session.take(self.run["role"], "SageMaker", source_arn=self.run["arn"], subnets=self.run["subnets"])
            s3 = boto3.client("s3")
            found = objects_of(s3, self.request["TransformInput"]["DataSource"]["S3DataSource"])
            containers = containers_of({**self.run, "containers": self._containers()}, os.environ)
        except (ClientError, NoInputError, NotServedError) as error:
            raise JobFailedError(f"ClientError: {error}") from error
        try:
            self._transform(found, containers, s3)
        finally:
            for container in containers:
                container.stop()
            self._write_logs(containers)

    def _containers(self) -> list[dict[str, Any]]:
        """Returns the containers with the variables of batch transform (SageMaker Developer Guide, "Custom Inference
        Code with Batch Transform"). Those that the request does not set are not passed."""
        given = {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": self.request.get("MaxPayloadInMB"),
            "SAGEMAKER_BATCH_STRATEGY": _variable(self.request.get("BatchStrategy")),
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": self.request.get("MaxConcurrentTransforms"),
        }
        own = {name: str(value) for name, value in given.items() if value is not None}
        own |= self.request.get("Environment", {})
        return [
            {**container, "Environment": {**container.get("Environment", {}), **own}}
            for container in self.run["containers"]
        ]

    def _transform(self, found: Sequence[InputObject], containers: list[ServedContainer], s3: Any) -> None:
        for container in containers:
            container.start()
        if not all(container.is_healthy(HEALTH_CHECK_SECONDS) for container in containers):
            raise JobFailedError(
                "AlgorithmError: Model container failed to respond to ping. Please ensure /ping endpoint is "
                "implemented and responds with an HTTP 200 status code"
            )
        limits, requests = limits_of(self.request, containers[0]), Requests.of(Variant(containers), self.request)
        self._say(
            f"MaxConcurrentTransforms={limits.concurrent}, MaxPayloadInMB={limits.payload_mib}, "
            f"BatchStrategy={_variable(limits.strategy)}"
        )
        faults: list[str] = []
        results: dict[InputObject, Path] = {}
        with ThreadPoolExecutor(limits.concurrent) as pool:
            transformation = Transformation(self.request, limits, requests, pool, s3)
            for number, input_object in enumerate(found):
                if (result := self._result(input_object, transformation, faults)) is not None:
                    results[input_object] = Path(f"result-{number}").absolute()
                    results[input_object].write_bytes(result)
        self._store(results, s3)
        if faults:
            raise JobFailedError(f"{faults[0]}: See job logs for more information")

    def _result(self, object_: InputObject, transformation: Transformation, faults: list[str]) -> bytes | None:
        """Returns the result of an object. If a record fails, the object has no result."""
        try:
            return transformation.result_of(object_)
        except RequestFailedError as error:
            self._say(str(error), object_.label)
            faults.append("ClientError" if error.by_client else "AlgorithmError")
        except (ClientError, ProcessingError, TooLargeError, OSError, EOFError) as error:
            self._say(str(error), object_.label)
            faults.append("ClientError")
        return None

    def _store(self, results: Mapping[InputObject, Path], s3: Any) -> None:
        """Stores the results when all objects are done, because a stopped job leaves none."""
        output = self.request["TransformOutput"]
        try:
            for object_, file in results.items():
                put(s3, file, object_.output(output["S3OutputPath"]), output.get("KmsKeyId", ""))
        except ClientError as error:
            raise JobFailedError(f"ClientError: {error}") from error

    def _say(self, message: str, label: str = "") -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3]
        before = f"{now}:[sagemaker logs]: {f'{label}: ' if label else ''}"
        self._log += [before + line for line in message.splitlines()]

    def _write_logs(self, containers: Sequence[ServedContainer]) -> None:
        stream = f"{self.request['TransformJobName']}/i-{time.time_ns():017x}-{int(time.time())}"
        for container in containers:
            lines = container.log.read_text(errors="replace").splitlines() if container.log.exists() else []
            write_log(LOG_GROUP, f"{stream}/{container.name}" if len(containers) > 1 else stream, lines)
        write_log(LOG_GROUP, f"{stream}/data-log", self._log)


def _variable(strategy: str | None) -> str | None:
    """Returns a batch strategy as containers and logs spell it."""
    if strategy is None:
        return None
    return "SINGLE_RECORD" if strategy == SINGLE else "MULTI_RECORD"
