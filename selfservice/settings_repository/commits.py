"""Commits the settings files that a request has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from selfservice.errors import BadInputError, RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.use_cases.git import GitError, git, succeeds
from settings.rules.partial_config import stack_file


@dataclass(frozen=True, slots=True)
class SettingsRepository:
    """The git repository that contains the settings files."""

    folder: Path
    """Folder of the settings files of stacks."""

    @classmethod
    def of(cls, directory: Path) -> Self:
        """Returns the repository of a project.

        Raises: BadInputError if its settings files are in no git repository, or if git does not know who commits.
        """
        folder = Layout.of(directory).settings_directory
        if not succeeds(folder, "rev-parse", "--is-inside-work-tree"):
            raise BadInputError(f"{folder} is in no git repository, so --commit cannot commit the settings")
        if not succeeds(folder, "var", "GIT_COMMITTER_IDENT"):
            raise BadInputError("git does not know who commits; set user.name and user.email")
        return cls(folder)

    def commit(self, team: str, use_case: str, reason: str) -> str | None:
        """Commits the files of the team and of its use case, and no others.

        Returns the commit, or None without changes. ``reason`` is the second paragraph of the message.

        Raises: RefusedError if git refuses the commit.
        """
        stack = f"{team}--{use_case}"
        files = [name for name in (stack_file(team), stack_file(stack)) if (self.folder / name).exists()]
        try:
            return self.commit_files(files, f"Add the use case {stack}", reason)
        except GitError as error:
            raise RefusedError(f"{stack} is created, but {', '.join(files)} could not be committed: {error}") from error

    def commit_files(self, files: Sequence[str], subject: str, reason: str) -> str | None:
        """Commits some settings files, by name, and no others. Returns the commit, or None without changes.

        Files that were deleted are deleted in the commit, too.

        Raises: GitError.
        """
        files = [name for name in files if (self.folder / name).exists() or git(self.folder, "ls-files", "--", name)]
        if not files:
            return None
        git(self.folder, "add", "--", *files)
        if succeeds(self.folder, "diff", "--cached", "--quiet", "--", *files):
            return None
        message = ("--message", subject, "--message", reason)
        git(self.folder, "commit", "--quiet", "--only", *message, "--", *files)
        return git(self.folder, "rev-parse", "HEAD")

    def changed(self, files: Sequence[str]) -> list[str]:
        """Returns those of the settings files that differ from the newest commit, by name."""
        return [name for name in files if git(self.folder, "status", "--porcelain", "--", name)]
