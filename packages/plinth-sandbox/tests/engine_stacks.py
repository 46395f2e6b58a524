"""Stacks of the tests that run programs on the real engine: their names, previews and states."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

Program = Callable[[], None]
Deploy = Callable[[Program], automation.Stack]


def stack_name(request: pytest.FixtureRequest) -> str:
    return request.node.name.replace("_", "-")[:60]


def project_name(request: pytest.FixtureRequest) -> str:
    """Returns the name of the folder of the test."""
    return request.path.parent.name


def operations(stack: automation.Stack) -> dict[str, int]:
    """Previews a stack, and returns the number of resources for each operation."""
    return {str(operation): count for operation, count in stack.preview().change_summary.items()}


def state(stack: automation.Stack) -> str:
    """Returns the engine's state as text."""
    (file,) = (Path(os.environ["PULUMI_HOME"]) / ".pulumi" / "stacks").glob(f"*/{stack.name}.json")
    return file.read_text()


def resource(stack: automation.Stack, name: str) -> dict[str, Any]:
    """Returns a resource of the engine's state."""
    found = json.loads(state(stack))["checkpoint"]["latest"]["resources"]
    return next(candidate for candidate in found if candidate["urn"].endswith(f"::{name}"))
