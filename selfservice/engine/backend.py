"""Reads and initializes states in a local folder without the engine, which would take half a second per stack.

Only file backends are supported. The engine reads other backends, and states in an unexpected format.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Self
from urllib.parse import unquote, urlsplit

BACKEND_VARIABLE = "PULUMI_BACKEND_URL"
_FIRST = "organization"
"""The stack that is deployed before all others."""
_PROVIDER = "secretsprovider"
KMS_PROVIDER = "awskms://"
"""Start of the secrets providers that are keys of KMS."""
STATE_FORMAT = 3
"""Version of the checkpoint format, which the engine writes to each state (apitype.VersionedCheckpoint)."""


@dataclass(frozen=True, slots=True)
class FileBackend:
    """The folder with the states of one project."""

    root: Path
    project: str
    _read: dict[Path, tuple[object, Mapping[str, Any]]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, url: str, project: str) -> Self | None:
        """Returns the backend at ``url``; None if it is of another kind or has an older layout."""
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
        """Returns the stacks that exist, including empty ones."""
        suffixes = (".json.gz", ".json")
        names = [file.name for file in self._folder.iterdir()] if self._folder.is_dir() else []
        return frozenset(name.removesuffix(suffix) for name in names for suffix in suffixes if name.endswith(suffix))

    def deployment(self, stack: str) -> Mapping[str, Any] | None:
        """Returns the state with encrypted secrets; None if it does not exist or has an unexpected format."""
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
        """Returns the stack outputs, with encrypted secrets."""
        return outputs_in(self.deployment(stack) or {})

    def last_update(self, stack: str) -> Mapping[str, Any] | None:
        """Returns the last entry of the history as the engine wrote it; empty if there is none, None if it has an
        unexpected format."""
        # Names end with the time in nanoseconds (backend/diy/state.go).
        files = sorted((self.root / "history" / self.project / stack).glob(f"{stack}-*.history.json*"))
        if not files:
            return {}
        try:
            body = json.loads(_content(files[-1]))
            return body if isinstance(body["kind"], str) and isinstance(body["config"], dict) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def digest(self, stack: str) -> str | None:
        """Returns a digest of the whole state; None if there is no state."""
        try:
            return hashlib.sha256(self._file(stack).read_bytes()).hexdigest()
        except OSError:
            return None

    def initialize(self, stack: str) -> bool:
        """Creates a stack without resources, as ``pulumi stack init`` does; returns False if the stack exists."""
        if self._file(stack).exists():
            return False
        file = self._folder / f"{stack}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        empty = {"version": STATE_FORMAT, "checkpoint": {"stack": f"organization/{self.project}/{stack}"}}
        with NamedTemporaryFile("w", dir=self.root, prefix=f"{stack}.", encoding="utf-8") as whole:
            json.dump(empty, whole)
            whole.flush()
            try:
                file.hardlink_to(whole.name)  # fails if another process has created it meanwhile
            except FileExistsError:
                return False
        return True

    def is_locked(self, stack: str) -> bool:
        """Returns whether the stack has a lock, of a running engine or of a killed one."""
        locks = self.lock_folder(stack)
        return locks.is_dir() and any(locks.iterdir())

    def lock_folder(self, stack: str) -> Path:
        """Returns the folder of the stack's locks, which exists once the stack was locked."""
        return self.root / "locks" / "organization" / self.project / stack

    @property
    def _folder(self) -> Path:
        return self.root / "stacks" / self.project

    def _file(self, stack: str) -> Path:
        plain = self._folder / f"{stack}.json"
        return plain if plain.exists() else plain.with_name(f"{plain.name}.gz")


def outputs_in(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the stack outputs in a state, with encrypted secrets."""
    resources = deployment.get("resources") or ()
    return next((each.get("outputs") or {} for each in resources if each["type"] == "pulumi:pulumi:Stack"), {})


@cache
def backend_of(project_directory: Path) -> FileBackend | None:
    """Returns the backend of this process; None if it is not a file backend."""
    return FileBackend.of(os.environ.get(BACKEND_VARIABLE, ""), project_name(project_directory))


def project_name(project_directory: Path) -> str:
    """Returns the name of the project in its Pulumi.yaml, which is part of the place of its states."""
    return str(_mapping(project_directory / "Pulumi.yaml")["name"])


def has_encryption_key(project_directory: Path, stack: str) -> bool:
    """Returns whether the stack file has the key for secrets that ``pulumi stack init`` would otherwise write."""
    described = _stack_file(project_directory, stack)
    return "encryptionsalt" in described or "encryptedkey" in described


def secrets_provider(project_directory: Path, stack: str) -> str | None:
    """Returns the secrets provider of the stack file, such as ``awskms://alias/states``; None if it names none."""
    found = _stack_file(project_directory, stack).get(_PROVIDER)
    return None if found is None else str(found)


def secrets_keys(project_directory: Path, stacks: Iterable[str]) -> frozenset[str]:
    """Returns the keys of KMS that encrypt secrets in the states of stacks, as their files name them: by id, ARN or
    alias."""
    providers = (secrets_provider(project_directory, stack) or "" for stack in stacks)
    keys = (provider.removeprefix(KMS_PROVIDER) for provider in providers if provider.startswith(KMS_PROVIDER))
    return frozenset(key.partition("?")[0].lstrip("/") for key in keys)


def share_secrets_provider(project_directory: Path, stack: str) -> None:
    """Writes the secrets provider of the stack ``organization`` into a stack file that names neither a provider nor the
    salt of a passphrase, as that of a new stack.

    The engine writes it only when it creates the stack, and a preview of a requested team creates stacks in a copy of
    the settings. The engine adds the encrypted key itself.
    """
    provider = secrets_provider(project_directory, _FIRST)
    if provider is None or _stack_file(project_directory, stack).keys() & {_PROVIDER, "encryptionsalt"}:
        return
    file = _path_of(project_directory, stack)
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    # A copy of the settings has links to their files, which must not change.
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(f"{_PROVIDER}: {provider}\n{text}", encoding="utf-8")
    draft.replace(file)


def _path_of(project_directory: Path, stack: str) -> Path:
    folder = _mapping(project_directory / "Pulumi.yaml").get("stackConfigDir", ".")
    return project_directory / str(folder) / f"Pulumi.{stack}.yaml"


def _stack_file(project_directory: Path, stack: str) -> Mapping[str, Any]:
    """Returns the content of the stack file, empty if there is none."""
    try:
        return _mapping(_path_of(project_directory, stack))
    except FileNotFoundError:
        return {}


def _mapping(file: Path) -> Mapping[str, Any]:
    import yaml

    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if file.suffix == ".gz" else content
