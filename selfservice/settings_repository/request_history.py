"""The history of requests in git: a branch with one file for each request, from which the catalog can be rebuilt."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from selfservice.errors import RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.request_tables.request_id import is_id
from selfservice.settings_repository.remote import remote_git
from selfservice.use_cases.git import GitError, git, succeeds

BRANCH = "plinth/requests"
"""Branch of the settings repository. It has no commit in common with the settings."""
_REF = f"refs/heads/{BRANCH}"
_SUFFIX = ".json"

Item = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RequestHistory:
    """The branch in the repository of the settings. No working copy is touched.

    Each commit has the former one as its parent, so nothing is removed from the history without a trace.
    """

    folder: Path
    """Folder of the settings files of stacks."""

    @classmethod
    def of(cls, directory: Path) -> Self | None:
        """Returns the history of a project; None if its settings are in no git repository."""
        folder = Layout.of(directory).settings_directory
        return cls(folder) if succeeds(folder, "rev-parse", "--is-inside-work-tree") else None

    def ids(self) -> list[str]:
        """Returns the ids of all requests in the history, sorted."""
        return sorted(Path(name).stem for name in self._files(_REF) if is_id(Path(name).stem))

    def read(self, id_: str) -> list[dict[str, str]]:
        """Returns what is kept of a request; empty without it."""
        blob = self._files(_REF).get(f"{id_}{_SUFFIX}")
        found: list[dict[str, str]] = [] if blob is None else json.loads(git(self.folder, "cat-file", "blob", blob))
        return found

    def write(self, id_: str, items: Sequence[Item], subject: str) -> bool:
        """Commits what is kept of a request. Returns whether it differs from what was kept. Raises: RefusedError."""
        text = json.dumps([dict(sorted(item.items())) for item in items], indent=1) + "\n"
        try:
            before = self._tip(_REF)
            blob = self._blob(text)
            if self._files(before).get(f"{id_}{_SUFFIX}") == blob:
                return False
            self._commit(before, {f"{id_}{_SUFFIX}": blob}, subject, [before] if before else [])
        except GitError as error:
            raise RefusedError(f"the history of {id_} could not be committed to {BRANCH}: {error}") from error
        return True

    def exchange(self, remote: str) -> None:
        """Merges the branch of a remote repository with this one, and pushes it. Raises: RefusedError.

        Of a request in both, the longer file counts: items are only added to a request.
        """
        theirs = f"refs/remotes/{remote}/{BRANCH}"
        try:
            if remote_git(self.folder, remote, "ls-remote", remote, _REF):
                remote_git(self.folder, remote, "fetch", "--quiet", remote, f"+{_REF}:{theirs}")
                self._merge(self._tip(_REF), self._tip(theirs))
            if self._tip(_REF) not in ("", self._tip(theirs)):
                remote_git(self.folder, remote, "push", "--quiet", remote, f"{_REF}:{_REF}")
                git(self.folder, "update-ref", theirs, self._tip(_REF))
        except GitError as error:
            raise RefusedError(f"the history of requests could not be exchanged with {remote}: {error}") from error

    def _merge(self, ours: str, theirs: str) -> None:
        if not ours or succeeds(self.folder, "merge-base", "--is-ancestor", ours, theirs):
            git(self.folder, "update-ref", _REF, theirs, ours)
        elif not succeeds(self.folder, "merge-base", "--is-ancestor", theirs, ours):
            mine, files = self._files(ours), self._files(theirs)
            newer = {
                name: blob for name, blob in mine.items() if name not in files or self._is_longer(blob, files[name])
            }
            self._commit(theirs, newer, "Merge the history of requests", [ours, theirs])

    def _is_longer(self, blob: str, other: str) -> bool:
        return int(git(self.folder, "cat-file", "-s", blob)) > int(git(self.folder, "cat-file", "-s", other))

    def _tip(self, name: str) -> str:
        """Returns the newest commit of a branch; empty without it."""
        known = succeeds(self.folder, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        return git(self.folder, "rev-parse", f"{name}^{{commit}}") if known else ""

    def _files(self, name: str) -> dict[str, str]:
        """Returns the hashes of the files of a branch or commit, by name."""
        tip = self._tip(name) if name else ""
        listed = git(self.folder, "ls-tree", "--full-tree", tip) if tip else ""
        entries = (line.partition("\t") for line in listed.splitlines())
        return {name: entry.split()[-1] for entry, _, name in entries}

    def _blob(self, text: str) -> str:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=_SUFFIX) as file:
            file.write(text)
            file.flush()
            return git(self.folder, "hash-object", "-w", "--no-filters", "--", file.name)

    def _commit(self, base: str, files: Mapping[str, str], subject: str, parents: Sequence[str]) -> None:
        """Commits files over those of a commit. Fails if another commit has followed the first parent."""
        with tempfile.TemporaryDirectory(prefix="plinth-history-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if base:
                git(self.folder, "read-tree", base, environment=index)
            for name, blob in files.items():
                git(self.folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", environment=index)
            tree = git(self.folder, "write-tree", environment=index)
        named = [word for parent in parents for word in ("-p", parent)]
        made = git(self.folder, "commit-tree", tree, *named, "-m", subject)
        git(self.folder, "update-ref", _REF, made, parents[0] if parents else "")
