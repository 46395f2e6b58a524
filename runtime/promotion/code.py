"""The code of a promotion: authors of commits, what changed in the deployment repository, and whether a folder has its
content."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from runtime.promotion.decisions.people import Person

MOST_FILES = 50
"""Changed files that the review shows in full. It names all others."""


@dataclass(frozen=True, kw_only=True)
class Repositories:
    """The repositories of a use case in CodeCommit."""

    codecommit: Any
    prefix: str
    """Prefix of their names."""

    def author(self, repository: str, commit: str, part: str) -> Person | None:
        """Returns the author of a commit, or None if the repository does not know it."""
        try:
            found = self.codecommit.get_commit(repositoryName=self._name(repository), commitId=commit)["commit"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("CommitIdDoesNotExistException", "InvalidCommitIdException"):
                return None
            raise
        names = [found[role].get(key, "") for role in ("author", "committer") for key in ("name", "email")]
        return Person(part=part, names=tuple(dict.fromkeys(name for name in names if name)))

    def changes(self, before: str, after: str) -> Iterator[str]:
        """Yields the lines of a unified diff between two commits of the deployment repository (PROM-03)."""
        found = self._differences(before, after)
        for number, one in enumerate(found):
            old, new = (one.get(kind, {}) for kind in ("beforeBlob", "afterBlob"))
            path = new.get("path") or old["path"]
            if number < MOST_FILES:
                yield from self._difference(path, old.get("blobId"), new.get("blobId"))
            else:
                yield f"changed: {path}"

    def blobs(self, commit: str) -> dict[str, str]:
        """Returns the ids of the contents of all files of the deployment repository at a commit, by path."""
        found = [one["afterBlob"] for one in self._differences("", commit)]
        return {blob["path"]: blob["blobId"] for blob in found}

    def _differences(self, before: str, after: str) -> list[dict[str, Any]]:
        asked = {"beforeCommitSpecifier": before} if before else {}
        pages = self.codecommit.get_paginator("get_differences").paginate(
            repositoryName=self._name("deployment"), afterCommitSpecifier=after, **asked
        )
        return [one for page in pages for one in page["differences"]]

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
