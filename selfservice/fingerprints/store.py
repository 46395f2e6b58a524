"""Stores fingerprints: one small file per stack, and lists of files that several stacks share."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfservice.runner.operation import Outcome, Status

_FORMAT = 1
_KEPT_SECONDS = 30 * 24 * 3600
"""Retention of a list of files after it was last read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """The inputs of a stack when it needed no change."""

    inputs: Mapping[str, str]
    """Kind of input -> digest."""
    files: Mapping[str, str]
    """Path that the program and the policies read -> its state. A path with a trailing slash is a folder listing."""
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
                files=self._files(body["files"]),
                outcome=Outcome.from_json(body["outcome"]),
                notices=tuple(map(str, body["notices"])),
                seen=str(body["seen"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, stack: str, fingerprint: Fingerprint) -> None:
        """Writes a fingerprint and replaces an older one atomically."""
        files = json.dumps(dict(fingerprint.files), sort_keys=True)
        name = hashlib.sha256(files.encode()).hexdigest()
        if not self._list(name).exists():
            self._replace(self._list(name), files)
        body: dict[str, Any] = {
            "format": _FORMAT,
            "inputs": dict(fingerprint.inputs),
            "files": name,
            "outcome": asdict(fingerprint.outcome),
            "notices": fingerprint.notices,
            "seen": fingerprint.seen,
        }
        self._replace(self.folder / f"{stack}.json", json.dumps(body))
        self._remove_unused_lists()

    def forget(self, stack: str) -> None:
        """Remove a stack's fingerprint, if there is one."""
        (self.folder / f"{stack}.json").unlink(missing_ok=True)

    def _files(self, name: str) -> Mapping[str, str]:
        os.utime(self._list(name))
        content = self._list(name).read_bytes()
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError(f"{name} is damaged")
        return _texts(json.loads(content))

    def _list(self, name: str) -> Path:
        return self.folder / "files" / f"{name}.json"

    def _remove_unused_lists(self) -> None:
        """Removes expired lists. If a list is still in use, its stacks only run once more."""
        for file in self._list("").parent.iterdir():
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    file.unlink()

    def _replace(self, file: Path, text: str) -> None:
        for folder in (self.folder, file.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")  # made with mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(draft).replace(file)


def _texts(body: Any) -> Mapping[str, str]:
    return {str(key): str(value) for key, value in body.items()}


def needs_no_change(outcome: Outcome) -> bool:
    """Returns whether an operation succeeded and found nothing to change."""
    through = outcome.status in (Status.SUCCEEDED, Status.UNCHANGED)
    return through and not (outcome.changes or outcome.drifted or outcome.problems)
