"""Stores fingerprints: one small file for each stack."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfservice.operations.operation import Outcome, Status

_FORMAT = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """The inputs of a stack when it needed no change."""

    inputs: Mapping[str, str]
    """Kind of input -> digest."""
    outcome: Outcome
    notices: tuple[str, ...] = ()
    """Notices of that run, which are repeated while nothing changes."""
    seen: str
    """Time of that run."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of fingerprints that only the current user can read. An unreadable fingerprint counts as missing."""

    folder: Path

    def read(self, stack: str) -> Fingerprint | None:
        """Returns the fingerprint of a stack; None if it is missing, damaged or of another format."""
        try:
            body = json.loads((self.folder / f"{stack}.json").read_bytes())
            if body["format"] != _FORMAT:
                return None
            return Fingerprint(
                inputs=_texts(body["inputs"]),
                outcome=Outcome.from_json(body["outcome"]),
                notices=tuple(map(str, body["notices"])),
                seen=str(body["seen"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, stack: str, fingerprint: Fingerprint) -> None:
        """Writes a fingerprint and replaces an older one atomically."""
        body: dict[str, Any] = {
            "format": _FORMAT,
            "inputs": dict(fingerprint.inputs),
            "outcome": asdict(fingerprint.outcome),
            "notices": fingerprint.notices,
            "seen": fingerprint.seen,
        }
        self._replace(self.folder / f"{stack}.json", json.dumps(body))

    def forget(self, stack: str) -> None:
        """Remove a stack's fingerprint, if there is one."""
        (self.folder / f"{stack}.json").unlink(missing_ok=True)

    def _replace(self, file: Path, text: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")  # made with mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(draft).replace(file)


def _texts(body: Any) -> Mapping[str, str]:
    return {str(key): str(value) for key, value in body.items()}


def needs_no_change(outcome: Outcome) -> bool:
    """Returns whether an operation succeeded and found nothing to change."""
    through = outcome.status in (Status.SUCCEEDED, Status.UNCHANGED)
    return through and not (outcome.changes or outcome.drifted or outcome.problems)
