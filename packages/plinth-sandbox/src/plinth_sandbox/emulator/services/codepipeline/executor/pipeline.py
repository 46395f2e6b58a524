"""A pipeline with its versions and executions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Execution
from plinth_sandbox.emulator.store.record import Place, Record

NOUN = "Pipeline"


@dataclass(slots=True)
class Pipeline:
    """A pipeline of an account and region."""

    name: str
    arn: str
    account: str
    region: str
    versions: dict[int, Mapping[str, Any]]
    """Declarations by version, with defaults."""
    created: datetime
    updated: datetime
    executions: dict[str, Execution] = field(default_factory=dict)
    """Executions by id, in the order of their start."""
    disabled: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Disabled transitions into a stage, by the name of the stage."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Executions by the token of the request that started them."""

    @property
    def declaration(self) -> Mapping[str, Any]:
        return self.versions[max(self.versions)]

    @property
    def role_arn(self) -> str:
        return str(self.declaration["roleArn"])


def find(memory: Memory, account: str, region: str, name: str) -> Record | None:
    return memory.store.find(Place(account, region, "codepipeline"), NOUN, {"name": name})


def record_of(memory: Memory, account: str, region: str, name: str) -> Record:
    """Raises AwsError if there is no pipeline of this name."""
    record = find(memory, account, region, name)
    if record is None:
        message = f"Account '{account}' does not have a pipeline with name '{name}'"
        raise AwsError("PipelineNotFoundException", message)
    return record


def pipeline_of(memory: Memory, account: str, region: str, name: str) -> Pipeline:
    """Raises AwsError if there is no pipeline of this name."""
    pipeline: Pipeline = record_of(memory, account, region, name).values["pipeline"]
    return pipeline
