"""Copies the output of containers to CloudWatch Logs, with the role of the model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors.hosting.served_container import ServedContainer

GROUP = "/aws/sagemaker/Endpoints/{endpoint}"
_BATCH = 1000
"""Events in one request to CloudWatch Logs, a tenth of what the service accepts."""


class EndpointLog:
    """The log of one variant. A role that may not write has no log, as in SageMaker."""

    def __init__(self, endpoint: str, variant: str, containers: Sequence[ServedContainer]) -> None:
        self._group = GROUP.format(endpoint=endpoint)
        instance = f"{variant}/i-{time.time_ns():017x}"
        several = len(containers) > 1
        self._files = {
            container.log: f"{instance}/{container.name}" if several else instance for container in containers
        }
        self._read: dict[Path, int] = {}
        self._streams: set[str] = set()
        self._is_allowed = True

    def flush(self) -> None:
        """Writes the lines that are new since the last call."""
        for file, stream in self._files.items():
            if self._is_allowed and (lines := self._new_lines(file)):
                try:
                    self._put(stream, lines)
                except ClientError as error:
                    self._is_allowed = False
                    print(f"The log was not written to CloudWatch Logs: {error}", flush=True)  # noqa: T201

    def _new_lines(self, file: Path) -> list[str]:
        if not file.exists():
            return []
        content = file.read_bytes()
        end = content.rfind(b"\n") + 1
        start, self._read[file] = self._read.get(file, 0), end
        return [line for line in content[start:end].decode(errors="replace").splitlines() if line]

    def _put(self, stream: str, lines: list[str]) -> None:
        logs: Any = boto3.client("logs")
        if stream not in self._streams:
            # A role that may not create groups writes to one that exists.
            with suppress(ClientError):
                logs.create_log_group(logGroupName=self._group)
            with suppress(logs.exceptions.ResourceAlreadyExistsException):
                logs.create_log_stream(logGroupName=self._group, logStreamName=stream)
            self._streams.add(stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        for first in range(0, len(events), _BATCH):
            logs.put_log_events(
                logGroupName=self._group, logStreamName=stream, logEvents=events[first : first + _BATCH]
            )
