"""Runs that tests start: input, execution, steps and results, on services that answer from memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from generated import deployment_foundation, deployment_repository
from plinth_project.deployment.inference import Batch, read_inference
from plinth_project.deployment.runs import FUNCTION, RunError, Runs, as_csv, runs_of

ROWS = [{"id": "a", "age": "1"}, {"id": "b", "age": "2"}]
RESULT = "id,prediction\na,0.1\nb,0.2\n"


@dataclass
class Services:
    """S3, SageMaker and Lambda of one pipeline."""

    status: str = "Succeeded"
    error: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)
    executions: dict[str, str] = field(default_factory=dict)
    looks: int = 0

    def put_object(self, *, Key: str, Body: bytes, **_: str) -> None:  # noqa: N803 (AWS's name)
        self.objects[Key] = Body
        if Key.endswith("/_SUCCESS"):
            self.start(Key.split("/")[1])

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": io.BytesIO(self.objects[Key])}

    def start(self, build: str) -> None:
        self.executions.setdefault(build, f"arn:{build}")
        self.objects[f"scoring/{build}/ml-pipeline-outputs/results/data.csv"] = RESULT.encode()

    def invoke(self, *, Payload: bytes, **_: str) -> dict[str, Any]:  # noqa: N803
        if self.error:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "no run"}')}
        build = json.loads(Payload)["build_id"]
        self.start(build)
        return {"Payload": io.BytesIO(json.dumps({"execution": self.executions[build]}).encode())}

    def describe_pipeline_execution(self, **_: str) -> dict[str, str]:
        self.looks += 1
        return {"PipelineExecutionStatus": "Executing" if self.looks == 1 else self.status}

    def get_paginator(self, name: str) -> Services.Pages:
        return Services.Pages(self, name)

    @dataclass
    class Pages:
        services: Services
        name: str

        def paginate(self, **given: str) -> Iterator[Mapping[str, Any]]:
            services = self.services
            if self.name == "list_objects_v2":
                yield {"Contents": [{"Key": key} for key in services.objects if key.startswith(given["Prefix"])]}
            elif self.name == "list_pipeline_executions":
                listed = [
                    {"PipelineExecutionArn": arn, "PipelineExecutionDisplayName": build}
                    for build, arn in services.executions.items()
                ]
                yield {"PipelineExecutionSummaries": listed}
            else:
                failed = services.status == "Failed"
                step = {"StepName": "Prepare", "StepStatus": services.status}
                yield {"PipelineExecutionSteps": [step | ({"FailureReason": "no column age"} if failed else {})]}


def runs(services: Services, *, by_arrival: bool = True) -> Runs:
    return Runs(
        s3=services,
        sagemaker=services,
        functions=services,
        bucket="ml",
        use_case="scoring",
        pipeline="inference",
        function="start-batch",
        by_arrival=by_arrival,
    )


@pytest.mark.parametrize("by_arrival", [True, False])
def test_an_input_is_stored_and_its_run_has_results(by_arrival: bool) -> None:
    services = Services()
    found = runs(services, by_arrival=by_arrival)
    run = found.run(ROWS)
    assert (run.status, run.steps, run.reason) == ("Succeeded", {"Prepare": "Succeeded"}, "")
    assert services.objects[f"scoring/{run.build_id}/input/data.csv"].decode() == as_csv(ROWS)
    assert found.results(run) == [{"id": "a", "prediction": "0.1"}, {"id": "b", "prediction": "0.2"}]
    assert found.outputs(run) == ["results/data.csv"]
    assert found.start(run.build_id) == run.execution
    assert found.executions(run.build_id) == [run.execution]


def test_a_run_that_failed_says_why() -> None:
    run = runs(Services(status="Failed")).run(ROWS)
    assert (run.status, run.reason) == ("Failed", "no column age")


def test_a_function_that_fails_ends_the_test() -> None:
    with pytest.raises(RunError, match="no run"):
        runs(Services(error=True)).start("20260102T060000-1a2b3c4")


def test_columns_that_the_first_row_lacks_are_left_out() -> None:
    assert as_csv([{"a": "1"}, {"a": "2", "b": "3"}]).split() == ["a", "1", "2"]


def test_the_function_names_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    foundation = deployment_foundation()
    name = f"{foundation.prefix('prod')}-start-batch"
    assert runs_of({}, deployment_repository()) is None
    with pytest.raises(RunError, match="use "):
        runs_of({FUNCTION: "other"}, deployment_repository())
    if not isinstance(read_inference(deployment_repository(), "prod"), Batch):
        with pytest.raises(RunError, match="has an endpoint"):
            runs_of({FUNCTION: name}, deployment_repository())
        return
    found = runs_of({FUNCTION: name}, deployment_repository())
    assert found is not None
    assert (found.bucket, found.pipeline) == (
        foundation.account("prod").bucket,
        f"{foundation.prefix('prod')}-inference",
    )
