"""Operation that the pod of a Job is asked to run, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from selfservice.operations.operation import Action, Operation
from selfservice.projects.project import Project
from selfservice.runner.session import Operations, RunOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class JobInput:
    """An operation on one stack, without the paths of the machine that asks for it."""

    action: Action
    stack: str
    refresh: bool
    keeps_protected: bool
    diff: bool
    parallel: int
    approved: tuple[str, ...] | None
    settings: str
    """Name of the archive with the settings, among the job inputs."""
    program: str
    """Digest of the program and its policy packs, which the image must contain."""

    @classmethod
    def of(cls, operation: Operation, *, settings: str, program: str) -> Self:
        return cls(
            action=operation.action,
            stack=operation.stack,
            refresh=operation.refresh,
            keeps_protected=operation.keeps_protected,
            diff=operation.diff,
            parallel=operation.parallel,
            approved=operation.approved,
            settings=settings,
            program=program,
        )

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        body = json.loads(text)
        approved = body["approved"]
        return cls(
            **{
                **body,
                "action": Action(body["action"]),
                "approved": None if approved is None else tuple(approved),
            }
        )

    def operation(self, project: Project, logs: Path) -> Operation:
        """Returns the operation in the project of the pod."""
        options = RunOptions(
            action=self.action,
            stacks=[self.stack],
            refresh=self.refresh,
            keeping=(self.stack,) if self.keeps_protected else (),
            diff=self.diff,
            parallel=self.parallel,
            approved=None if self.approved is None else {self.stack: self.approved},
        )
        operations = Operations(
            project=project,
            options=options,
            logs=logs,
            policy_packs=project.policy_packs,
            chosen=frozenset((self.stack,)),
        )
        return operations.of(self.stack)
