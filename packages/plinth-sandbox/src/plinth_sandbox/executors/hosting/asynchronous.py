"""Asynchronous inference: a request in S3, its answer in S3, and a message about it, with the role of the model.

Source: SageMaker Developer Guide, "Asynchronous inference" and "Check prediction results" (read 2026-11-22).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.executors.hosting.served_container import Reply
from plinth_sandbox.executors.hosting.variant import Variant
from plinth_sandbox.s3_location import split

TIMEOUT_SECONDS = 900.0
"""Time that a container has for an asynchronous answer, unless the request gives another one."""
NO_INPUT = 0
"""Status of a request whose input or output cannot be reached: the model did not answer."""


def answer_later(variant: Variant, asked: Mapping[str, Any]) -> tuple[int, int]:
    """Answers a request in S3. Returns the status of the model, and the microseconds that it took."""
    received, microseconds = datetime.now(UTC), 0
    try:
        body = _read(str(asked["input"]))
        seconds = float(asked.get("seconds") or TIMEOUT_SECONDS)
        reply, container, microseconds = variant.invoke(asked["headers"], body, seconds)
        if 200 <= reply.status < 300:
            kind = reply.headers.get("content-type", "application/octet-stream")
            _write(str(asked["output"]), reply.body, kind, asked)
            _tell(asked, received, "Completed", {"contentType": kind, "outputLocation": asked["output"]})
            return reply.status, microseconds
        status, reason = reply.status, _reason(reply, container)
    except (BotoCoreError, ClientError) as error:
        status, reason = NO_INPUT, str(error)
    _fail(asked, received, reason)
    return status, microseconds


def _reason(reply: Reply, container: str) -> str:
    fault = "client" if 400 <= reply.status < 500 else "server"
    text = reply.body.decode(errors="replace")
    return f'Received {fault} error ({reply.status}) from {container} with message "{text}"'


def _fail(asked: Mapping[str, Any], received: datetime, reason: str) -> None:
    location = asked.get("failure")
    if location:
        try:
            _write(str(location), reason.encode(), "text/plain", asked)
        except (BotoCoreError, ClientError) as error:
            print(f"The reason of a failed request was not written: {error}", flush=True)  # noqa: T201
    members = {"failureReason": reason, **({"failureLocation": location} if location else {})}
    _tell(asked, received, "Failed", members)


def _read(location: str) -> bytes:
    bucket, key = split(location)
    body: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def _write(location: str, body: bytes, kind: str, asked: Mapping[str, Any]) -> None:
    bucket, key = split(location)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": asked["key"]} if asked.get("key") else {}
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, **encrypted)


def _tell(asked: Mapping[str, Any], received: datetime, status: str, members: Mapping[str, Any]) -> None:
    """Publishes the result to the topic of the endpoint, if it has one."""
    topic = asked.get("success_topic" if status == "Completed" else "error_topic")
    if not topic:
        return
    parameters = {"endpointName": asked["endpoint"], "inputLocation": asked["input"]}
    if "content-type" in asked["headers"]:
        parameters["contentType"] = asked["headers"]["content-type"]
    message = {
        "awsRegion": boto3.session.Session().region_name,
        "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "receivedTime": f"{received:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "invocationStatus": status,
        "requestParameters": parameters,
        **({"responseParameters": dict(members)} if status == "Completed" else members),
        "inferenceId": asked["inference"],
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    try:
        boto3.client("sns").publish(TopicArn=topic, Message=json.dumps(message))
    except (BotoCoreError, ClientError) as error:
        print(f"The result of a request was not published: {error}", flush=True)  # noqa: T201
