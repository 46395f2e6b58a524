"""Reads the outputs of a stack from its state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from selfservice.errors import BadInputError
from selfservice.projects.project import Project

_MASK = "[secret]"


def read(project: Project, stack: str, *, show_secrets: bool) -> dict[str, Any]:
    """Returns the outputs of a stack. Secrets are masked unless ``show_secrets``.

    Raises: BadInputError if the stack is not deployed.
    """
    from pulumi import automation

    from selfservice.engine.automation import ProjectWorkspace

    try:
        outputs = ProjectWorkspace(project.directory).stack_outputs(stack)
    except automation.StackNotFoundError:
        outputs = {}
    if not outputs:
        raise BadInputError(f"{stack} has no outputs: it has not been brought up here (plinth up {stack})")
    return {
        name: _MASK if output.secret and not show_secrets else output.value for name, output in sorted(outputs.items())
    }


def as_text(values: Mapping[str, Any]) -> str:
    """Returns a line per value, with nested values indented below their name."""
    return "\n".join(line for name, value in values.items() for line in _lines(name, value, ""))


def as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2)


def _lines(name: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping):
        nested = [line for key, inner in value.items() for line in _lines(str(key), inner, indent + "  ")]
        return [f"{indent}{name}:", *nested]
    if isinstance(value, list):
        return [f"{indent}{name}: {', '.join(map(str, value))}"]
    return [f"{indent}{name}: {'' if value is None else value}".rstrip()]
