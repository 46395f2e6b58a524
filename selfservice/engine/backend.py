"""States that lie in a folder of this machine, read without the engine: a process per stack takes half a second each.

Only for backends of files. Other backends, and states that cannot be read as they lie there, are the engine's to read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

STATE_FORMAT = 3
"""Of checkpoints; the engine writes it into each (apitype.VersionedCheckpoint)."""


@dataclass(frozen=True, slots=True)
class FileBackend:
    """The folder in which the engine keeps the states of one project."""

    root: Path
    project: str
    _read: dict[Path, tuple[object, Mapping[str, Any]]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, url: str, project: str) -> Self | None:
        """The backend behind ``PULUMI_BACKEND_URL``; None where it is of another kind, or of an older layout."""
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
            return None
        root = Path(unquote(parts.path)) / ".pulumi"
        try:
            layout = (root / "meta.yaml").read_text(encoding="utf-8")
        except OSError:
            return None
        return cls(root, project) if layout.strip() == "version: 1" else None

    def stacks(self) -> frozenset[str]:
        """The stacks that were made, whatever they hold."""
        suffixes = (".json.gz", ".json")
        names = [file.name for file in self._folder.iterdir()] if self._folder.is_dir() else []
        return frozenset(name.removesuffix(suffix) for name in names for suffix in suffixes if name.endswith(suffix))

    def deployment(self, stack: str) -> Mapping[str, Any] | None:
        """What the state holds, secrets as ciphertext; None where there is none, or it is not as expected."""
        file = self._file(stack)
        try:
            status = file.stat()
            version = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._read.get(file)
            if known is None or known[0] != version:
                body = json.loads(_content(file))
                if body.get("version") != STATE_FORMAT:
                    return None
                known = (version, body["checkpoint"].get("latest") or {})
                self._read[file] = known
        except (OSError, ValueError, KeyError, AttributeError):
            return None
        return known[1]

    def outputs(self, stack: str) -> Mapping[str, Any]:
        """What a stack promises to others, as last written; a secret one is its ciphertext."""
        resources = (self.deployment(stack) or {}).get("resources") or ()
        return next((each.get("outputs") or {} for each in resources if each["type"] == "pulumi:pulumi:Stack"), {})

    def digest(self, stack: str) -> str | None:
        """A digest of the whole state; None where there is none."""
        try:
            return hashlib.sha256(self._file(stack).read_bytes()).hexdigest()
        except OSError:
            return None

    def is_locked(self, stack: str) -> bool:
        """Whether an engine is at work on the stack, or left its lock behind."""
        locks = self.root / "locks" / "organization" / self.project / stack
        return locks.is_dir() and any(locks.iterdir())

    @property
    def _folder(self) -> Path:
        return self.root / "stacks" / self.project

    def _file(self, stack: str) -> Path:
        plain = self._folder / f"{stack}.json"
        return plain if plain.exists() else plain.with_name(f"{plain.name}.gz")


@cache
def backend_of(project_directory: Path) -> FileBackend | None:
    """The backend that this process works with; None where it is not one of files."""
    import yaml

    described = yaml.safe_load((project_directory / "Pulumi.yaml").read_text(encoding="utf-8"))
    return FileBackend.of(os.environ.get("PULUMI_BACKEND_URL", ""), described["name"])


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if file.suffix == ".gz" else content
