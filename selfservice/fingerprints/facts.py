"""The state of files and folders in a form that can be compared later."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ABSENT, FOLDER = "absent", "folder"
_UNREAD = ("__pycache__", "node_modules")
"""Generated folders, which are ignored."""


def digest(parts: Iterable[object]) -> str:
    """Returns one digest of several values, with unambiguous boundaries between them."""
    return hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()


def is_below(path: str, folder: str | Path) -> bool:
    """Returns whether an absolute, normal path is the folder or below it. Thousands of paths are asked about, and as
    texts they take a tenth of the time that they take as objects."""
    root = str(folder)
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


@dataclass(slots=True)
class Facts:
    """Looks at paths, each once. Files of the project are told apart by content, others by size and time.

    Files outside of the project are those of Python and of installed packages: thousands, which are replaced as wholes.
    """

    own: tuple[Path, ...]
    """The project's folder and the program's."""
    _known: dict[str, str] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """Returns the state of a path: absent, a folder, or the identity of a file."""
        if path not in self._known:
            self._known[path] = self._look(path)
        return self._known[path]

    def of_listing(self, folder: str) -> str:
        """Which names a folder has, without hidden ones, or when it was changed, for one outside of the project."""
        key = f"{folder}{os.sep}"
        if key not in self._known:
            self._known[key] = self._list(folder)
        return self._known[key]

    def of_tree(self, root: Path) -> str:
        """Returns a digest of all files below a folder."""
        start = len(os.path.join(root, ""))  # noqa: PTH118 - texts, see `is_below`
        return digest(f"{file[start:]} {self.of(file)}" for file in _files_below(root))

    def newest(self, paths: Iterable[str]) -> float:
        """When the youngest of the project's files was written or put in its place, in seconds of the epoch."""
        times = [0.0]
        for path in filter(self.owns, paths):
            with suppress(OSError):
                times.append(Path(path).stat().st_ctime)
        return max(times)

    def owns(self, path: str) -> bool:
        """Whether the path belongs to the project, and not to the packages installed in it."""
        return "/site-packages/" not in path and any(is_below(path, root) for root in self.own)

    def _look(self, path: str) -> str:
        try:
            status = os.stat(path)  # noqa: PTH116 - texts, see `is_below`
            if stat.S_ISDIR(status.st_mode):
                return FOLDER
            if self.owns(path):
                with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                    return hashlib.sha256(file.read()).hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError as error:
            return f"unreadable: {error.strerror}"
        return f"{status.st_size} {status.st_mtime_ns}"

    def _list(self, folder: str) -> str:
        try:
            if not self.owns(folder):
                return str(Path(folder).stat().st_mtime_ns)
            return digest(sorted(path.name for path in Path(folder).iterdir() if not _is_hidden(path.name)))
        except OSError as error:
            return f"unreadable: {error.strerror}"


def differing(facts: Facts, recorded: Mapping[str, str]) -> str | None:
    """The first recorded path that is not what it was; a folder that ends in a slash stands for its names."""
    for path, known in recorded.items():
        now = facts.of_listing(path.removesuffix(os.sep)) if path.endswith(os.sep) else facts.of(path)
        if now != known:
            return path
    return None


def _files_below(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (os.path.join(folder, name) for name in sorted(names) if not _is_hidden(name))  # noqa: PTH118


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _UNREAD
