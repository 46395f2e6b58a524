"""Decides requests, and records which permissions roles use, in the file ``permissions.jsonl`` of the emulator.

The file has a line for each role, action, and statements that granted it, with the first resource as an example. It
says what CloudTrail tells IAM Access Analyzer about a role, and is no part of the emulator's state: a replay adds
nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from iam_evaluator import evaluation
from iam_evaluator.evaluation import Decision
from iam_evaluator.request import Request
from plinth_sandbox.private import private_directory

PERMISSIONS = "permissions.jsonl"
"""Name of the file in the directory of the emulator."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A permission that a role has used."""

    role: str
    """ARN of the role."""
    action: str
    """Action, such as ``s3:GetObject``."""
    resource: str
    """ARN of the first resource."""
    statements: tuple[str, ...]
    """Statements of the policies of the role that allowed it, each as ``<policy>/<sid>``."""

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """Fields that distinguish one use from another."""
        return self.role, self.action, self.statements


class Record:
    """The file of one emulator. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        private_directory(path.parent)
        if path.exists():
            content = path.read_bytes()
            os.truncate(path, content.rfind(b"\n") + 1)  # without the partial line of a killed process
        self._known = {use.key for use in uses_in(path)}

    def add(self, use: Use) -> None:
        with self._lock:
            if use.key not in self._known:
                self._known.add(use.key)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(use)) + "\n")


_record: Record | None = None


def record_in(directory: Path) -> None:
    """Records what is decided from now on, in the directory of the emulator of this process."""
    global _record
    _record = Record(directory / PERMISSIONS)


def decide(request: Request) -> Decision:
    """Returns the decision on a request of a session. If a policy of its role allows it, the use is recorded."""
    decision = evaluation.decide(request)
    role = request.principal.role_arn
    if _record is not None and role is not None and decision.allowed:
        granting = (reason for reason in decision.grants if reason.layer == "identity policy")
        statements = tuple(f"{reason.policy}/{reason.sid}" for reason in granting)
        _record.add(Use(role=role, action=request.action, resource=request.resource.arn, statements=statements))
    return decision


def uses_in(path: Path) -> Iterator[Use]:
    """Yields what a file records. A line that a killed emulator did not finish is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            record = json.loads(line)
            yield Use(**{**record, "statements": tuple(record["statements"])})
