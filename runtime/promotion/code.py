"""The code of a promotion: authors of commits, and what changed in the deployment repository."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from runtime.promotion.people import Person

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
