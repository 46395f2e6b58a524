"""What is asked of the engine for one stack, and what came of it. Plain data, shared by the two sides of a worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self


class Action(StrEnum):
    """What an operation does to its stack."""

    PREVIEW = "preview"
    UP = "up"
    DESTROY = "destroy"


class Status(StrEnum):
    """How an operation ended."""

    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    """There was nothing to do, so nothing was done."""
    REFUSED = "refused"
    """A policy, or the gate around the policies, said no."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """A stack that this one needs did not come up."""
    INTERRUPTED = "interrupted"

    @property
    def lets_dependents_go_on(self) -> bool:
        return self in (Status.SUCCEEDED, Status.UNCHANGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One action on one stack."""

    action: Action
    stack: str
    project_directory: Path
    upstream: tuple[str, ...] = ()
    """Stacks that this one may read: they are initialised too, so a preview can ask for their outputs."""
    policy_packs: tuple[Path, ...] = ()
    refresh: bool = False
    """Whether the engine first reads what really exists."""
    parallel: int = 16
    """Resource operations at once. The engine's own default grows memory without bound (pulumi/pulumi#14989)."""
    rehearsal: str | None = None
    """The stack that this one has to equal (ACC-06); the policies are told what that is."""
    rehearsal_file: Path | None = None
    """The resources of that stack. Written by its own operation, where it has one in this run."""
    record_file: Path | None = None
    """Where to write the resources that this stack is about to have; None where no other has to equal it."""
    lock_path: Path
    """Held by the worker while it runs, so two command lines on this machine take turns."""
    fingerprints: Path
    """The folder in which the worker leaves the fingerprint of a stack that needs no change."""

    @property
    def is_rehearsed_in_this_run(self) -> bool:
        """Whether the stack that this one has to equal is worked on by the same command."""
        return self.rehearsal_file is not None and self.rehearsal_file.parent.name == self.rehearsal

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        body = json.loads(text)
        return cls(
            action=Action(body["action"]),
            stack=body["stack"],
            project_directory=Path(body["project_directory"]),
            upstream=tuple(body["upstream"]),
            policy_packs=tuple(Path(pack) for pack in body["policy_packs"]),
            refresh=body["refresh"],
            parallel=body["parallel"],
            rehearsal=body["rehearsal"],
            rehearsal_file=_path(body["rehearsal_file"]),
            record_file=_path(body["record_file"]),
            lock_path=Path(body["lock_path"]),
            fingerprints=Path(body["fingerprints"]),
        )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that went wrong: in the words of the engine, a provider or a policy."""

    message: str
    urn: str = ""
    """The resource concerned, where there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one operation ended."""

    status: Status
    changes: Mapping[str, int] = field(default_factory=dict)
    """Kind of step (create, update, replace, delete, ...) -> how many, without the steps that change nothing."""
    drifted: tuple[str, ...] = ()
    """Resources that were not what the state says; known only to operations that refresh."""
    resources: int = 0
    """Resources the stack holds afterwards (or would hold, after a preview)."""
    accounts: tuple[str, ...] = ()
    """Ids of the AWS accounts that the stack's outputs name."""
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    """Why the stack was not run, if it was left out as unchanged."""

    @property
    def changed(self) -> int:
        return sum(self.changes.values())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            status=Status(body["status"]),
            changes=dict(body["changes"]),
            drifted=tuple(body["drifted"]),
            resources=body["resources"],
            accounts=tuple(body["accounts"]),
            problems=tuple(Problem(**problem) for problem in body["problems"]),
            seconds=body["seconds"],
            reason=body["reason"],
        )
