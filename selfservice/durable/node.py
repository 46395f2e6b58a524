"""Nodes of a graph and their results: plain data, which is stored as JSON."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self


class NodeStatus(StrEnum):
    """The status of a finished node."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A need did not succeed."""
    INTERRUPTED = "interrupted"
    """It was asked to stop. It is not recorded, so the node runs again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One step of a graph."""

    name: str
    needs: tuple[str, ...] = ()
    input: Mapping[str, Any] = field(default_factory=dict)
    """Input of the executor, as JSON."""

    @property
    def digest(self) -> str:
        """SHA-256 digest of the input."""
        return hashlib.sha256(json.dumps(self.input, sort_keys=True).encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        return {"name": self.name, "needs": list(self.needs), "input": dict(self.input)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(name=document["name"], needs=tuple(document["needs"]), input=document["input"])


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeResult:
    """The result of a node."""

    status: NodeStatus
    output: Mapping[str, Any] = field(default_factory=dict)
    """Output of the executor, as JSON."""

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(status=NodeStatus(document["status"]), output=document["output"])


class Executor(Protocol):
    """Runs nodes, each in a thread. After a crash a node may run again while the children of its first run still work:
    the executor waits for them or ends them first."""

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event, /) -> NodeResult:
        """Runs one node and returns its result. ``stop`` is set when the run is interrupted."""
