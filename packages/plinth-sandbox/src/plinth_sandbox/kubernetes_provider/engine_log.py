"""Sends warnings of the API server to the engine, which shows them at the resource."""

from __future__ import annotations

import importlib
from typing import Any

import grpc

from plinth_sandbox.provider.rpc import protocol

_LONGEST_WAIT_SECONDS = 5.0


class EngineLog:
    """The engine's log. Without an address, as in a test without an engine, it keeps the messages."""

    def __init__(self, address: str) -> None:
        self.kept: list[tuple[str, str]] = []
        self._stub: Any = None
        if address:
            service = importlib.import_module(f"{protocol.PACKAGE}.engine_pb2_grpc")
            self._stub = service.EngineStub(grpc.insecure_channel(address))

    def warn(self, urn: str, message: str) -> None:
        if self._stub is None:
            self.kept.append((urn, message))
            return
        messages: Any = importlib.import_module(f"{protocol.PACKAGE}.engine_pb2")
        request = messages.LogRequest(severity=messages.WARNING, message=message, urn=urn)
        try:
            self._stub.Log(request, timeout=_LONGEST_WAIT_SECONDS)
        except grpc.RpcError:
            self.kept.append((urn, message))
