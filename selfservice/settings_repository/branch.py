"""The branch on which a request's commits are pushed, and the branch that they are to be merged into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from selfservice.errors import BadInputError, RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.settings_repository.remote import remote_git
from selfservice.use_cases.git import GitError, git, succeeds

_ATTEMPTS = 3
"""Attempts to push to a branch to which others push too."""


@dataclass(frozen=True, slots=True)
class SettingsBranch:
    """The current branch of the runner's working copy, and its remote repository."""

    folder: Path
    """Folder of the settings files of stacks."""
    base: str
    """The current branch, into which pull requests are merged."""
    remote: str

    @classmethod
    def of(cls, directory: Path) -> Self:
        """Returns the current branch of a project.

        Raises: BadInputError if the settings are in no git repository, if no branch is checked out, or if there is no
        remote repository.
        """
        folder = Layout.of(directory).settings_directory
        if not succeeds(folder, "rev-parse", "--is-inside-work-tree"):
            raise BadInputError(f"{folder} is in no git repository, so there is nothing to push commits to")
        try:
            base = git(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
        except GitError:
            raise BadInputError(
                f"{folder} has no branch checked out, into which commits could be merged: run `git switch main`"
            ) from None
        remote = "origin"
        if succeeds(folder, "config", f"branch.{base}.remote"):
            remote = git(folder, "config", f"branch.{base}.remote")
        if not succeeds(folder, "remote", "get-url", remote):
            raise BadInputError(
                f"{folder} has no remote repository {remote} for commits: run `git remote add {remote} URL`"
            )
        return cls(folder, base, remote)

    @property
    def url(self) -> str:
        """URL of the remote repository."""
        return git(self.folder, "remote", "get-url", self.remote)

    def receive(self) -> None:
        """Brings the working copy to the newest settings of the remote branch.

        Commits of requests that are not merged yet stay. Those that were merged as one new commit are dropped.

        Raises: RefusedError if the remote repository does not answer, or if both have changed the same lines.
        """
        try:
            self._fetch()
            if succeeds(self.folder, "merge-base", "--is-ancestor", self._tracking, "HEAD"):
                return
            if succeeds(self.folder, "diff", "--quiet", self._tracking, "HEAD"):
                git(self.folder, "reset", "--quiet", "--keep", self._tracking)
                return
            git(self.folder, "merge", "--quiet", "--no-edit", self._tracking)
        except GitError as error:
            if succeeds(self.folder, "rev-parse", "--quiet", "--verify", "MERGE_HEAD"):
                git(self.folder, "merge", "--abort")
            raise RefusedError(
                f"the settings of {self.base} at {self.remote} could not be merged into this working copy: {error}"
            ) from error

    def push(self, branch: str) -> list[str]:
        """Pushes the commits that are not merged yet, and returns their subjects, the oldest first; empty if the remote
        branch has the same settings.

        Raises: RefusedError if git refuses.
        """
        try:
            subjects = self._unmerged()
            if not subjects or succeeds(self.folder, "diff", "--quiet", self._tracking, "HEAD"):
                return []
            # Only the runner of the request writes to its branch.
            remote_git(self.folder, self.remote, "push", "--quiet", "--force", self.remote, f"HEAD:refs/heads/{branch}")
        except GitError as error:
            raise RefusedError(f"the commits could not be pushed to {branch} at {self.remote}: {error}") from error
        return subjects

    def push_to_base(self) -> list[str]:
        """Pushes the commits to the branch itself, and returns their subjects, the oldest first. If somebody else has
        pushed, their commits are merged first.

        Raises: RefusedError if git refuses, or if both have changed the same lines.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            subjects = self._unmerged()
            if not subjects:
                return []
            try:
                remote_git(self.folder, self.remote, "push", "--quiet", self.remote, f"HEAD:refs/heads/{self.base}")
                git(self.folder, "update-ref", self._tracking, "HEAD")
                return subjects
            except GitError as error:
                if attempt == _ATTEMPTS:
                    raise RefusedError(
                        f"the commits could not be pushed to {self.base} at {self.remote}: {error}"
                    ) from error
            self.receive()
        return []

    def _unmerged(self) -> list[str]:
        """Returns the subjects of the commits that the remote branch does not have, the oldest first."""
        found = git(self.folder, "log", "--reverse", "--no-merges", "--format=%s", f"{self._tracking}..HEAD")
        return found.splitlines()

    def _fetch(self) -> None:
        refs = f"+refs/heads/{self.base}:{self._tracking}"
        remote_git(self.folder, self.remote, "fetch", "--quiet", self.remote, refs)

    @property
    def _tracking(self) -> str:
        return f"refs/remotes/{self.remote}/{self.base}"
