"""Runs of batch inference that tests start, in the environment of the function that they get.

The environment variable ``START_FUNCTION`` has the name of this function.
"""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plinth_project.deployment.foundation import ENVIRONMENTS, Environment, read_foundation
from plinth_project.deployment.inference import Arrival, Batch, read_inference

FUNCTION = "START_FUNCTION"
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 15.0
"""Waits between two looks at a run."""
START_SECONDS, RUN_SECONDS = 900, 7200
"""Time in which the arrival of an input has to start its run, and in which a run has to end."""
Row = Mapping[str, Any]


class RunError(Exception):
    """A run did not start or did not end."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that has ended."""

    build_id: str
    execution: str
    """ARN of the execution of the pipeline."""
    status: str
    reason: str
    """Reason of a failure."""
    steps: Mapping[str, str]
    """Status of each step that began."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The pipeline of one environment."""

    s3: Any
    sagemaker: Any
    functions: Any
    bucket: str
    use_case: str
    pipeline: str
    function: str
    by_arrival: bool
    """Whether the arrival of an input starts its run."""

    def run(self, rows: Sequence[Row]) -> Run:
        """Stores an input, and returns its run when it has ended. Raises RunError."""
        build_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
        self._put(f"{build_id}/input/data.csv", as_csv(rows))
        self._put(f"{build_id}/input/_SUCCESS", "")
        execution = self._started(build_id) if self.by_arrival else self.start(build_id)
        return self._ended(build_id, execution)

    def start(self, build_id: str) -> str:
        """Requests the run of an input, and returns its execution."""
        answer = self.functions.invoke(FunctionName=self.function, Payload=json.dumps({"build_id": build_id}).encode())
        content: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RunError(f"{self.function}: {content}")
        return str(content["execution"])

    def executions(self, build_id: str) -> list[str]:
        """Returns the executions of an input."""
        pages = self.sagemaker.get_paginator("list_pipeline_executions").paginate(PipelineName=self.pipeline)
        listed = (execution_summary for page in pages for execution_summary in page["PipelineExecutionSummaries"])
        return [
            execution_summary["PipelineExecutionArn"]
            for execution_summary in listed
            if execution_summary.get("PipelineExecutionDisplayName") == build_id
        ]

    def results(self, run: Run) -> list[dict[str, str]]:
        """Returns the rows of the results."""
        text = self._get(f"{run.build_id}/ml-pipeline-outputs/results/data.csv")
        return list(csv.DictReader(io.StringIO(text)))

    def outputs(self, run: Run) -> list[str]:
        """Returns the keys below the outputs of a run."""
        prefix = f"{self.use_case}/{run.build_id}/ml-pipeline-outputs/"
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [object_["Key"].removeprefix(prefix) for page in pages for object_ in page.get("Contents", [])]

    def _started(self, build_id: str) -> str:
        """Waits until the event of the arrival has started the run."""
        for _ in waits(START_SECONDS):
            if found := self.executions(build_id):
                return found[0]
        raise RunError(f"{self.pipeline}: the arrival of {build_id} has started no run")

    def _ended(self, build_id: str, execution: str) -> Run:
        for _ in waits(RUN_SECONDS):
            found = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
            status = found["PipelineExecutionStatus"]
            if status not in ("Executing", "Stopping"):
                steps = self._steps(execution)
                return Run(
                    build_id=build_id,
                    execution=execution,
                    status=status,
                    reason="; ".join(step["FailureReason"] for step in steps if "FailureReason" in step),
                    steps={step["StepName"]: step["StepStatus"] for step in steps},
                )
        raise RunError(f"{execution}: has not ended")

    def _steps(self, execution: str) -> list[dict[str, Any]]:
        pages = self.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=execution)
        return [step for page in pages for step in page["PipelineExecutionSteps"]]

    def _put(self, name: str, text: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.use_case}/{name}", Body=text.encode())

    def _get(self, name: str) -> str:
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=f"{self.use_case}/{name}")["Body"].read()
        return body.decode()


def runs_of(variables: Mapping[str, str], root: Path) -> Runs | None:
    """Returns the runs of the environment that the variables name, or None if they name none. Raises RunError for the
    function of another pipeline."""
    if not (function := variables.get(FUNCTION)):
        return None
    import boto3

    foundation = read_foundation(root)
    functions: dict[str, Environment] = {f"{foundation.prefix(name)}-start-batch": name for name in ENVIRONMENTS}
    if function not in functions:
        raise RunError(f"{FUNCTION}: {function}; use {' or '.join(functions)}")
    environment = functions[function]
    configuration = read_inference(root, environment)
    if not isinstance(configuration, Batch):
        raise RunError(f"{environment} has an endpoint and no batch inference")
    session = boto3.Session(region_name=foundation.region)
    return Runs(
        s3=session.client("s3"),
        sagemaker=session.client("sagemaker"),
        functions=session.client("lambda"),
        bucket=foundation.account(environment).bucket,
        use_case=foundation.use_case,
        pipeline=f"{foundation.prefix(environment)}-inference",
        function=function,
        by_arrival=isinstance(configuration.start, Arrival),
    )


def waits(most_seconds: float) -> Iterator[None]:
    """Yields at once, and then after each wait until the time has passed."""
    end, seconds = time.monotonic() + most_seconds, FIRST_SECONDS
    yield
    while time.monotonic() < end:
        time.sleep(seconds)
        yield
        seconds = min(seconds * 1.5, LONGEST_SECONDS)


def as_csv(rows: Sequence[Row]) -> str:
    """Returns rows with the columns of the first one as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
