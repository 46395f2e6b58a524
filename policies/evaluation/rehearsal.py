"""Reads the rehearsal of a stack: the resources of the pre-production stack that a production stack must match."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource

VARIABLE = "PLINTH_REHEARSAL"
"""Environment variable with the path of a JSON file. The file lists resources in the format of `pulumi stack
export`."""


@cache
def rehearsal(file: str | None) -> tuple[Resource, ...] | None:
    """Returns the resources in the file, except those marked for deletion, or None if no file is given.

    Raises: ValueError, OSError or KeyError if the file cannot be read, so that the comparison is never skipped.
    """
    if file is None:
        return None
    listed = json.loads(Path(file).read_text(encoding="utf-8"))
    return tuple(_resource(exported) for exported in listed if not exported.get("delete"))


def _resource(exported: Mapping[str, Any]) -> Resource:
    _stack, _project, types, name = exported["urn"].removeprefix("urn:pulumi:").split("::", 3)
    return Resource(
        type=exported["type"],
        name=name,
        properties=Properties(_known(exported.get("inputs") or {})),
        parents=types.split("$")[:-1],
        urn=exported["urn"],
    )


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return UNKNOWN if value == UNKNOWN_STRING_VALUE else value
