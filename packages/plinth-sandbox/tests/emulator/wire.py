"""Builds the request that botocore would send, without sending it."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from plinth_sandbox.emulator.call import Call, understand
from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.testing import REGION
from plinth_sandbox.waiting import LONGEST_SECONDS

SECRET = "wire/secret+key"
URL = "http://127.0.0.1"


class _InterceptedError(Exception):
    def __init__(self, request: AWSPreparedRequest) -> None:
        self.request = request


def call_of(service: str, operation: str, **parameters: Any) -> Call:
    """Returns the call that the emulator would receive. botocore's own checks are off."""
    return understand(request_of(service, operation, **parameters))


def request_of(service: str, operation: str, **parameters: Any) -> Request:
    """Returns the request that the emulator would receive, signed with ``SECRET``."""
    try:
        getattr(_client(service), operation)(**parameters)
    except _InterceptedError as intercepted:
        sent = intercepted.request
    body = sent.body.read() if hasattr(sent.body, "read") else sent.body or b""
    headers = {name: _text(value) for name, value in sent.headers.items()}
    return Request(sent.method, sent.url.removeprefix(URL), {"Host": "127.0.0.1", **headers}, _bytes(body))


def changed(call: Call, body: bytes) -> Call:
    """Returns the same call with another body, such as no client of AWS would send."""
    return understand(Request(call.request.method, call.request.target, call.request.headers, body))


@functools.cache
def _client(service: str) -> Any:
    keys = {"aws_access_key_id": MANAGEMENT_KEY_ID, "aws_secret_access_key": SECRET}
    config = Config(
        parameter_validation=False,
        inject_host_prefix=False,
        read_timeout=LONGEST_SECONDS,
        retries={"total_max_attempts": 1},
    )
    client: Any = boto3.client(  # type: ignore[call-overload] # the service is known when it is called
        service, endpoint_url=URL, region_name=REGION, config=config, **keys
    )
    client.meta.events.register("before-send", _intercept)
    return client


def _intercept(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
    raise _InterceptedError(request)


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
