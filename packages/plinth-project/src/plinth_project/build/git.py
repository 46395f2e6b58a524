"""The branch and the commit that the command line works on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plinth_project.documents import ProjectError

_NO_COMMIT = "0" * 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A commit of a branch."""

    branch: str
    commit: str

    @property
    def is_committed(self) -> bool:
        return self.commit != _NO_COMMIT


def revision(root: Path, environment: Mapping[str, str] = os.environ) -> Revision:
    """Returns the revision of the working tree. CI checks out a commit without a branch and names it in ``BRANCH``.

    A folder outside git counts as a branch ``local`` without a commit.
    """
    if not _git(root, "rev-parse", "--is-inside-work-tree"):
        return Revision(branch=environment.get("BRANCH", "local"), commit=_NO_COMMIT)
    branch = environment.get("BRANCH") or _git(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    if not branch:
        raise ProjectError("git: no branch is checked out; name the branch in the variable BRANCH")
    return Revision(branch=branch, commit=_git(root, "rev-parse", "--quiet", "--verify", "HEAD") or _NO_COMMIT)


def changed_files(root: Path) -> list[str]:
    """Returns the files that differ from the commit, without ignored ones."""
    return [line[3:] for line in _git(root, "status", "--porcelain").splitlines()]


def parent(root: Path, commit: str) -> str:
    """Returns the first parent of a commit, or nothing for the first commit of the repository."""
    return _git(root, "rev-parse", "--quiet", "--verify", f"{commit}^")


def remote_branches(root: Path) -> dict[str, str]:
    """Returns the last commit of each branch of the remote repository. Raises ProjectError if it does not answer."""
    command = ["git", "ls-remote", "--heads", os.environ.get("CODEBUILD_SOURCE_REPO_URL", "origin")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProjectError(f"git: the remote repository does not answer: {done.stderr.strip()}")
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name.removeprefix("refs/heads/"): commit for commit, name in lines}


def contains(root: Path, commit: str) -> bool:
    """Returns whether a commit is part of the checked-out one. An unknown commit is not."""
    command = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


def _git(root: Path, *words: str) -> str:
    """Returns what git prints, or nothing if it fails."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip("\n") if done.returncode == 0 else ""
