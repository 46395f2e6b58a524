"""Tests of releases of batch inference: the deployed image, the access of tests, and the comparison with the plan."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.promotion.environment.served import served
from runtime.promotion.plan import Plan
from runtime.promotion.release import _calls_only

GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/fraud--scoring-main"
DIGEST = f"sha256:{'a' * 64}"
REPOSITORY = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train"
OUTPUTS = {"pipeline_name": "inference", "version_arn": f"{GROUP}/3", "commit": "c"}


class SageMaker:
    """A pipeline whose parameter names a model of a version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def client(self, _service: str) -> SageMaker:
        return self

    def describe_pipeline(self, PipelineName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        parameters = [{"Name": "BuildId"}, {"Name": "ModelName", "DefaultValue": f"{PipelineName}-model"}]
        return {"PipelineDefinition": json.dumps({"Parameters": parameters, "Steps": []})}

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        assert ModelName == "inference-model"
        return {"PrimaryContainer": {"ModelPackageName": self.version}}


def plan(image: str = f"{REPOSITORY}:1", digest: str = DIGEST) -> Plan:
    content = {"image": image, "image_digest": digest, "archive": "s3://acme/models/model.tar.gz"}
    return Plan(
        execution="e",
        model_package=f"{GROUP}/3",
        version=3,
        contents=[content],
        commit="c",
        decided_at="2026-01-02T06:00:00",
        metrics={},
    )


@pytest.mark.requirement("PROM-09")
@pytest.mark.parametrize(
    ("image", "digest", "pinned"),
    [
        (f"{REPOSITORY}:1", DIGEST, f"{REPOSITORY}@{DIGEST}"),
        (f"{REPOSITORY}@sha256:{'b' * 64}", DIGEST, f"{REPOSITORY}@{DIGEST}"),
        (REPOSITORY, DIGEST, f"{REPOSITORY}@{DIGEST}"),
        (f"{REPOSITORY}:1", "", f"{REPOSITORY}:1"),
    ],
)
@pytest.mark.threat("T-22")
def test_jobs_run_the_image_that_was_registered(image: str, digest: str, pinned: str) -> None:
    assert plan(image, digest).image == pinned


@pytest.mark.requirement("BI-03", "PROM-09")
@pytest.mark.parametrize(("version", "faults"), [("3", []), ("2", [f"the pipeline predicts with {GROUP}/2"])])
def test_the_model_of_the_pipeline_is_compared_with_the_plan(version: str, faults: list[str]) -> None:
    session: Any = SageMaker(f"{GROUP}/{version}")
    assert list(served(session, OUTPUTS).faults(OUTPUTS, plan(), None)) == faults


def test_tests_of_a_pipeline_may_run_inputs_and_change_nothing() -> None:
    policy = _calls_only(OUTPUTS)
    assert policy is not None
    (statement,) = policy["Statement"]
    verbs = {action.partition(":")[2] for action in statement["Action"]}
    assert "InvokeFunction" in verbs
    assert not [verb for verb in verbs if verb.startswith(("Create", "Update", "Delete"))]


def test_tests_of_a_service_that_answers_events_may_send_and_read_events() -> None:
    outputs = {"api_id": "abc", "url": "https://api"}
    alone, with_events = _calls_only(outputs), _calls_only({**outputs, "answers_url": "https://queue"})
    assert alone is not None
    assert with_events is not None
    call, load = alone["Statement"]
    *_, ask = with_events["Statement"]
    assert call["Action"] == "execute-api:Invoke"
    assert {verb for _, _, verb in (action.partition(":") for action in load["Action"])} == {
        "GetMetricData",
        "ListMetrics",
    }
    assert {"events:PutEvents", "sqs:ReceiveMessage"} <= set(ask["Action"])
    assert not [action for action in ask["Action"] if action.startswith(("execute-api", "sagemaker", "iam"))]
