"""The start of batch inference against clients that record what they are asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from start_batch import handler
from start_batch.handler import Starter

OLD, NEW, PARTIAL = "20260101T060000-1a2b3c4", "20260102T060000-1a2b3c4", "20260103T060000-1a2b3c4"
TIME = {"source": "aws.events", "detail-type": "Scheduled Event"}


class Client:
    """S3 with two complete inputs and an incomplete one, and SageMaker, which starts every pipeline."""

    def __init__(self, code: str = "404") -> None:
        self.asked: list[dict[str, Any]] = []
        self.stored: list[str] = []
        self._code = code

    def start_pipeline_execution(self, **request: Any) -> dict[str, str]:
        self.asked.append(request)
        return {"PipelineExecutionArn": "arn:execution"}

    def put_object(self, *, Key: str, IfNoneMatch: str, **_: object) -> None:  # noqa: N803 (AWS's names)
        assert IfNoneMatch == "*"
        if Key in self.stored:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.stored.append(Key)

    def get_paginator(self, _: str) -> Client:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"CommonPrefixes": [{"Prefix": f"scoring/{name}/"} for name in (OLD, PARTIAL, "2-other", NEW)]}, {}]

    def head_object(self, *, Key: str, **_: str) -> None:  # noqa: N803 (AWS's name)
        if Key.split("/")[1] == PARTIAL:
            raise ClientError({"Error": {"Code": self._code}}, "HeadObject")


def starter(client: Client, code: Path | None = None) -> Starter:
    return Starter(
        s3=client,
        sagemaker=client,
        bucket="ml",
        use_case="scoring",
        pipeline="fraud--scoring-inference",
        parameters={"Image": "i"},
        code=code,
    )


def arrival(key: str, bucket: str = "ml") -> dict[str, Any]:
    return {"source": "aws.s3", "detail": {"bucket": {"name": bucket}, "object": {"key": key}}}


def test_an_arrived_input_starts_a_run_with_the_parameters_of_the_release() -> None:
    client = Client()
    assert starter(client).start(arrival(f"scoring/{OLD}/input/_SUCCESS"))["build_id"] == OLD
    (asked,) = client.asked
    assert asked["PipelineName"] == "fraud--scoring-inference"
    assert asked["PipelineParameters"] == [{"Name": "BuildId", "Value": OLD}, {"Name": "Image", "Value": "i"}]


def test_a_repeated_event_has_the_same_token_and_another_input_has_another() -> None:
    client = Client()
    for name in (OLD, OLD, NEW):
        starter(client).start(arrival(f"scoring/{name}/input/_SUCCESS"))
    first, second, third = (asked["ClientRequestToken"] for asked in client.asked)
    assert first == second != third
    assert 32 <= len(first) <= 128


def test_a_request_names_the_run_and_has_the_token_of_its_arrival() -> None:
    client = Client()
    assert starter(client).start({"build_id": OLD})["build_id"] == OLD
    starter(client).start(arrival(f"scoring/{OLD}/input/_SUCCESS"))
    first, second = (asked["ClientRequestToken"] for asked in client.asked)
    assert first == second


@pytest.mark.parametrize("build", [PARTIAL, "yesterday"])
def test_a_request_for_an_incomplete_or_impossible_run_is_refused(build: str) -> None:
    with pytest.raises(ValueError, match="with a complete input"):
        starter(Client()).start({"build_id": build})


def test_a_run_keeps_the_code_of_its_first_start(tmp_path: Path) -> None:
    (tmp_path / "batch_inference").mkdir()
    (tmp_path / "batch_inference" / "job.py").write_text("pass")
    client = Client()
    for _ in range(2):
        starter(client, tmp_path).start({"build_id": OLD})
    assert client.stored == [f"scoring/{OLD}/code/batch_inference/job.py"]
    assert len(client.asked) == 2


def test_a_schedule_starts_the_newest_complete_input() -> None:
    assert starter(Client()).start(TIME)["build_id"] == NEW


def test_a_schedule_does_not_take_a_denied_call_for_an_incomplete_input() -> None:
    with pytest.raises(ClientError):
        starter(Client("403")).start(TIME)


@pytest.mark.parametrize(
    ("key", "bucket"),
    [
        (f"scoring/{OLD}/input/data.csv", "ml"),
        (f"other/{OLD}/input/_SUCCESS", "ml"),
        ("scoring/yesterday/input/_SUCCESS", "ml"),
        (f"scoring/{OLD}/input/_SUCCESS", "another"),
    ],
)
def test_another_object_is_refused(key: str, bucket: str) -> None:
    client = Client()
    with pytest.raises(ValueError, match="no marker"):
        starter(client).start(arrival(key, bucket))
    assert client.asked == []


def test_the_function_takes_its_names_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    names = {
        "BUCKET": "ml",
        "USE_CASE": "scoring",
        "PIPELINE_NAME": "p",
        "PIPELINE_PARAMETERS": json.dumps({"Image": "x"}),
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("start_batch.handler.boto3.client", lambda _: client)
    assert handler.handle(TIME, None) == {"build_id": NEW, "execution": "arn:execution"}
    assert client.asked[0]["PipelineName"] == "p"
