"""Reads the definitions of SageMaker's pipelines.

A definition is JSON. Its steps start work with the members of the SageMaker API, here under names that begin small as
properties of resources do; a Condition or another step may hold further ones. What a step takes from a parameter, from
another step or from the run is UNKNOWN (SageMaker Developer Guide, "Pipelines", JSON schema of 2020-12-01).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown
from policies.security.inputs.subject import Subject
from policies.security.rules.identity.roles import PLATFORM_PATH
from settings.types.kinds import Environment
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

PIPELINE = ("aws:sagemaker/pipeline:Pipeline",)

_TAKEN = "Get"
_MADE = "Std:"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a pipeline does."""

    place: str
    """Where in the definition it stands, as a JSON pointer (RFC 6901)."""
    type: str
    arguments: Properties


def definition(subject: Subject) -> Mapping[str, object] | Unknown | None:
    """What the pipeline's definition says; None where it is absent or no JSON object."""
    text = subject.properties.text("pipelineDefinition")
    if isinstance(text, Unknown):
        return UNKNOWN
    try:
        document = json.loads(text or "")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def steps(subject: Subject) -> list[Step]:
    """All steps that are known, however deep they stand."""
    document = definition(subject)
    return list(_steps(document, "")) if isinstance(document, dict) else []


def _steps(node: object, place: str) -> Iterator[Step]:
    if isinstance(node, dict):
        arguments = _settled(node.get("Arguments"))
        if isinstance(arguments, dict):
            yield Step(place, str(node.get("Type")), Properties(arguments))
    for key, inner in _members(node):
        yield from _steps(inner, f"{place}/{key}")


def texts(node: object) -> Iterator[str]:
    """Every text that a definition holds as a value."""
    if isinstance(node, str):
        yield node
    for _, inner in _members(node):
        yield from texts(inner)


def _members(node: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _settled(node: object) -> object:
    if isinstance(node, list):
        return [_settled(item) for item in node]
    if not isinstance(node, dict):
        return node
    if any(key == _TAKEN or key.startswith(_MADE) for key in node):
        return UNKNOWN
    return {key[:1].lower() + key[1:]: _settled(inner) for key, inner in node.items()}


def role_of_pipelines(*environments: Environment) -> re.Pattern[str]:
    """The ARN of the role that a use case's pipelines run with in one of some environments:
    ``<team>--<use-case>-dev-pipeline`` under the platform's path."""
    places = "|".join(ENVIRONMENT_ABBREVIATIONS[environment] for environment in environments)
    return re.compile(rf"arn:aws[\w-]*:iam::\d{{12}}:role{PLATFORM_PATH}[a-z0-9-]+?--[a-z0-9-]+-({places})-pipeline")
