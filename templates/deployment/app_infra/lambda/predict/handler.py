"""Answers a request of API Gateway: validates it, invokes the endpoint once, and validates the endpoint's answer.

The endpoint takes and returns JSON: ``{"instances": [{column: value}]}`` and ``{"predictions": [number]}``.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from predict.contract import Contract, Schema, faults, read_contract
from predict.switch import Switch, switch_of_environment

JSON = "application/json"
READ_TIMEOUT_SECONDS = 25
"""Shorter than the 29 seconds that API Gateway waits for an integration (API Gateway Developer Guide, "Quotas for
configuring and running a REST API", read 2026-11-22)."""
RETRY_AFTER_SECONDS, STOPPED_SECONDS = 1, 300
"""Seconds after which a caller may try again: after an error that passes, and while predictions are stopped."""
_INFERENCE_ID = re.compile(r"[\x21-\x7e]{1,64}")
"""Ids that SageMaker Runtime accepts (API, InvokeEndpoint). A caller of API Gateway can choose the id of a request."""
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

    retry_after = RETRY_AFTER_SECONDS
    """Seconds after which the caller may try again, if the status allows it."""

    def __init__(self, status: int, *reasons: str) -> None:
        super().__init__(*reasons)
        self.status, self.reasons = status, reasons


class StoppedError(RefusedError):
    """A request that gets no predictions because they are stopped."""

    retry_after = STOPPED_SECONDS

    def __init__(self, reason: str) -> None:
        super().__init__(503, f"predictions are stopped: {reason}")


Outcome = tuple[int, dict[str, Any]]
"""Status and members of the body of an answer."""


def answered(
    event: Mapping[str, Any], work: Callable[[dict[str, Any]], Outcome], *, endpoint: str, version: str
) -> dict[str, Any]:
    """Returns the answer of a function behind a Lambda proxy integration, and logs it without its content.

    ``work`` adds members to the log and raises RefusedError for a request that it refuses.
    """
    started = time.monotonic()
    log: dict[str, Any] = {"request_id": event.get("requestContext", {}).get("requestId"), "endpoint": endpoint}
    retry_after = RETRY_AFTER_SECONDS
    try:
        status, body = work(log)
    except RefusedError as error:
        status, body, retry_after = error.status, {"errors": list(error.reasons)}, error.retry_after
        log["errors"] = list(error.reasons)
    log |= {"status": status, "milliseconds": round((time.monotonic() - started) * 1000)}
    _LOG.log(logging.INFO if status < 500 else logging.ERROR, json.dumps(log))
    headers = {"Content-Type": JSON}
    if status in _PASSING:
        headers["Retry-After"] = str(retry_after)
    return {"statusCode": status, "headers": headers, "body": json.dumps({"version": version, **body})}


def refuse_if_stopped(switch: Switch | None, event: Mapping[str, Any]) -> None:
    """Raises StoppedError if predictions are stopped for the caller of a request."""
    caller = str(event.get("requestContext", {}).get("identity", {}).get("userArn") or "")
    if switch is not None and (reason := switch.reason(caller)):
        raise StoppedError(reason)


def content_of(event: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Returns the JSON content of a request. Raises RefusedError if it differs from the schema."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if headers.get("content-type", JSON).partition(";")[0].strip().lower() != JSON:
        raise RefusedError(415, f"Content-Type: expected {JSON}")
    try:
        content = json.loads(event.get("body") or "", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError(400, "body: expected JSON") from None
    if found := faults(content, schema):
        raise RefusedError(400, *found)
    found_content: dict[str, Any] = content
    return found_content


def refused_by_sagemaker(error: ClientError, log: dict[str, Any]) -> RefusedError:
    """Returns the answer to a request that SageMaker Runtime refuses, and logs the code of the error."""
    code = log["code"] = error.response["Error"]["Code"]
    return RefusedError(_STATUS.get(code, 500), "the model could not be invoked")


def predictions_of(content: bytes, contract: Contract, rows: int | None = None) -> list[float]:
    """Returns the predictions in an answer of the model. Raises RefusedError if it breaks the contract, or has not the
    given number of rows."""
    try:
        answer = json.loads(content)
    except ValueError:
        raise RefusedError(502, "the model answered without JSON") from None
    versioned = {"version": contract.version, **answer} if isinstance(answer, dict) else answer
    if faults(versioned, contract.response) or rows not in (None, len(versioned["predictions"])):
        raise RefusedError(502, "the model's answer breaks the contract")
    predictions: list[float] = versioned["predictions"]
    return predictions


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """Answers requests with the predictions of an endpoint."""

    runtime: Any
    """Client of SageMaker Runtime."""
    endpoint: str
    switch: Switch | None = None
    contract: Contract = field(default_factory=read_contract)

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the answer to an event of API Gateway (Lambda proxy integration)."""

        def predict(log: dict[str, Any]) -> Outcome:
            refuse_if_stopped(self.switch, event)
            instances: list[dict[str, Any]] = content_of(event, self.contract.request)["instances"]
            log["rows"] = len(instances)
            return 200, {"predictions": self.predictions(instances, log, str(log["request_id"] or ""))}

        return answered(event, predict, endpoint=self.endpoint, version=self.contract.version)

    def predictions(self, instances: list[dict[str, Any]], log: dict[str, Any], inference: str = "") -> list[float]:
        """Returns the prediction of each row, and adds what answered to the log. Raises RefusedError.

        ``inference`` is the id under which the request is captured, and to which ground truth refers later. Callers
        know it: the header ``x-amzn-RequestId`` of an answer, or the member ``request`` of an answering event.
        """
        known = {"InferenceId": inference} if _INFERENCE_ID.fullmatch(inference) else {}
        try:
            found = self.runtime.invoke_endpoint(
                EndpointName=self.endpoint,
                Body=json.dumps({"instances": instances}).encode(),
                ContentType=JSON,
                Accept=JSON,
                **known,
            )
        except ClientError as error:
            raise refused_by_sagemaker(error, log) from None
        except ReadTimeoutError:
            raise RefusedError(504, "the model did not answer in time") from None
        except BotoCoreError as error:
            log["code"] = type(error).__name__
            raise RefusedError(503, "the model could not be reached") from None
        log["variant"] = found.get("InvokedProductionVariant")
        return predictions_of(found["Body"].read(), self.contract, len(instances))


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Entry point of the function: ``predict.handler.handle``."""
    return _predictor().answer(event)


@functools.cache
def _predictor() -> Predictor:
    """Returns the predictor of the endpoint in ENDPOINT_NAME. A retry would send a slow request twice, so there are
    none."""
    _LOG.setLevel(logging.INFO)
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=READ_TIMEOUT_SECONDS)
    return Predictor(
        runtime=boto3.client("sagemaker-runtime", config=config),
        endpoint=os.environ["ENDPOINT_NAME"],
        switch=switch_of_environment(),
    )


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads but JSON does not know."""
    raise ValueError(name)
