"""The code of a promotion: authors of commits, what changed in the deployment repository, and whether a folder has its
content."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from runtime.promotion.decisions.people import Person

MOST_FILES = 50
"""Changed files that the review shows in full. It names all others."""
MOST_COMMITS = 500
"""Commits whose authors may not approve. Each takes a call of GetCommit."""


@dataclass(frozen=True, kw_only=True)
class Repositories:
    """The repositories of a use case in CodeCommit."""

    codecommit: Any
    prefix: str
    """Prefix of their names."""

    def authors(self, repository: str, commit: str, before: str, part: str) -> list[Person]:
        """Returns the authors and committers of a commit and of its ancestors that are not part of ``before``, each
        once.

        Without ``before``, all commits count. Git does not verify these names.
        """
        new = self._history(repository, commit, {before} - {commit})
        straight = all(len(entry["parents"]) < 2 for entry in new) and any(before in entry["parents"] for entry in new)
        # A merged branch can have begun before the commit that is deployed, and the commit can be older than that.
        known = set() if straight or not before else {entry["commitId"] for entry in self._history(repository, before)}
        people = [
            _person(entry, part) for entry in new if entry["commitId"] == commit or entry["commitId"] not in known
        ]
        return list(dict.fromkeys(people))

    def _history(self, repository: str, commit: str, stops: Set[str] = frozenset()) -> list[dict[str, Any]]:
        """Returns a commit and its newest ancestors, without those in ``stops`` and what only they lead to."""
        found: dict[str, dict[str, Any]] = {}
        waiting = deque([commit])
        while waiting and len(found) < MOST_COMMITS:
            id_ = waiting.popleft()
            if id_ not in found and id_ not in stops and (described := self._commit(repository, id_)):
                found[id_] = described
                waiting.extend(described["parents"])
        return list(found.values())

    def _commit(self, repository: str, commit: str) -> dict[str, Any] | None:
        """Returns a commit, or None if the repository does not know it."""
        try:
            found = self.codecommit.get_commit(repositoryName=self._name(repository), commitId=commit)["commit"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("CommitIdDoesNotExistException", "InvalidCommitIdException"):
                return None
            raise
        return {"parents": [], **found}

    def changes(self, before: str, after: str) -> Iterator[str]:
        """Yields the lines of a unified diff between two commits of the deployment repository (PROM-03)."""
        found = self._differences(before, after)
        for number, difference in enumerate(found):
            old, new = (difference.get(kind, {}) for kind in ("beforeBlob", "afterBlob"))
            path = new.get("path") or old["path"]
            if number < MOST_FILES:
                yield from self._difference(path, old.get("blobId"), new.get("blobId"))
            else:
                yield f"changed: {path}"

    def blobs(self, commit: str) -> dict[str, str]:
        """Returns the ids of the contents of all files of the deployment repository at a commit, by path."""
        found = [difference["afterBlob"] for difference in self._differences("", commit)]
        return {blob["path"]: blob["blobId"] for blob in found}

    def text(self, commit: str, path: str) -> str:
        """Returns the text of a file of the deployment repository at a commit, which is empty if there is no file."""
        blob = self.blobs(commit).get(path)
        return "\n".join(self._lines(blob) or []) if blob else ""

    def _differences(self, before: str, after: str) -> list[dict[str, Any]]:
        asked = {"beforeCommitSpecifier": before} if before else {}
        pages = self.codecommit.get_paginator("get_differences").paginate(
            repositoryName=self._name("deployment"), afterCommitSpecifier=after, **asked
        )
        return [difference for page in pages for difference in page["differences"]]

    def _difference(self, path: str, old: str | None, new: str | None) -> Iterator[str]:
        texts = [self._lines(blob) if blob else [] for blob in (old, new)]
        if any(lines is None for lines in texts):
            yield f"changed: {path} (no text)"
            return
        before, after = (lines or [] for lines in texts)
        yield from difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")

    def _lines(self, blob: str) -> list[str] | None:
        content = self.codecommit.get_blob(repositoryName=self._name("deployment"), blobId=blob)["content"]
        try:
            return content.decode().splitlines()  # type: ignore[no-any-return]
        except UnicodeDecodeError:
            return None

    def _name(self, repository: str) -> str:
        return f"{self.prefix}-{repository}"


def _person(commit: Mapping[str, Any], part: str) -> Person:
    names = [commit[role].get(key, "") for role in ("author", "committer") for key in ("name", "email")]
    return Person(part=part, names=tuple(dict.fromkeys(name for name in names if name)))


def faults_of_content(folder: Path, blobs: Mapping[str, str]) -> Iterator[str]:
    """Yields the files of a folder that differ from a commit, whose blob ids by path are given.

    The folder is an artifact of CodePipeline, which is an object in a bucket like any other.
    """
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if _is_file(path)}
    yield from (f"{path} is missing" for path in sorted(blobs.keys() - found.keys()))
    yield from (f"{path} is not part of the commit" for path in sorted(found.keys() - blobs.keys()))
    yield from (
        f"{path} has other content" for path in sorted(found.keys() & blobs.keys()) if _blob(found[path]) != blobs[path]
    )


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _blob(path: Path) -> str:
    """Returns the id that git gives to the content of a file. That of a link is its target."""
    content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
