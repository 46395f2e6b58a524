"""The log of a build, in a file and in CloudWatch Logs."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

_BATCH = 1000
"""Events in one request, a tenth of what the service accepts."""


class BuildLog:
    def __init__(self, file: Path, group: str, stream: str) -> None:
        """Without a ``group`` the log is in the file only."""
        self.file, self._group, self._stream = file, group, stream
        self._sent = 0
        self._exists = False
        file.touch()

    def say(self, text: str) -> None:
        moment = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime())
        with self.file.open("a") as log:
            log.write(f"[Container] {moment} {text}\n")

    def send(self) -> None:
        """Sends what was added since the last time, with the role of the build. A role that may not is no failure of
        the build."""
        content = self.file.read_bytes()[self._sent :]
        self._sent += len(content)
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        lines = [line for line in content.decode("utf-8", "replace").splitlines() if line]
        if not self._group or not lines:
            return
        logs, now = boto3.client("logs"), int(time.time() * 1000)
        named: dict[str, Any] = {"logGroupName": self._group, "logStreamName": self._stream}
        try:
            self._ensure(logs, named)
            events = [{"timestamp": now, "message": line} for line in lines]
            for first in range(0, len(events), _BATCH):
                logs.put_log_events(**named, logEvents=events[first : first + _BATCH])
        except ClientError as error:
            print(f"The log was not written to CloudWatch Logs: {error}")  # noqa: T201 (the run's log is standard output)

    def _ensure(self, logs: Any, named: dict[str, Any]) -> None:
        if self._exists:
            return
        # A role that may not create groups writes to one that exists.
        with suppress(ClientError):
            logs.create_log_group(logGroupName=self._group)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_stream(**named)
        self._exists = True
