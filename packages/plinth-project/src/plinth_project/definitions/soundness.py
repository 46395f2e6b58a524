"""Checks of a rendered pipeline definition that need no AWS: SageMaker would refuse it, or it would register a model
that passed no gate.

Limits are those of the SageMaker API (CreateProcessingJob, CreateTrainingJob, CreateHyperParameterTuningJob,
CreateTransformJob, CreateModelPackage), read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from plinth_project.documents import ProjectError

MOST_VARIABLES = 100
"""Most entries of the environment of a container."""
_FEWER_VARIABLES = {"Transform": 16, "Tuning": 48}
"""Types of steps that admit fewer."""
_JOBS = ("Processing", "Training", "Tuning", "Transform")
"""Types of steps that start a job, which AWS charges."""
_BRANCHES = ("IfSteps", "ElseSteps")
_IMAGES = ("Image", "ImageUri", "TrainingImage")
_REGISTRY_IMAGE = re.compile(
    r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9._/-]+(:[\w.-]+)?@sha256:[0-9a-f]{64}"
)
_OF_STEP = re.compile(r"Steps\.([A-Za-z0-9-]+)")


@dataclass(frozen=True)
class _Step:
    """A step with its JSON pointer, and the condition that contains it, or an empty name."""

    body: Mapping[str, Any]
    pointer: str
    condition: str

    @property
    def name(self) -> str:
        return str(self.body["Name"])

    @property
    def kind(self) -> str:
        return str(self.body["Type"])

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments without the steps that a condition contains."""
        return {key: value for key, value in self.body.get("Arguments", {}).items() if key not in _BRANCHES}

    @property
    def needed(self) -> set[str]:
        """Steps that end before this one starts."""
        used = {match[1] for text in _texts(self.arguments) if (match := _OF_STEP.match(text))}
        return used | {*self.body.get("DependsOn", [])} | {*filter(None, [self.condition])}

    def __str__(self) -> str:
        return f"step {self.name} at {self.pointer}"


def refuse_unsound(definition: Mapping[str, Any], file: str, *, registers: bool) -> None:
    """Raises ProjectError with every fault of a definition.

    ``file`` is the place of its source in the repository. ``registers`` says whether the pipeline has to register a
    model.
    """
    steps = list(_steps(definition["Steps"], "/Steps"))
    faults = [*_cycles(steps), *(fault for step in steps for fault in _requests(step))]
    if registers:
        faults += _registrations(steps)
    if faults:
        raise ProjectError(*(f"{file}: {fault}" for fault in faults))


def _steps(bodies: list[Any], pointer: str, condition: str = "") -> Iterator[_Step]:
    for number, body in enumerate(bodies):
        step = _Step(body, f"{pointer}/{number}", condition)
        yield step
        for branch in _BRANCHES:
            yield from _steps(
                body.get("Arguments", {}).get(branch, []), f"{step.pointer}/Arguments/{branch}", step.name
            )


def _cycles(steps: list[_Step]) -> Iterator[str]:
    try:
        TopologicalSorter({step.name: step.needed for step in steps}).prepare()
    except CycleError as error:
        names = error.args[1]
        first = next(step for step in steps if step.name in names)
        yield f"{first} waits for itself: {' -> '.join(names)}; remove one of these dependencies"


def _registrations(steps: list[_Step]) -> Iterator[str]:
    """A training pipeline registers its model (TR-08), and only below a condition (TR-06)."""
    registrations = [step for step in steps if step.kind == "RegisterModel"]
    if not registrations:
        yield "no step has the type RegisterModel; add jobs.registration below the gates"
    for step in registrations:
        if not step.condition:
            yield f"{step} registers without a Condition step; put it into if_steps of a gate of input.json"


def _requests(step: _Step) -> Iterator[str]:
    if step.kind in _JOBS and not step.arguments.get("Tags"):
        yield f"{step} has no Tags, so the bill of the use case lacks its cost; give it those of jobs.processing"
    most = _FEWER_VARIABLES.get(step.kind, MOST_VARIABLES)
    for pointer, key, value in _members(step.arguments, f"{step.pointer}/Arguments"):
        if key == "Environment" and isinstance(value, dict) and len(value) > most:
            yield (
                f"step {step.name} at {pointer} has {len(value)} variables; a {step.kind} step admits {most}; pass the "
                "others in a file of an input"
            )
        if key in _IMAGES and isinstance(value, str) and not _REGISTRY_IMAGE.fullmatch(value):
            yield (
                f"step {step.name} at {pointer} has the image {value!r:.64}; images come from ECR and have a digest "
                "(@sha256:…); use jobs.image"
            )


def _members(node: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """Yields JSON pointer, key and value of every member of an object, at any depth."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        below = f"{pointer}/{key}"
        yield below, str(key), value
        yield from _members(value, below)


def _texts(node: Any) -> Iterator[str]:
    return (value for _, _, value in _members(node, "") if isinstance(value, str))
