"""A copy of the settings in CodeCommit, which follows their branch while a process reads it."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SECONDS = 30.0
"""Time between two looks at the branch."""
_KEPT = 2
"""Commits that stay: the newest one, and the one before it, which a page may still read."""


@dataclass(slots=True)
class SettingsCopy:
    """The files of the newest commit of a branch.

    Each commit has a folder of its own, and ``directory`` leads to the newest one, so that nobody reads half of a file.
    A page that is read at the moment of a change can have files of both commits; the next one has not.
    """

    codecommit: Any
    """Client of CodeCommit in the account of the repository."""
    repository: str
    branch: str
    folder: Path
    _commits: list[str] = field(default_factory=list)
    _blobs: dict[str, str] = field(default_factory=dict)
    """Id of the content of each file of the newest commit, by path."""

    @property
    def directory(self) -> Path:
        """Path under which the files of the newest commit are."""
        return self.folder / "settings"

    def update(self) -> bool:
        """Returns whether the branch has a newer commit, and copies it then. Raises: ClientError."""
        found = self.codecommit.get_branch(repositoryName=self.repository, branchName=self.branch)
        commit = str(found["branch"]["commitId"])
        if self._commits and commit == self._commits[-1]:
            return False
        made, before = self.folder / commit, self.directory.resolve()
        shutil.rmtree(made, ignore_errors=True)  # of an update that failed
        blobs = dict(self._files(commit, "/"))
        for path, blob in blobs.items():
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if self._blobs.get(path) == blob:
                shutil.copyfile(before / path, file)
            else:
                file.write_bytes(self.codecommit.get_blob(repositoryName=self.repository, blobId=blob)["content"])
        link = self.folder / "newest"
        link.unlink(missing_ok=True)
        link.symlink_to(commit)
        link.replace(self.directory)
        self._blobs = blobs
        self._commits = [*(candidate for candidate in self._commits if candidate != commit), commit]
        while len(self._commits) > _KEPT:
            shutil.rmtree(self.folder / self._commits.pop(0), ignore_errors=True)
        return True

    def follow(self, stopped: threading.Event, seconds: float = SECONDS) -> None:
        """Updates the copy again and again. After an error, the last copy stays, and the next look tries again."""
        while not stopped.wait(seconds):
            try:
                self.update()
            except Exception:
                log.exception("the settings of %s could not be read", self.repository)

    def _files(self, commit: str, folder: str) -> Iterator[tuple[str, str]]:
        """Yields path and content id of all files. Symbolic links are no settings, and could lead anywhere."""
        found = self.codecommit.get_folder(repositoryName=self.repository, commitSpecifier=commit, folderPath=folder)
        for file in found["files"]:
            yield file["absolutePath"], file["blobId"]
        for sub_folder in found["subFolders"]:
            yield from self._files(commit, sub_folder["absolutePath"])
