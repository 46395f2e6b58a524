"""Packages that a repository holds: those that were published, those that it fetched once, which stay with or without
its external connection, and versions that were copied from another repository.

They are files and not in the journal, because a replay would fetch them again. Each repository has a folder of its own,
also if a later one has the same name.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from plinth_sandbox.emulator.services.codeartifact.executor.upstream import File
from plinth_sandbox.emulator.store.record import Record

FOLDER = "packages"
PUBLISHED, UPSTREAM = "published", "upstream"
"""Origins of a package: a client of the repository, and the public index."""
_COPIED = ".copied"
"""Suffix of the file of a version that was copied. Its files are fetched from the public index when they are needed."""
_ABOUT = ".about"
"""Suffix of the file that says what the index said of a package."""


class Retained:
    """The files that one repository holds."""

    def __init__(self, directory: Path, record: Record) -> None:
        """``directory`` is that of the sandbox's state."""
        identity = f"{record.arn} {record.created.isoformat()}"
        self._folder = directory / FOLDER / hashlib.sha256(identity.encode()).hexdigest()[:32]

    def files(self, project: str) -> list[File]:
        """Returns the held files of a project."""
        found = sorted((self._folder / project).glob(f"*{_ABOUT}"))
        return [File(**json.loads(about.read_text())) for about in found]

    def content(self, project: str, name: str) -> bytes | None:
        """Returns the content of a file, or None if the repository does not hold it."""
        file = self._folder / project / name
        return file.read_bytes() if file.is_file() else None

    def origin(self, project: str) -> str | None:
        """Returns where the first file of a project came from, or None if the repository holds none."""
        folder = self._folder / project
        if not any(folder.glob(f"*{_ABOUT}")):
            return UPSTREAM if self.copied(project) else None
        return PUBLISHED if (folder / PUBLISHED).exists() else UPSTREAM

    def copied(self, project: str) -> set[str]:
        """Returns the versions of a project that were copied from another repository."""
        return {marker.name.removesuffix(_COPIED) for marker in (self._folder / project).glob(f"*{_COPIED}")}

    def copy(self, project: str, version: str, source: Retained, names: Iterable[str]) -> None:
        """Takes a version from another repository of the domain, with the files that it holds."""
        folder = self._folder / project
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            for file in (name, f"{name}{_ABOUT}"):
                shutil.copyfile(source._folder / project / file, folder / file)
        if source.origin(project) == PUBLISHED:
            (folder / PUBLISHED).touch()
        else:
            (folder / f"{version}{_COPIED}").touch()

    def publish(self, project: str, file: File, content: bytes) -> None:
        """Keeps a file that somebody published, so that no file of the project comes from upstream."""
        folder = self._folder / project
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PUBLISHED).touch()
        self.keep(project, file, content)

    def keep(self, project: str, file: File, content: bytes) -> None:
        """Keeps a file. Its description comes last, so that a listed file is complete."""
        folder = self._folder / project
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(content)
        hashes = {"sha256": hashlib.sha256(content).hexdigest()}
        about = {"name": file.name, "url": "", "hashes": hashes, "requires_python": file.requires_python}
        (folder / f"{file.name}{_ABOUT}").write_text(json.dumps(about))
