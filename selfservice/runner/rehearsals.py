"""What the policies are told of the stack that another one has to equal (decision 17)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_VARIABLE = "PLINTH_REHEARSAL"
"""Names the file to the policy packs, which the engine starts with its own environment."""


def variables(file: Path | None) -> dict[str, str]:
    """The variable by which packs find the resources in the file."""
    return {} if file is None else {_VARIABLE: str(file)}


def write(file: Path, resources: Sequence[Mapping[str, Any]]) -> None:
    """For whoever runs the command alone: it holds what resources are given."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(list(resources)), encoding="utf-8")
