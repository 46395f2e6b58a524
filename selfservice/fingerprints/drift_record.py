"""The result of the last comparison of a stack with AWS, for commands that read no AWS, such as ``plinth status``.

There is one file for each stack, ``drift/<stack>.json`` in the folder of the fingerprints. It contains the time of the
comparison (``seen``) and the URNs of the resources that differed (``drifted``). Every operation with a refresh writes
it. An update corrects what differed and leaves an empty list; a deleted stack has no file.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from selfservice.operations.operation import Action, Operation, Outcome

_FOLDER = "drift"


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRecord:
    """Result of the last comparison of a stack with AWS."""

    seen: datetime
    """End of the comparison."""
    drifted: tuple[str, ...]
    """URNs of the resources that somebody changed and no update corrected yet."""

    @classmethod
    def read(cls, fingerprints: Path, stack: str) -> Self | None:
        """Returns the record of a stack; None if it was never compared or the file is damaged."""
        try:
            body = json.loads(_file(fingerprints, stack).read_bytes())
            return cls(seen=datetime.fromisoformat(body["seen"]), drifted=tuple(map(str, body["drifted"])))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def record_drift(operation: Operation, outcome: Outcome) -> None:
    """Writes the record of the operation's stack if it was compared with AWS, and deletes that of a deleted stack.

    An operation does not fail if its record cannot be written.
    """
    if not outcome.status.lets_dependents_go_on:
        return
    file = _file(operation.fingerprints, operation.stack)
    with suppress(OSError):
        if operation.action is Action.DESTROY:
            file.unlink(missing_ok=True)
        elif operation.refresh:
            left = outcome.drifted if operation.action is Action.PREVIEW else ()
            _write(file, {"seen": datetime.now(UTC).isoformat(timespec="seconds"), "drifted": list(left)})


def _file(fingerprints: Path, stack: str) -> Path:
    return fingerprints / _FOLDER / f"{stack}.json"


def _write(file: Path, body: dict[str, object]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(body, stream)
    Path(draft).replace(file)
