"""Inputs of policy packs beside the resources of a stack: the resources of its rehearsal (decision 17), and the
accounts of the organization (decision 114). The engine starts policy packs with its own environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from settings.derived.stack_graph import StackIdentity
from settings.types.aws.exported_accounts import organization_of

_REHEARSAL = "PLINTH_REHEARSAL"
"""Environment variable with the path of the file."""
_ORGANIZATION = "PLINTH_ORGANIZATION"
"""Environment variable with the id, the accounts and the endpoint services of the organization, as JSON."""
_EXPORTING = ("organization", "team", "tooling-mlflow")
"""Kinds of stack that create or adopt accounts, or offer an endpoint service. All others export only accounts of
these."""


def rehearsal(file: Path | None) -> dict[str, str]:
    """Returns the environment variable that names the file of a rehearsal."""
    return {} if file is None else {_REHEARSAL: str(file)}


def write(file: Path, resources: Sequence[Mapping[str, Any]]) -> None:
    """Writes the resources to a file that only the current user can read, because it contains resource inputs."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(list(resources)), encoding="utf-8")


def organization(stacks: Iterable[str], outputs: Callable[[str], Mapping[str, Any]]) -> dict[str, str]:
    """Returns the environment variable with what a stack and its upstream stacks export about the organization.

    ``outputs`` returns the outputs of a stack, none if it does not exist. Only stacks that create these are read.
    """
    exporting = [name for name in stacks if StackIdentity.parse(name).kind in _EXPORTING]
    return {_ORGANIZATION: json.dumps(organization_of(map(outputs, exporting)), separators=(",", ":"))}
