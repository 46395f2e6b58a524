"""``python -m plinth_sandbox.executors.sagemaker``: runs one job, whose request is JSON on standard input.

The run writes metrics to ``left.json`` and the reason of a failure to ``failure.txt``.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.environment import ENDPOINT_VARIABLES, PROXY_VARIABLES
from plinth_sandbox.executors import session
from plinth_sandbox.executors.built_image import pulled
from plinth_sandbox.executors.images import NoEnvironmentError, environment_of
from plinth_sandbox.executors.job_input import read_job_input
from plinth_sandbox.executors.sagemaker.container import Container, lines_of
from plinth_sandbox.executors.sagemaker.contract import HOST, Job, JobFailedError, ProcessingJob, TrainingJob
from plinth_sandbox.executors.sagemaker.job_log import write_log

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
CONNECTION = (*ENDPOINT_VARIABLES, "AWS_REGION", "AWS_DEFAULT_REGION", *PROXY_VARIABLES)
TRANSFORM = "TransformJob"
KINDS: dict[str, type[Job]] = {"TrainingJob": TrainingJob, "ProcessingJob": ProcessingJob}


def main() -> None:
    run = read_job_input()
    try:
        metrics = _transformed(run) if run["kind"] == TRANSFORM else _run(run)
    except JobFailedError as failure:
        Path("failure.txt").write_text(str(failure))
        raise SystemExit(1) from None
    Path("left.json").write_text(json.dumps({"metrics": metrics}))


def _transformed(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Runs a transform job, which has no metrics."""
    from plinth_sandbox.executors.transform.job import TransformJob

    TransformJob(run).execute()
    return []


def _run(run: dict[str, Any]) -> list[dict[str, Any]]:
    request = run["request"]
    network = request.get("VpcConfig") or request.get("NetworkConfig", {}).get("VpcConfig") or {}
    try:
        session.take(run["role"], "SageMaker", source_arn=run["arn"], subnets=network.get("Subnets", []))
    except ClientError as error:
        raise JobFailedError(f"ClientError: {error}") from error
    root = Path("ml").absolute()
    root.mkdir()
    job = KINDS[run["kind"]](request, run["arn"], root, boto3.client("s3"))
    try:
        images = Path(run["images"])
        image = pulled(job.image, run.get("manifests", {}), images)
        environment = image.environment if image else environment_of(job.image, images)
        job.prepare()
    except (ClientError, FileNotFoundError, NoEnvironmentError) as error:
        raise JobFailedError(f"ClientError: {error}") from error
    variables = {**_connection(isolated=job.isolated), **job.variables}
    output = Path("output.log")
    with output.open("wb") as heard:
        container = Container(
            environment, root, job.command, variables, job.isolated, run["grace_seconds"], image=image
        )
        container.command = container.command or _program(job, container)
        code = container.run(heard)
    with output.open("rb") as heard:
        lines = lines_of(heard)
    write_log(job.LOG_GROUP, f"{job.name}/{HOST}-{int(time.time())}", lines)
    try:
        job.collect(complete=code == 0 or container.stopped)
    except ClientError as error:
        raise JobFailedError(f"ClientError: {error}") from error
    if code:
        said = root / job.FAILURE
        reason = said.read_text(errors="replace") if said.exists() else "\n".join(lines[-20:])
        raise JobFailedError(f"AlgorithmError: {reason.strip()[-900:]}, exit code: {code}")
    return job.metrics(lines)


def _program(job: Job, container: Container) -> list[str]:
    """Returns the command of a job that names none. An image with which SageMaker trains has the program ``train``
    (SageMaker Developer Guide, "How Amazon SageMaker AI Runs Your Training Image")."""
    if job.PROGRAM and (found := container.command_of(job.PROGRAM)):
        return found
    own = container.image.configuration if container.image else None
    if own and not job.PROGRAM and (found := [*own.entry_point, *own.command]):
        return found
    place = job.image if own else str(container.environment)
    program = f", or install the program {job.PROGRAM} in {place}" if job.PROGRAM else ""
    reason = f"Name the entry point in the job{program}"
    raise JobFailedError(f"ClientError: {reason}{'' if own else f'; the sandbox does not read {job.image}'}.")


def _connection(*, isolated: bool) -> dict[str, str]:
    """Returns the variables with which the container reaches AWS and what its network leads to. An isolated one gets
    none, as SageMaker gives it no credentials (SageMaker Developer Guide, "Run training and inference containers in
    internet-free mode")."""
    names = () if isolated else (*CREDENTIALS, *CONNECTION)
    return {name: os.environ[name] for name in names if name in os.environ}


if __name__ == "__main__":
    main()
