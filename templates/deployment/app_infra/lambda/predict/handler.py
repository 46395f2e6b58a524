"""Answers a request of API Gateway: validates it, invokes the endpoint once, and validates the endpoint's answer.

The endpoint takes and returns JSON: ``{"instances": [{column: value}]}`` and ``{"predictions": [number]}``.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from predict.contract import Contract, faults, read_contract

JSON = "application/json"
READ_TIMEOUT_SECONDS = 25
"""Shorter than the 29 seconds that API Gateway waits for an integration (API Gateway Developer Guide, "Quotas for
configuring and running a REST API", read 2026-11-22)."""
RETRY_AFTER_SECONDS = 1
_LOG = logging.getLogger("predict")
_STATUS: Mapping[str, int] = {
    "ThrottlingException": 429,
    "ServiceUnavailable": 503,
    "InternalDependencyException": 503,
    "ModelNotReadyException": 503,
    "ModelError": 502,
}
"""Status by error of InvokeEndpoint (SageMaker Runtime API, read 2026-11-22). All others are faults of the deployment,
and callers get 500."""
_PASSING = (429, 503)
"""Statuses after which a caller may try again."""


class RefusedError(Exception):
    """A request that gets no predictions, with its status and reasons."""

    def __init__(self, status: int, *reasons: str) -> None:
        super().__init__(*reasons)
        self.status, self.reasons = status, reasons


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """Answers requests with the predictions of an endpoint."""

    runtime: Any
    """Client of SageMaker Runtime."""
    endpoint: str
    contract: Contract = field(default_factory=read_contract)

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the answer to an event of API Gateway (Lambda proxy integration)."""
        started = time.monotonic()
        log: dict[str, Any] = {
            "request_id": event.get("requestContext", {}).get("requestId"),
            "endpoint": self.endpoint,
        }
        try:
            instances = self._instances(event)
            log["rows"] = len(instances)
            status, body = 200, {"version": self.contract.version, "predictions": self._predictions(instances, log)}
        except RefusedError as error:
            status, body = error.status, {"version": self.contract.version, "errors": list(error.reasons)}
            log["errors"] = list(error.reasons)
        log |= {"status": status, "milliseconds": round((time.monotonic() - started) * 1000)}
        _LOG.log(logging.INFO if status < 500 else logging.ERROR, json.dumps(log))
        headers = {"Content-Type": JSON}
        if status in _PASSING:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return {"statusCode": status, "headers": headers, "body": json.dumps(body)}

    def _instances(self, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        if headers.get("content-type", JSON).partition(";")[0].strip().lower() != JSON:
            raise RefusedError(415, f"Content-Type: expected {JSON}")
        try:
            request = json.loads(event.get("body") or "", parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise RefusedError(400, "body: expected JSON") from None
        if found := faults(request, self.contract.request):
            raise RefusedError(400, *found)
        instances: list[dict[str, Any]] = request["instances"]
        return instances

    def _predictions(self, instances: list[dict[str, Any]], log: dict[str, Any]) -> list[float]:
        try:
            found = self.runtime.invoke_endpoint(
                EndpointName=self.endpoint,
                Body=json.dumps({"instances": instances}).encode(),
                ContentType=JSON,
                Accept=JSON,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            log["code"] = code
            raise RefusedError(_STATUS.get(code, 500), "the model could not be invoked") from None
        except ReadTimeoutError:
            raise RefusedError(504, "the model did not answer in time") from None
        except BotoCoreError as error:
            log["code"] = type(error).__name__
            raise RefusedError(503, "the model could not be reached") from None
        log["variant"] = found.get("InvokedProductionVariant")
        try:
            answer = json.loads(found["Body"].read())
        except ValueError:
            raise RefusedError(502, "the model answered without JSON") from None
        versioned = {"version": self.contract.version, **answer} if isinstance(answer, dict) else answer
        if faults(versioned, self.contract.response) or len(versioned["predictions"]) != len(instances):
            raise RefusedError(502, "the model's answer breaks the contract")
        predictions: list[float] = versioned["predictions"]
        return predictions


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Entry point of the function: ``predict.handler.handle``."""
    return _predictor().answer(event)


@functools.cache
def _predictor() -> Predictor:
    """Returns the predictor of the endpoint in ENDPOINT_NAME. A retry would send a slow request twice, so there are
    none."""
    _LOG.setLevel(logging.INFO)
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=READ_TIMEOUT_SECONDS)
    return Predictor(runtime=boto3.client("sagemaker-runtime", config=config), endpoint=os.environ["ENDPOINT_NAME"])


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads but JSON does not know."""
    raise ValueError(name)
