"""Writes the log of a job to CloudWatch Logs with the job's role."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import boto3
from botocore.exceptions import ClientError

_BATCH = 1000
"""Events in one request to CloudWatch Logs, a tenth of what the service accepts."""


def write_log(group: str, stream: str, lines: Sequence[str]) -> None:
    """Writes the lines that are not empty. SageMaker ignores a role that may not."""
    logs = boto3.client("logs")
    try:
        # A role that may not create groups writes to one that exists.
        with suppress(ClientError):
            logs.create_log_group(logGroupName=group)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines if line]
        for first in range(0, len(events), _BATCH):
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[first : first + _BATCH])
    except ClientError as error:
        print(f"The log was not written to CloudWatch Logs: {error}")  # noqa: T201 (the run's log is standard output)
