"""The settings files that a request changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfservice.changes.requested.base import PresentSettings, RequestForTeam
from selfservice.fingerprints.layout import Layout
from settings.derived.foundation import Foundation
from settings.files.loader import load_with
from settings.files.validation_cache import load_cached


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingsChange:
    """Settings files with their new contents, and the settings as they would be."""

    files: Mapping[str, str | None]
    """Contents by file name, without files that stay as they are. None stands for a file that is deleted."""
    foundation: Foundation

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 digests of the contents, by file name. Files that are deleted have an empty one."""
        return {name: content_digest(text) for name, text in sorted(self.files.items())}


def content_digest(text: str | None) -> str:
    """Returns the SHA-256 digest of the content of a file; empty for a file that is deleted."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def settings_change(directory: Path, request: RequestForTeam, recycled: Sequence[str] = ()) -> SettingsChange:
    """Returns the change that a request asks for. Nothing is written.

    ``recycled`` are the ids of accounts that a new team uses first.

    A request that was carried out changes nothing more, so its change has no files. An upgrade changes no settings.

    Raises: BadInputError if the team does not exist, or if it or the use case exists with other values; SettingsError
    with every fault of the changed settings.
    """
    foundation, folder = load_cached(directory), Layout.of(directory).settings_directory
    wanted = request.files(
        PresentSettings(directory=directory, folder=folder, foundation=foundation, recycled=recycled)
    )
    files = {name: text for name, text in dict(wanted).items() if _content(folder / name) != text}
    if not files:
        return SettingsChange(files=files, foundation=foundation)
    kept = {name: text.encode() for name, text in files.items() if text is not None}
    after = load_with(directory, kept, omitted=[name for name, text in files.items() if text is None])
    return SettingsChange(files=files, foundation=after)


def _content(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
