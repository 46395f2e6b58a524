"""One bare git repository, read and written by the git of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plinth_sandbox.private import private_directory

MARKERS = "refs/sandbox"
"""References that record which changes of the API have been made. No client sees them."""
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Id of the tree without entries, which every git knows."""
ABSENT = "0" * 40
"""Id that stands for no object in an update of a reference."""

_CONFIG = f"""[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[http]
\treceivepack = true
[transfer]
\thideRefs = {MARKERS}
[receive]
\tautogc = false
[gc]
\tauto = 0
"""


class GitError(Exception):
    """git refused a command."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a folder, a symbolic link or a submodule in a tree."""

    mode: str
    kind: str
    id: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A changed file. An added or deleted one has no mode and the absent id on the other side."""

    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    change: str
    """``A``, ``M``, ``D`` or ``T`` (another type)."""
    path: str


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    email: str
    date: str
    """Seconds since the epoch and the offset from UTC."""


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    tree: str
    parents: Sequence[str]
    author: Signature
    committer: Signature
    message: str


def git_environment() -> dict[str, str]:
    """Returns the environment of git. The configuration of the user and of the machine has no effect."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
    }


@dataclass(frozen=True, slots=True)
class GitRepository:
    folder: Path

    def create(self) -> None:
        """Creates the repository unless it exists. It appears complete or not at all."""
        if self.folder.exists():
            return
        private_directory(self.folder.parent)
        draft = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder.parent))
        _run(["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(draft)])
        (draft / "config").write_text(_CONFIG)
        draft.rename(self.folder)

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def references(self) -> dict[str, str]:
        """Returns the ids of branches and tags by full name."""
        lines = self._text("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def resolve(self, name: str, kind: str = "commit") -> str | None:
        """Returns the id of the object that ``name`` denotes, or None."""
        try:
            return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}").strip()
        except GitError:
            return None

    def update(self, reference: str, old: str, new: str, marker: str) -> None:
        """Moves a reference from ``old`` to ``new`` and creates the marker, both or neither. An empty ``new`` deletes
        the reference, and an empty ``old`` creates it."""
        lines = [f"update {reference} {new or ABSENT} {old or ABSENT}", f"create {MARKERS}/{marker} {new or old}"]
        self._bytes("update-ref", "--stdin", given="\n".join(lines).encode() + b"\n")

    def marked(self, marker: str) -> str | None:
        """Returns the commit of a marker, or None if the change was not made."""
        return self.resolve(f"{MARKERS}/{marker}")

    def point_head(self, branch: str) -> None:
        """Makes a branch the one that a clone checks out."""
        self._bytes("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    @staticmethod
    def is_branch_name(name: str) -> bool:
        try:
            _run(["git", "check-ref-format", f"refs/heads/{name}"])
        except GitError:
            return False
        return not name.startswith("-")

    def entries(self, tree: str, path: str = "") -> list[Entry]:
        """Returns the entries of a tree, or the one at ``path``."""
        found = []
        for line in _split(self._bytes("ls-tree", "-z", "-l", "--full-tree", tree, *([path] if path else []))):
            fields, _, name = line.partition("\t")
            mode, kind, identifier, size = fields.split()
            found.append(Entry(mode, kind, identifier, int(size) if size.isdigit() else 0, name))
        return found

    def blob(self, identifier: str) -> bytes:
        return self._bytes("cat-file", "blob", identifier)

    def store_blob(self, content: bytes) -> str:
        return self._bytes("hash-object", "-w", "--stdin", given=content).decode().strip()

    def differences(self, before: str, after: str, path: str = "") -> Iterator[Difference]:
        """Returns the files that differ between two trees."""
        limit = ["--", path] if path else []
        fields = iter(_split(self._bytes("diff-tree", "-r", "-z", "--raw", "--no-renames", before, after, *limit)))
        for head in fields:
            old_mode, new_mode, old_id, new_id, change = head.lstrip(":").split()
            yield Difference(old_mode, new_mode, old_id, new_id, change, next(fields))

    def changed_tree(self, base: str, changes: Mapping[str, tuple[str, str] | None]) -> str:
        """Returns a tree that differs from ``base`` in the given paths. Each has a mode and a blob, or is deleted."""
        with tempfile.TemporaryDirectory(prefix="index-", dir=self.folder) as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self._bytes("read-tree", base, variables=index)
            lines = [
                f"{change[0]} {change[1]}\t{path}" if change else f"0 {ABSENT}\t{path}"
                for path, change in changes.items()
            ]
            given = "".join(f"{line}\0" for line in lines).encode()
            self._bytes("update-index", "-z", "--index-info", given=given, variables=index)
            return self._bytes("write-tree", variables=index).decode().strip()

    def merge_base(self, ours: str, theirs: str) -> str | None:
        """Returns the best common ancestor of two commits, or None if they have none."""
        try:
            return self._text("merge-base", ours, theirs).strip()
        except GitError:
            return None

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """Returns the tree of a merge of two commits, or None if they conflict."""
        try:
            return self._text("merge-tree", "--write-tree", "--no-messages", ours, theirs).strip()
        except GitError:
            return None

    def store_commit(
        self, tree: str, parents: Sequence[str], message: str, name: str, email: str, moment: datetime
    ) -> str:
        """Stores a commit of naive UTC time ``moment``. The same arguments always make the same commit."""
        date = f"{int((moment - datetime(1970, 1, 1)).total_seconds())} +0000"
        people = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", email), ("DATE", date))
        }
        words = [word for parent in parents for word in ("-p", parent)]
        return self._bytes("commit-tree", tree, *words, given=message.encode(), variables=people).decode().strip()

    def commit(self, identifier: str) -> Commit:
        form = "%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"
        text = self._text("show", "--no-patch", "--date=raw", f"--format={form}", identifier)
        tree, parents, *people, message = text.split("\0", 8)
        author, committer = Signature(*people[:3]), Signature(*people[3:])
        return Commit(identifier, tree, parents.split(), author, committer, message.rstrip("\n"))

    def _text(self, *words: str) -> str:
        return self._bytes(*words).decode("utf-8", "replace")

    def _bytes(self, *words: str, given: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
        return _run(["git", "--git-dir", str(self.folder), *words], given, variables)


def _run(words: Sequence[str], given: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(
        words, input=given, env=git_environment() | dict(variables or {}), capture_output=True, check=False
    )
    if done.returncode:
        raise GitError(done.stderr.decode("utf-8", "replace").strip() or f"{' '.join(words)} failed")
    return done.stdout


def _split(output: bytes) -> list[str]:
    return output.decode("utf-8", "surrogateescape").split("\0")[:-1]
