"""An execution of a promotion pipeline, as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from runtime.promotion.decisions.people import Person

UNDER_WAY = ("InProgress", "Stopping")
"""Status of an execution that has not ended (CodePipeline API Reference, PipelineExecutionSummary)."""
Answer = Literal["pending", "approved", "rejected", "expired"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A manual approval of a stage."""

    answer: Answer
    by: str | None = None
    """User name of who answered."""
    at: str | None = None
    comment: str | None = None
    void: tuple[str, ...] = ()
    """Why the approval does not count."""
    token: str | None = None
    """Token with which a pending approval is answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageRun:
    """A stage that an execution has entered, or skipped."""

    stage: str
    status: str
    """``InProgress``, ``Succeeded``, ``Failed``, ``Abandoned`` or ``Skipped``."""
    ended: str | None = None
    action: str | None = None
    """Action that failed, is under way or was abandoned. None for an approval."""
    reason: str | None = None
    """Why it failed."""
    alarms: Sequence[Mapping[str, str]] = ()
    """Alarms of the environment that fired meanwhile: ``alarm``, ``at`` and ``reason``."""
    approval: Approval | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """An execution of the pipeline."""

    use_case: str
    execution: str
    status: str
    started: str
    started_by: str
    is_rollback: bool = False
    plan: str | None = None
    """Execution whose plan it deploys. In a rollback, an earlier one."""
    version: int | None = None
    commit: str | None = None
    """Commit of the deployment repository."""
    metrics: str = ""
    """Metrics of the version, beside those of the version that production served before."""
    involved: tuple[Person, ...] = ()
    """People who may not approve it, because they took part in what it deploys."""
    target: str | None = None
    """Last environment of the execution."""
    reason: str | None = None
    """Why it was stopped."""
    stages: tuple[StageRun, ...] = ()

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def waits_in(self) -> StageRun | None:
        """The stage for whose approval it waits; None without one."""
        return next((stage for stage in self.stages if stage.approval and stage.approval.answer == "pending"), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedState:
    """The last robust state of an environment (RB-02)."""

    environment: str
    execution: str
    version: int
    commit: str
    deployed_at: str

    @classmethod
    def of_record(cls, environment: str, record: Mapping[str, Any]) -> ServedState:
        return cls(
            environment=environment,
            **{name: record[name] for name in ("execution", "version", "commit", "deployed_at")},
        )
