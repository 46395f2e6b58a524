"""The handler against a stub of SageMaker Runtime."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from predict import handler
from predict.contract import MOST_FAULTS, Contract, faults, read_contract
from predict.handler import Predictor

CONTRACT = read_contract()
ROW = dict.fromkeys(CONTRACT.columns, 1)
COLUMN = next(iter(ROW))


class Runtime:
    """A runtime client that answers with a prepared body, or raises an error."""

    def __init__(self, answer: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        body = self._answer if isinstance(self._answer, bytes) else json.dumps(self._answer).encode()
        return {"Body": io.BytesIO(body), "InvokedProductionVariant": "primary"}


def answer(
    runtime: Runtime, body: Any = None, content_type: str = "application/json", request: str | None = "request-1"
) -> tuple[int, dict[str, Any]]:
    text = body if isinstance(body, str) else json.dumps(body or {"instances": [ROW]})
    event = {"headers": {"content-type": content_type}, "body": text, "requestContext": {"requestId": request}}
    found = Predictor(runtime=runtime, endpoint="scoring").answer(event)
    return found["statusCode"], json.loads(found["body"])


def test_predictions_come_from_the_endpoint_with_the_version_of_the_contract() -> None:
    runtime = Runtime({"predictions": [0.25]})
    assert answer(runtime) == (200, {"version": CONTRACT.version, "predictions": [0.25]})
    (asked,) = runtime.asked
    assert asked["EndpointName"] == "scoring"
    assert json.loads(asked["Body"]) == {"instances": [ROW]}


@pytest.mark.parametrize("request_id", ["request-1", "a" * 65, "a b", "ä", "", None])
def test_the_request_is_captured_under_the_id_that_its_caller_knows(request_id: str | None) -> None:
    runtime = Runtime({"predictions": [0.25]})
    assert answer(runtime, request=request_id)[0] == 200
    expected = "request-1" if request_id == "request-1" else None
    assert runtime.asked[0].get("InferenceId") == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "body: expected JSON"),
        ("[" * 100_000, "body: expected JSON"),
        ('{"instances": [NaN]}', "body: expected JSON"),
        ([], "body.instances: missing"),
        ({"instances": []}, "items, got 0"),
        ({"instances": [ROW] * (CONTRACT.most_rows + 1)}, f"items, got {CONTRACT.most_rows + 1}"),
        ({"instances": [{**ROW, "colour": "red"}]}, "body.instances[0]: has 1 unknown members"),
        ({"instances": [{**ROW, COLUMN: "secret"}]}, f"body.instances[0].{COLUMN}: expected number, got string"),
        ({"instances": [ROW, {**ROW, COLUMN: None}]}, f"body.instances[1].{COLUMN}: expected number, got null"),
        ({"instances": [{**ROW, COLUMN: True}]}, f"body.instances[0].{COLUMN}: expected number, got boolean"),
        ({"instances": [{**ROW, COLUMN: -8151}]}, f"body.instances[0].{COLUMN}: expected at least 0"),
        ({"instances": [{}]}, f"body.instances[0].{COLUMN}: missing"),
    ],
)
def test_a_request_that_breaks_the_contract_does_not_reach_the_endpoint(
    body: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = Runtime({"predictions": [0.25]})
    with caplog.at_level(logging.INFO):
        status, said = answer(runtime, body if body != [] else {"rows": 1})
    assert status == 400
    assert any(reason in error for error in said["errors"])
    assert len(said["errors"]) <= MOST_FAULTS + 1
    assert runtime.asked == []
    for value in ("secret", "8151", "colour"):
        assert value not in caplog.text + json.dumps(said)


def test_another_content_type_is_refused() -> None:
    assert answer(Runtime({}), content_type="text/csv")[0] == 415


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "InvokeEndpoint"), 429),
        (ClientError({"Error": {"Code": "ModelNotReadyException"}}, "InvokeEndpoint"), 503),
        (ClientError({"Error": {"Code": "ModelError"}}, "InvokeEndpoint"), 502),
        (ClientError({"Error": {"Code": "ValidationError"}}, "InvokeEndpoint"), 500),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "InvokeEndpoint"), 500),
        (ReadTimeoutError(endpoint_url="https://runtime"), 504),
        (EndpointConnectionError(endpoint_url="https://runtime"), 503),
        (b"<html>", 502),
        ([1], 502),
        ({"predictions": []}, 502),
        ({"predictions": [0.1, 0.2]}, 502),
        ({"predictions": ["high"]}, 502),
    ],
)
def test_an_error_of_the_endpoint_has_its_status_and_is_not_tried_again(error: Any, status: int) -> None:
    runtime = Runtime(error)
    assert answer(runtime)[0] == status
    assert len(runtime.asked) == 1


def test_a_busy_endpoint_tells_when_to_try_again() -> None:
    busy = Runtime(ClientError({"Error": {"Code": "ThrottlingException"}}, "InvokeEndpoint"))
    found = Predictor(runtime=busy, endpoint="scoring").answer({"body": json.dumps({"instances": [ROW]})})
    assert found["headers"]["Retry-After"] == "1"


def test_the_log_has_no_content_of_requests(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer(Runtime({"predictions": [0.75]}), {"instances": [dict.fromkeys(ROW, 8151.25)]})
    line = json.loads(caplog.messages[-1])
    assert (line["rows"], line["status"], line["variant"], line["request_id"]) == (1, 200, "primary", "request-1")
    assert "8151" not in caplog.text
    assert "0.75" not in caplog.text


def test_the_function_invokes_the_endpoint_of_its_environment_without_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime({"predictions": [0.5]})
    given: dict[str, Any] = {}

    monkeypatch.setenv("ENDPOINT_NAME", "fraud--scoring")

    def client(name: str, config: Any) -> Runtime:
        given[name] = config
        return runtime

    monkeypatch.setenv("ENDPOINT_NAME", "fraud--scoring")
    monkeypatch.setattr("predict.handler.boto3.client", client)
    handler._predictor.cache_clear()
    assert handler.handle({"body": json.dumps({"instances": [ROW]})}, None)["statusCode"] == 200
    handler._predictor.cache_clear()
    assert runtime.asked[0]["EndpointName"] == "fraud--scoring"
    assert given["sagemaker-runtime"].retries["total_max_attempts"] == 1


def test_every_keyword_of_a_schema_is_checked(tmp_path: Any) -> None:
    text = {"type": "string", "maxLength": 2, "enum": ["a", "b"], "nullable": True}
    schema = {"type": "object", "properties": {"text": text, "whole": {"type": "integer", "minimum": 0, "maximum": 9}}}
    assert faults({"text": None, "whole": 9}, schema) == []
    assert faults({"text": "abc"}, schema) == [
        "body.text: expected at most 2 characters",
        "body.text: expected one of a, b",
    ]
    for wrong, said in (
        (1.5, "integer, got number"),
        (True, "integer, got boolean"),
        ("1", "integer, got string"),
        (10, "at least 0 and at most 9"),
        (-1, "at least 0 and at most 9"),
    ):
        assert faults({"whole": wrong}, schema) == [f"body.whole: expected {said}"]
    assert faults({"whole": float("inf")}, {"type": "object", "properties": {"whole": {"type": "number"}}})
    file = tmp_path / "contract.json"
    unknown = {**vars(CONTRACT), "request": {**CONTRACT.request, "pattern": "x"}}
    file.write_text(json.dumps(unknown))
    with pytest.raises(ValueError, match="pattern: not checked"):
        read_contract(file)


def test_a_contract_knows_its_columns() -> None:
    contract = Contract(**vars(CONTRACT))
    assert contract.target not in contract.columns
    assert contract.most_rows >= 1
