"""One execution of a pipeline: its steps, their states, and what may start next. It calls nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plinth_sandbox.emulator.services.sagemaker.executor.references import steps_in

WAITING = ""
"""Status of a step that has not started. The API does not list such steps."""
ENDED = ("Failed", "Stopped", "Succeeded")


@dataclass(slots=True)
class Step:
    """A step of an execution."""

    definition: Mapping[str, Any]
    needs: frozenset[str]
    """Names of the steps that must succeed first."""
    branch: tuple[str, bool] | None
    """The Condition step whose outcome decides whether this step runs, and the outcome that it needs."""
    status: str = WAITING
    started: datetime | None = None
    ended: datetime | None = None
    failure: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    run: str = ""
    """Identifier of the job's run that the step waits for."""
    token: str = ""
    """Token with which a client ends a Callback step."""
    properties: dict[str, Any] = field(default_factory=dict)
    """Properties that no API call returns: the outcome of a condition, the outputs of a callback."""

    @property
    def name(self) -> str:
        return str(self.definition["Name"])

    @property
    def kind(self) -> str:
        return str(self.definition["Type"])


@dataclass(slots=True)
class Execution:
    """An execution of a pipeline."""

    arn: str
    pipeline_arn: str
    pipeline_name: str
    role_arn: str
    account: str
    region: str
    started: datetime
    definition: Mapping[str, Any]
    parameters: Mapping[str, Any]
    request: Mapping[str, Any]
    """The request of StartPipelineExecution."""
    at_once: int
    steps: dict[str, Step]
    status: str = "Executing"
    changed: datetime | None = None
    failure: str = ""

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def variables(self) -> dict[str, Any]:
        return {
            "PipelineArn": self.pipeline_arn,
            "PipelineName": self.pipeline_name,
            "PipelineExecutionArn": self.arn,
            "PipelineExecutionId": self.id,
            "StartDateTime": f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
            "CurrentDateTime": f"{self.started:%Y-%m-%dT%H:%M:%SZ}",
        }

    def running(self) -> list[Step]:
        return [step for step in self.steps.values() if step.status not in (WAITING, *ENDED)]

    def ready(self) -> list[Step]:
        """Returns the steps that may start now. After a failure nothing starts any more."""
        if self.status != "Executing" or any(step.status in ("Failed", "Stopped") for step in self.steps.values()):
            return []
        free = self.at_once - len(self.running())
        ready = [step for step in self.steps.values() if step.status == WAITING and self._may_start(step)]
        return ready[: max(free, 0)]

    def _may_start(self, step: Step) -> bool:
        if step.branch is not None:
            condition, wanted = step.branch
            decided = self.steps[condition]
            if decided.status != "Succeeded" or decided.properties["Outcome"] is not wanted:
                return False
        return all(self.steps[name].status == "Succeeded" for name in step.needs)


def steps_of(definition: Mapping[str, Any]) -> dict[str, Step]:
    """Returns the steps of a definition by name, including those in the branches of conditions.

    Raises: ValueError for two steps of one name, an unknown step, or a circle.
    """
    found: dict[str, Step] = {}
    for step_definition, branch in _flat(definition["Steps"], None):
        own = {
            key: value
            for key, value in step_definition.get("Arguments", {}).items()
            if key not in ("IfSteps", "ElseSteps")
        }
        needs = frozenset({*step_definition.get("DependsOn", []), *steps_in(own)})
        if step_definition["Name"] in found:
            raise ValueError(f"Step names must be unique: {step_definition['Name']}")
        found[step_definition["Name"]] = Step(step_definition, needs, branch)
    for step in found.values():
        if unknown := sorted(step.needs - found.keys()):
            raise ValueError(f"Step '{step.name}' refers to unknown steps: {', '.join(unknown)}")
    _refuse_circles(found)
    return found


def _flat(
    steps: list[Mapping[str, Any]], branch: tuple[str, bool] | None
) -> Iterator[tuple[Mapping[str, Any], tuple[str, bool] | None]]:
    for step in steps:
        yield step, branch
        if step["Type"] == "Condition":
            for key, wanted in (("IfSteps", True), ("ElseSteps", False)):
                yield from _flat(step["Arguments"].get(key, []), (step["Name"], wanted))


def _refuse_circles(steps: Mapping[str, Step]) -> None:
    from graphlib import CycleError, TopologicalSorter

    graph = {name: {*step.needs, *([step.branch[0]] if step.branch else [])} for name, step in steps.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise ValueError(f"The steps depend on each other in a circle: {' -> '.join(error.args[1])}") from error
