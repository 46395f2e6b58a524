"""The resources of the stack that another one has to equal, as the command line hands them to the pack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.security.inputs.readers import UNKNOWN, Properties
from policies.security.inputs.subject import Subject

VARIABLE = "PLINTH_REHEARSAL"
"""Names a file with a list of resources, each as `pulumi stack export` has it."""


@cache
def rehearsal(file: str | None) -> tuple[Subject, ...] | None:
    """Its resources, of which the engine is about to delete none. None where no file is named.

    Raises: ValueError, OSError or KeyError when the file is not such a list: what nobody can read equals nothing.
    """
    if file is None:
        return None
    listed = json.loads(Path(file).read_text(encoding="utf-8"))
    return tuple(_subject(resource) for resource in listed if not resource.get("delete"))


def _subject(resource: Mapping[str, Any]) -> Subject:
    _stack, _project, types, name = resource["urn"].removeprefix("urn:pulumi:").split("::", 3)
    return Subject(
        type=resource["type"],
        name=name,
        properties=Properties(_known(resource.get("inputs") or {})),
        parents=types.split("$")[:-1],
        urn=resource["urn"],
    )


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return UNKNOWN if value == UNKNOWN_STRING_VALUE else value
