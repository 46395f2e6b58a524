"""Asynchronous predictions against stubs of SageMaker Runtime and S3."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from predict.asynchronous import MOST_BYTES, Desk
from predict.contract import read_contract

CONTRACT = read_contract()
ROW = dict.fromkeys(CONTRACT.columns, 1)
PATH = "/v1/predictions"
HERE = "s3://ml/scoring/asynchronous"


def error(code: str, operation: str = "GetObject") -> ClientError:
    return ClientError({"Error": {"Code": code}}, operation)


class Store:
    """The objects of a bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.size: int | None = None
        self.refusal: Exception | None = None

    def put_object(self, *, Key: str, Body: bytes, **_: str) -> None:  # noqa: N803 (AWS's names)
        if self.refusal:
            raise self.refusal
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise error("NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}

    def head_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise error("404", "HeadObject")
        return {"ContentLength": self.size or len(self.objects[Key])}


class Runtime:
    """An endpoint that queues requests."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refusal: Exception | None = None

    def invoke_endpoint_async(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        self.asked.append(request)
        return {"OutputLocation": f"{HERE}/answers/9.out", "FailureLocation": f"{HERE}/failures/9-error.out"}


class Service:
    """The function with its stubs."""

    def __init__(self) -> None:
        self.store, self.runtime = Store(), Runtime()
        self.desk = Desk(
            runtime=self.runtime, store=self.store, endpoint="later", bucket="ml", folder="scoring/asynchronous"
        )

    def _call(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.desk.answer(event)
        return found["statusCode"], json.loads(found["body"])

    def post(self, body: Any, resource: str = PATH) -> tuple[int, dict[str, Any]]:
        return self._call({"httpMethod": "POST", "resource": resource, "body": json.dumps(body)})

    def get(self, number: str) -> tuple[int, dict[str, Any]]:
        return self._call({"httpMethod": "GET", "resource": f"{PATH}/{{id}}", "pathParameters": {"id": number}})

    def stored(self, location: str) -> tuple[int, dict[str, Any]]:
        return self.post({"input_location": location}, f"{PATH}/stored")


def test_a_request_is_stored_and_queued_and_its_answer_is_returned_when_it_exists() -> None:
    service = Service()
    status, said = service.post({"instances": [ROW, ROW]})
    assert (status, said["version"], said["output_location"]) == (202, CONTRACT.version, f"{HERE}/answers/9.out")
    (asked,) = service.runtime.asked
    assert (asked["EndpointName"], asked["InferenceId"]) == ("later", said["id"])
    assert asked["InputLocation"] == f"{HERE}/requests/{said['id']}.json"
    stored = service.store.objects[asked["InputLocation"].removeprefix("s3://ml/")]
    assert json.loads(stored) == {"instances": [ROW, ROW]}
    assert service.get(said["id"]) == (202, said)
    service.store.objects["scoring/asynchronous/answers/9.out"] = b'{"predictions": [0.25, 0.5]}'
    assert service.get(said["id"]) == (200, {"version": CONTRACT.version, "predictions": [0.25, 0.5]})


def test_a_request_in_the_bucket_is_queued_where_it_is() -> None:
    service = Service()
    service.store.objects["scoring/asynchronous/requests/large.json"] = b"{}"
    status, said = service.stored(f"{HERE}/requests/large.json")
    assert (status, service.runtime.asked[0]["InputLocation"]) == (202, f"{HERE}/requests/large.json")
    assert service.get(said["id"])[0] == 202


@pytest.mark.parametrize(
    ("location", "status"),
    [
        (f"{HERE}/requests/absent.json", 400),
        (f"{HERE}/requests/", 400),
        (f"{HERE}/answers/9.out", 400),
        ("s3://other/scoring/asynchronous/requests/1.json", 400),
    ],
)
def test_only_objects_in_the_folder_of_requests_are_queued(location: str, status: int) -> None:
    service = Service()
    assert service.stored(location)[0] == status
    assert service.runtime.asked == []


def test_an_object_that_is_larger_than_sagemaker_allows_is_refused() -> None:
    service = Service()
    service.store.objects["scoring/asynchronous/requests/large.json"] = b"{}"
    service.store.size = MOST_BYTES + 1
    assert service.stored(f"{HERE}/requests/large.json")[0] == 413


def test_a_request_that_breaks_the_contract_is_neither_stored_nor_queued(caplog: pytest.LogCaptureFixture) -> None:
    service = Service()
    with caplog.at_level(logging.INFO):
        status, said = service.post({"instances": [{**ROW, next(iter(ROW)): "secret"}]})
    assert (status, said["errors"]) == (400, [f"body.instances[0].{next(iter(ROW))}: expected number, got string"])
    assert (service.store.objects, service.runtime.asked) == ({}, [])
    assert "secret" not in caplog.text


def test_a_model_that_failed_or_answers_something_else_is_reported() -> None:
    service = Service()
    number = service.post({"instances": [ROW]})[1]["id"]
    service.store.objects["scoring/asynchronous/failures/9-error.out"] = b"out of memory"
    assert service.get(number) == (502, {"version": CONTRACT.version, "errors": ["the model failed"]})
    service.store.objects["scoring/asynchronous/answers/9.out"] = b'{"predictions": ["high"]}'
    assert service.get(number)[1]["errors"] == ["the model's answer breaks the contract"]


@pytest.mark.parametrize("number", ["", "..", "1", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_id_is_not_found(number: str) -> None:
    assert Service().get(number)[0] == 404


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (error("ThrottlingException"), 429),
        (error("ValidationError"), 500),
        (EndpointConnectionError(endpoint_url="https://runtime"), 503),
    ],
)
def test_an_endpoint_that_queues_nothing_has_its_status(refusal: Exception, status: int) -> None:
    service = Service()
    service.runtime.refusal = refusal
    assert service.post({"instances": [ROW]})[0] == status


def test_a_request_that_cannot_be_stored_is_not_queued() -> None:
    service = Service()
    service.store.refusal = error("AccessDenied", "PutObject")
    assert service.post({"instances": [ROW]})[0] == 500
    assert service.runtime.asked == []
