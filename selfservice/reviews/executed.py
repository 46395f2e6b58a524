"""Refuses edits of a change besides settings: of the program, and of keys of settings files that the engine acts on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selfservice.errors import RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.reviews.base import Base
from settings.files.yaml_file import read_document

_OWN = "plinth:"
_CONFIG = "config"
_ENCRYPTION = ("encryptionsalt", "encryptedkey")
"""Keys that the engine writes into the file of a new stack."""


def refuse_executed_changes(base: Base, directory: Path) -> None:
    """Refuses a change from which a preview would execute code or read settings of the engine.

    Raises: RefusedError if the change edits a file of a program in the same repository, or a key of ``Pulumi.yaml`` or
    of a stack file that is not a value of ``plinth:``, for example ``main``, ``runtime`` or ``secretsprovider``.
    """
    found = list(_executed_changes(base, directory))
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise RefusedError(f"--settings-only admits values of plinth: alone, and this change edits more:\n{lines}")


def _executed_changes(base: Base, directory: Path) -> Iterator[str]:
    layout, repository = Layout.of(directory), base.repository
    for path in sorted(repository.changed_since(base.fork_point)):
        name = path.relative_to(repository.root)
        if layout.is_settings_file(path):
            before = _other_keys(repository.file_at(base.fork_point, path))
            after = _other_keys(path.read_bytes() if path.is_file() else None)
            yield from (f"{name}: {key}" for key in sorted({**before, **after}) if before.get(key) != after.get(key))
        elif path.is_relative_to(layout.program_directory):
            yield f"{name}: is part of the program"


def _other_keys(content: bytes | None) -> dict[str, Any]:
    """Returns all that is not a value of ``plinth:``, by key. A file that cannot be read is one unknown key."""
    if content is None:
        return {}
    document, faults = read_document(content)
    if document is None or faults or not isinstance(document.value, dict):
        return {"cannot be read": content}
    config = document.value.get(_CONFIG)
    settings = config if isinstance(config, dict) else {}
    foreign = {f"{_CONFIG}.{key}": value for key, value in settings.items() if not key.startswith(_OWN)}
    kept = {key: value for key, value in document.value.items() if key not in (_CONFIG, *_ENCRYPTION)}
    return kept | foreign
