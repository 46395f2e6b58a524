"""Passes the resources of a rehearsal to the policy packs (decision 17)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_VARIABLE = "PLINTH_REHEARSAL"
"""Environment variable with the path of the file. The engine starts policy packs with its own environment."""


def variables(file: Path | None) -> dict[str, str]:
    """Returns the environment variable that names the file to policy packs."""
    return {} if file is None else {_VARIABLE: str(file)}


def write(file: Path, resources: Sequence[Mapping[str, Any]]) -> None:
    """Writes the resources to a file that only the current user can read, because it contains resource inputs."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(list(resources)), encoding="utf-8")
