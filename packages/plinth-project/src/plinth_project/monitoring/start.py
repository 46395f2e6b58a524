"""The function that starts the comparison of a window: on a schedule the last complete one, or a requested one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_project.monitoring.windows import Window

CODE = Path(__file__).parents[2]
"""Folder of the package of the function. It contains the code of the job, ``subject.json`` and ``request.json``."""
_JOB_FILES = ("**/*.py", "subject.json")
_STORED = ("ConditionalRequestConflict", "PreconditionFailed")
"""Errors of S3 for an object that exists, or that another call is writing."""


REPORT, CURATION = "--report", "plinth_project.monitoring.curation"
"""Argument of the folder of results, and the module that writes captured requests into a dataset."""
RECEIPT = "receipt.json"
"""File in the folder of results that says what was written."""
_ABSENT = ("ResourceNotFound", "ValidationException")
"""Errors of SageMaker for a job that does not exist."""


class FailedJobError(Exception):
    """The job of an earlier window has failed."""


@dataclass(frozen=True, kw_only=True)
class Starter:
    """Starts the comparisons of one version in one environment."""

    s3: Any
    sagemaker: Any
    code: Path = CODE

    def start(self, event: Mapping[str, Any], now: datetime) -> dict[str, str]:
        """Starts a job, and returns its name and its window. A schedule that repeats its event starts one job.

        ``event`` is that of a schedule, or ``{"window": "2026-11-27T13"}``; an empty window is the present one, up to
        now. With ``{"curate": {…}}``, the job writes captured requests into a dataset instead. Raises ValueError for a
        window of another kind, or in the future, and FailedJobError if the job of the schedule before has failed, so
        that an alarm tells of it.
        """
        subject = json.loads((self.code / "subject.json").read_text(encoding="utf-8"))
        if curated := event.get("curate"):
            return self._curate(curated, subject, now)
        if scheduled := event.get("source") == "aws.events":
            window = Window.before(datetime.fromisoformat(event["time"]), subject["window"])
        else:
            window = _requested(str(event.get("window", "")), subject["window"], now)
        request = self._request(self._stored_code(subject), part_of_name=_part_of_name(window), folder=window.name)
        request["AppSpecification"]["ContainerArguments"] += ["--window", window.name]
        if not scheduled:
            request["ProcessingJobName"] += f"-{now:%H%M%S}"
        try:
            self.sagemaker.create_processing_job(**request)
        except ClientError as error:
            if not (scheduled and error.response["Error"]["Code"] == "ResourceInUse"):
                raise
        if scheduled:
            self._look_at(request["ProcessingJobName"], window, Window.before(window.start, window.kind))
        return {"job": request["ProcessingJobName"], "window": window.name}

    def _curate(self, wanted: Mapping[str, Any], subject: Mapping[str, Any], now: datetime) -> dict[str, str]:
        """Starts the job that writes captured requests into a dataset. Returns its name, and the key of its receipt.

        Raises: ValueError for days that are none or not in order.
        """
        first, last = (Window.named(str(wanted[name])) for name in ("first", "last"))
        if first.kind != "day" or last.kind != "day" or last < first:
            raise ValueError(f"days: {first.name} to {last.name}; write two days, the earlier one first")
        name = f"curated-{now:%Y%m%dT%H%M%S}"
        request = self._request(self._stored_code(subject), part_of_name=f"-{name}", folder=name)
        specification = request["AppSpecification"]
        words = specification["ContainerArguments"]
        report = words[words.index(REPORT) : words.index(REPORT) + 2]
        specification["ContainerEntrypoint"][-1] = CURATION
        given = {"first": first.name, "last": last.name, "access-point": wanted["access_point"]}
        given |= {"key": f"{wanted['folder']}{name}.csv"}
        given |= {bound: wanted[bound] for bound in ("least", "most") if wanted.get(bound) is not None}
        chosen = ["--unlabelled"] if wanted.get("unlabelled") else []
        specification["ContainerArguments"] = [*report, *(f"--{key}={value}" for key, value in given.items()), *chosen]
        request["ProcessingInputs"] = request["ProcessingInputs"][:1]
        self.sagemaker.create_processing_job(**request)
        return {"job": request["ProcessingJobName"], "receipt": f"{subject['results']}{name}/{RECEIPT}"}

    def _look_at(self, name: str, window: Window, before: Window) -> None:
        """Raises FailedJobError if the job of the window before has failed. There may be none."""
        former = name.replace(_part_of_name(window), _part_of_name(before))
        try:
            job = self.sagemaker.describe_processing_job(ProcessingJobName=former)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return
            raise
        if job["ProcessingJobStatus"] in ("Failed", "Stopped"):
            reason = job.get("FailureReason", "without a reason")
            raise FailedJobError(f"{former} is {job['ProcessingJobStatus']}: {reason}")

    def _request(self, code: str, *, part_of_name: str, folder: str) -> dict[str, Any]:
        """Returns the request of a job with this code, an ending of its name, and the folder of its results."""
        request: dict[str, Any] = json.loads((self.code / "request.json").read_text(encoding="utf-8"))
        request["ProcessingJobName"] += part_of_name
        next(iter(request["ProcessingInputs"]))["S3Input"]["S3Uri"] = code
        result = next(iter(request["ProcessingOutputConfig"]["Outputs"]))["S3Output"]
        result["S3Uri"] += f"{folder}/"
        return request

    def _stored_code(self, subject: Mapping[str, Any]) -> str:
        """Stores the code of the job under its digest, and returns the URI of its folder. Code of an earlier start
        stays."""
        files = {
            file.relative_to(self.code).as_posix(): file.read_bytes()
            for pattern in _JOB_FILES
            for file in sorted(self.code.glob(pattern))
        }
        digest = sha256(json.dumps({name: sha256(text).hexdigest() for name, text in files.items()}).encode())
        folder = f"{subject['results'].partition('/results/')[0]}/code/{digest.hexdigest()[:16]}/"
        for name, content in files.items():
            try:
                self.s3.put_object(Bucket=subject["bucket"], Key=folder + name, Body=content, IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] not in _STORED:
                    raise
        return f"s3://{subject['bucket']}/{folder}"


def _part_of_name(window: Window) -> str:
    return f"-{window.name.replace('-', '')}"


def _requested(name: str, kind: str, now: datetime) -> Window:
    window = Window.named(name) if name else Window.around(now, kind)
    if window.kind != kind:
        raise ValueError(f"window: {name} is not one {kind}; write for example {Window.before(now, kind).name}")
    if window.start > now:
        raise ValueError(f"window: {name} is in the future; the present one is {Window.around(now, kind).name}")
    return window


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Entry point of the function: ``plinth_project.monitoring.start.handle``."""
    region = os.environ["AWS_REGION"]
    starter = Starter(s3=boto3.client("s3", region), sagemaker=boto3.client("sagemaker", region))
    return starter.start(event, datetime.now(UTC))
