"""Starts the pipeline of batch inference for an input, once: on its arrival, on request, or on a schedule."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

MARKER = "_SUCCESS"
"""Object that completes an input."""
_BUILD_ID = r"[0-9]{8}T[0-9]{6}-[0-9a-z]{7,40}"
JOBS = Path(__file__).parents[1] / "jobs"
"""Code of the jobs in the package of the function."""
_STORED = ("ConditionalRequestConflict", "PreconditionFailed")
"""Errors of S3 for an object that exists, or that another call is writing."""
MOST_CANDIDATES = 20
"""Newest runs among which a schedule looks for a complete input."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """Starts the pipeline of one environment."""

    s3: Any
    sagemaker: Any
    bucket: str
    use_case: str
    pipeline: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the release: ``Image``, ``ModelName`` and ``VersionUri``."""
    code: Path | None = None
    """Folder with the code of the jobs."""

    def start(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Starts a run and returns its execution and build id. Raises ValueError for an object that is no marker, and
        for a requested build id that is none.

        SageMaker answers a repeated token with the first execution, so a repeated event starts nothing.
        """
        build = self._wanted(event)
        self._store_code(build)
        parameters = {**self.parameters, "BuildId": build}
        started = self.sagemaker.start_pipeline_execution(
            PipelineName=self.pipeline,
            PipelineExecutionDisplayName=build,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in sorted(parameters.items())],
            ClientRequestToken=hashlib.sha256(f"{self.pipeline}/{build}".encode()).hexdigest(),
        )
        return {"build_id": build, "execution": started["PipelineExecutionArn"]}

    def _store_code(self, build: str) -> None:
        """Stores the code of the jobs in the folder of the run. Code of an earlier start stays."""
        if self.code is None:
            return
        for file in sorted(self.code.rglob("*.py")):
            key = f"{self.use_case}/{build}/code/{file.relative_to(self.code).as_posix()}"
            try:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=file.read_bytes(), IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] not in _STORED:
                    raise

    def _wanted(self, event: Mapping[str, Any]) -> str:
        if event.get("source") == "aws.events":
            return self._newest()
        return self._requested(str(event["build_id"])) if "build_id" in event else self._arrived(event)

    def _requested(self, build: str) -> str:
        marker = f"{self.use_case}/{build}/input/{MARKER}"
        if not re.fullmatch(_BUILD_ID, build) or not self._exists(marker):
            raise ValueError(f"{build}: no run of {self.use_case} in {self.bucket} with a complete input")
        return build

    def _arrived(self, event: Mapping[str, Any]) -> str:
        key = event["detail"]["object"]["key"]
        found = re.fullmatch(rf"{re.escape(self.use_case)}/({_BUILD_ID})/input/{MARKER}", key)
        if found is None or event["detail"]["bucket"]["name"] != self.bucket:
            raise ValueError(f"no marker of an input of {self.use_case} in {self.bucket}")
        return found[1]

    def _newest(self) -> str:
        """Returns the newest run with a complete input. Build ids begin with their time."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.use_case}/2", Delimiter="/"
        )
        folders = [common_prefix["Prefix"] for page in pages for common_prefix in page.get("CommonPrefixes", [])]
        for folder in sorted(folders, reverse=True)[:MOST_CANDIDATES]:
            if re.fullmatch(_BUILD_ID, folder.split("/")[1]) and self._exists(f"{folder}input/{MARKER}"):
                return str(folder.split("/")[1])
        raise ValueError(f"no run of {self.use_case} in {self.bucket} has a complete input")

    def _exists(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return False
            raise
        return True


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Entry point of the function: ``start_batch.handler.handle``."""
    starter = Starter(
        s3=boto3.client("s3"),
        sagemaker=boto3.client("sagemaker"),
        bucket=os.environ["BUCKET"],
        use_case=os.environ["USE_CASE"],
        pipeline=os.environ["PIPELINE_NAME"],
        parameters=json.loads(os.environ["PIPELINE_PARAMETERS"]),
        code=JOBS,
    )
    return starter.start(event)
