"""Reads definitions of SageMaker pipelines.

A definition is JSON. The arguments of its steps have the members of the SageMaker API, whose names this module changes
to lower camel case, as in resource properties. A Condition step can contain other steps. A value from a parameter,
another step or the execution is UNKNOWN (SageMaker Developer Guide, "Pipelines", JSON schema of 2020-12-01).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.evaluation.policy_attachments import PLATFORM_PATH
from policies.evaluation.readers import UNKNOWN, Properties, Unknown
from policies.evaluation.resource import Resource
from settings.types.kinds import Environment
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

PIPELINE = ("aws:sagemaker/pipeline:Pipeline",)

_REFERENCE = "Get"
_FUNCTION_PREFIX = "Std:"
_STEP_IN_REFERENCE = re.compile(r"\ASteps\.([A-Za-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a pipeline definition."""

    pointer: str
    """JSON pointer to the step in the definition (RFC 6901)."""
    name: str
    type: str
    arguments: Properties


def definition(resource: Resource) -> Mapping[str, object] | Unknown | None:
    """Returns the pipeline's parsed definition, or None if it is absent or not a JSON object."""
    text = resource.properties.text("pipelineDefinition")
    if isinstance(text, Unknown):
        return UNKNOWN
    try:
        document = json.loads(text or "")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def steps(resource: Resource) -> list[Step]:
    """Returns all known steps, at any depth."""
    document = definition(resource)
    return list(_steps(document, "")) if isinstance(document, dict) else []


def _steps(node: object, pointer: str) -> Iterator[Step]:
    if isinstance(node, dict):
        arguments = _without_references(node.get("Arguments"))
        if isinstance(arguments, dict):
            yield Step(pointer, str(node.get("Name")), str(node.get("Type")), Properties(arguments))
    for key, inner in _members(node):
        yield from _steps(inner, f"{pointer}/{key}")


def waiting(resource: Resource) -> Mapping[str, set[str]]:
    """Returns the steps that each step waits for, by name: those that it depends on, those whose properties it uses,
    and the condition that contains it."""
    document = definition(resource)
    found: dict[str, set[str]] = {}
    for step, other in _waiting(document.get("Steps") if isinstance(document, dict) else None, ""):
        found.setdefault(step, set()).add(other)
    return found


def _waiting(node: object, inside: str) -> Iterator[tuple[str, str]]:
    """Yields a step and a step that it waits for. ``inside`` is the step that contains the node, or empty."""
    match node:
        case {"Name": str(name), "Type": str(), **others}:
            listed = others.get("DependsOn")
            yield from ((name, str(other)) for other in [inside, *(listed if isinstance(listed, list) else [])])
            inside = name
        case {"Get": str(reference)}:
            yield from ((inside, other) for other in _STEP_IN_REFERENCE.findall(reference))
    for _, inner in _members(node):
        yield from _waiting(inner, inside)


def texts(node: object) -> Iterator[str]:
    """Yields every text value in a definition."""
    if isinstance(node, str):
        yield node
    for _, inner in _members(node):
        yield from texts(inner)


def _members(node: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _without_references(node: object) -> object:
    if isinstance(node, list):
        return [_without_references(item) for item in node]
    if not isinstance(node, dict):
        return node
    if any(key == _REFERENCE or key.startswith(_FUNCTION_PREFIX) for key in node):
        return UNKNOWN
    return {key[:1].lower() + key[1:]: _without_references(inner) for key, inner in node.items()}


def role_of_pipelines(*environments: Environment) -> re.Pattern[str]:
    """Returns the pattern of the ARN of a use case's pipeline role in one of the given environments, such as
    ``<team>--<use-case>-dev-pipeline`` under the platform's path."""
    short_names = "|".join(ENVIRONMENT_ABBREVIATIONS[environment] for environment in environments)
    return re.compile(
        rf"arn:aws[\w-]*:iam::\d{{12}}:role{PLATFORM_PATH}[a-z0-9-]+?--[a-z0-9-]+-({short_names})-pipeline"
    )
