"""Accepts requests for predictions that take long, and returns their answers when they exist.

A request and its answer are objects in the ML bucket. ``POST …/predictions`` stores a request, ``POST
…/predictions/stored`` names an object with one, and ``GET …/predictions/{id}`` returns the answer.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from predict.contract import Contract, Schema, read_contract
from predict.handler import (
    JSON,
    Outcome,
    RefusedError,
    answered,
    content_of,
    predictions_of,
    refuse_if_stopped,
    refused_by_sagemaker,
)
from predict.switch import Switch, switch_of_environment

REQUESTS, ACCEPTED = "requests", "accepted"
STORED: Schema = {
    "type": "object",
    "properties": {"input_location": {"type": "string", "maxLength": 1024}},
    "required": ["input_location"],
    "additionalProperties": False,
}
"""Request that names an object. Its content is checked by the model alone."""
MOST_BYTES = 1_000_000_000
"""Largest request (SageMaker Developer Guide, "Asynchronous inference", read 2026-11-22)."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MISSING = ("404", "NoSuchKey")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Accepts requests for an asynchronous endpoint and hands out the answers."""

    runtime: Any
    """Client of SageMaker Runtime."""
    store: Any
    """Client of S3."""
    endpoint: str
    bucket: str
    folder: str
    """Folder of requests and answers in the bucket."""
    switch: Switch | None = None
    contract: Contract = field(default_factory=read_contract)

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the answer to an event of API Gateway (Lambda proxy integration)."""

        def work(log: dict[str, Any]) -> Outcome:
            try:
                if event.get("httpMethod") == "GET":
                    return self._result((event.get("pathParameters") or {}).get("id", ""), log)
                refuse_if_stopped(self.switch, event)
                if str(event.get("resource", "")).endswith("/stored"):
                    return self._accept_stored(event, log)
                return self._accept(event, log)
            except BotoCoreError as error:
                log["code"] = type(error).__name__
                raise RefusedError(503, "the request could not be stored or read") from None

        return answered(event, work, endpoint=self.endpoint, version=self.contract.version)

    def _accept(self, event: Mapping[str, Any], log: dict[str, Any]) -> Outcome:
        request = content_of(event, self.contract.request)
        log["rows"] = len(request["instances"])
        number = str(uuid4())
        key = f"{self.folder}/{REQUESTS}/{number}.json"
        self._put(key, request, log)
        return self._invoke(number, f"s3://{self.bucket}/{key}", log)

    def _accept_stored(self, event: Mapping[str, Any], log: dict[str, Any]) -> Outcome:
        location = content_of(event, STORED)["input_location"]
        start = f"s3://{self.bucket}/{self.folder}/{REQUESTS}/"
        if not location.startswith(start) or location == start:
            raise RefusedError(400, f"body.input_location: expected an object below {start}")
        try:
            size = self.store.head_object(Bucket=self.bucket, Key=location.removeprefix(f"s3://{self.bucket}/"))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise RefusedError(400, "body.input_location: no such object") from None
            raise _unreachable(error, log) from None
        if size["ContentLength"] > MOST_BYTES:
            raise RefusedError(413, f"body.input_location: expected at most {MOST_BYTES} bytes")
        return self._invoke(str(uuid4()), location, log)

    def _invoke(self, number: str, location: str, log: dict[str, Any]) -> Outcome:
        """Queues a request, and records where its answer will be."""
        log["id"] = number
        try:
            found = self.runtime.invoke_endpoint_async(
                EndpointName=self.endpoint,
                InputLocation=location,
                InferenceId=number,
                ContentType=JSON,
                Accept=JSON,
            )
        except ClientError as error:
            raise refused_by_sagemaker(error, log) from None
        places = {"output_location": found["OutputLocation"], "failure_location": found.get("FailureLocation")}
        self._put(f"{self.folder}/{ACCEPTED}/{number}.json", places, log)
        return 202, {"id": number, "output_location": places["output_location"]}

    def _result(self, number: str, log: dict[str, Any]) -> Outcome:
        """Returns the predictions, or 202 while the model has not answered."""
        log["id"] = number if _ID.fullmatch(number) else None
        accepted = self._get(f"{self.folder}/{ACCEPTED}/{number}.json", log) if log["id"] else None
        if accepted is None:
            raise RefusedError(404, "id: unknown")
        places = json.loads(accepted)
        answer = self._at(places["output_location"], log)
        if answer is not None:
            return 200, {"predictions": predictions_of(answer, self.contract)}
        failure = places["failure_location"]
        if failure and self._at(failure, log) is not None:
            raise RefusedError(502, "the model failed")
        return 202, {"id": number, "output_location": places["output_location"]}

    def _at(self, location: str, log: dict[str, Any]) -> bytes | None:
        return self._get(location.removeprefix(f"s3://{self.bucket}/"), log)

    def _get(self, key: str, log: dict[str, Any]) -> bytes | None:
        """Returns the content of an object, or None if there is none."""
        try:
            content: bytes = self.store.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise _unreachable(error, log) from None
        return content

    def _put(self, key: str, content: Mapping[str, Any], log: dict[str, Any]) -> None:
        try:
            self.store.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(content).encode(), ContentType=JSON)
        except ClientError as error:
            raise _unreachable(error, log) from None


def _unreachable(error: ClientError, log: dict[str, Any]) -> RefusedError:
    log["code"] = error.response["Error"]["Code"]
    return RefusedError(503 if log["code"] == "SlowDown" else 500, "the request could not be stored or read")


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Entry point of the function: ``predict.asynchronous.handle``."""
    return _desk().answer(event)


@functools.cache
def _desk() -> Desk:
    """Returns the desk of the environment. A retry of SageMaker Runtime would queue a request twice, so there is
    none."""
    logging.getLogger("predict").setLevel(logging.INFO)
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    return Desk(
        runtime=boto3.client("sagemaker-runtime", config=once),
        store=boto3.client("s3", config=Config(connect_timeout=2, read_timeout=5)),
        endpoint=os.environ["ENDPOINT_NAME"],
        bucket=os.environ["BUCKET"],
        folder=os.environ["FOLDER"],
        switch=switch_of_environment(),
    )
