"""One execution of a pipeline: its stages, its actions, and what they produced. It calls nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RUNNING = ("InProgress", "Stopping")


@dataclass(slots=True)
class Artifact:
    """An artifact in the store of the pipeline."""

    name: str
    bucket: str
    key: str
    revision: str = ""
    """Commit or object version of a source."""
    summary: str = ""
    created: datetime | None = None

    def described(self) -> dict[str, Any]:
        return {"name": self.name, "s3location": {"bucket": self.bucket, "key": self.key}}


@dataclass(slots=True)
class Action:
    """One run of an action. A retry is another one."""

    id: str
    stage: str
    declaration: Mapping[str, Any]
    started: datetime
    updated: datetime
    updated_by: str
    status: str = "InProgress"
    configuration: Mapping[str, str] = field(default_factory=dict)
    """Configuration with the values of variables."""
    inputs: Sequence[Artifact] = ()
    outputs: Sequence[Artifact] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    external_id: str = ""
    """Identifier of what performs the action, such as a build."""
    external_url: str = ""
    summary: str = ""
    error_code: str = ""
    error_message: str = ""
    token: str = ""
    """Token of an approval that waits."""
    is_retried: bool = False
    """Whether a retry replaces this run."""

    @property
    def name(self) -> str:
        return str(self.declaration["name"])

    @property
    def kind(self) -> tuple[str, str]:
        """Category and provider."""
        type_id = self.declaration["actionTypeId"]
        return str(type_id["category"]), str(type_id["provider"])


@dataclass(slots=True)
class Execution:
    """An execution of one version of a pipeline."""

    id: str
    pipeline: str
    account: str
    region: str
    declaration: Mapping[str, Any]
    """The version of the pipeline that the execution runs."""
    trigger: Mapping[str, str]
    started: datetime
    updated: datetime
    variables: Mapping[str, str]
    """Values of the variables of the pipeline."""
    overrides: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    """Revisions of source actions, by the name of the action."""
    status: str = "InProgress"
    summary: str = ""
    stage_index: int = 0
    last_stage: int = -1
    """Index of the last stage, if it is not the last one of the pipeline: a rollback ends with its stage."""
    has_entered: bool = False
    """Whether the execution is in the stage, or waits before it."""
    stage_statuses: dict[str, str] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    namespaces: dict[str, Mapping[str, str]] = field(default_factory=dict)
    rollback_target: str = ""
    stop_reason: str | None = None
    attempts: int = 1
    retries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Metadata of retries by stage."""

    @property
    def stages(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.declaration["stages"]
        return found

    @property
    def stage(self) -> Mapping[str, Any]:
        return self.stages[self.stage_index]

    @property
    def stage_name(self) -> str:
        return str(self.stage["name"])

    @property
    def mode(self) -> str:
        return str(self.declaration["executionMode"])

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def is_last_stage(self) -> bool:
        last = self.last_stage if self.last_stage >= 0 else len(self.stages) - 1
        return self.stage_index == last

    @property
    def kind(self) -> str:
        return "ROLLBACK" if self.rollback_target else "STANDARD"

    def in_stage(self, name: str) -> list[Action]:
        """Returns the last run of each action of a stage."""
        return [action for action in self.actions if action.stage == name and not action.is_retried]

    def known_variables(self) -> dict[str, Mapping[str, str]]:
        """Returns the values of variables by namespace."""
        return {"variables": self.variables, "codepipeline": {"PipelineExecutionId": self.id}, **self.namespaces}
