"""The pack in a process of its own, as the engine starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

PACK = Path(__file__).resolve().parents[2] / "policies" / "security"


@contextmanager
def running_pack(variables: Mapping[str, str] | None = None) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Starts the pack, which tells its port on its first line and ends with its standard input."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", "."]
    environment = {**os.environ, **(variables or {})}
    with subprocess.Popen(
        command, cwd=PACK, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()
