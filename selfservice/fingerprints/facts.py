"""The state of files and folders in a form that can be compared later."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ABSENT, FOLDER = "absent", "folder"
_UNREAD = ("__pycache__", "node_modules")
"""Generated folders, which are ignored."""
_ENVIRONMENT = "pyvenv.cfg"
"""File in the folder of a virtual environment. Such folders are ignored too."""


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

    def of_tree(self, root: Path, *, without: Collection[str] = ()) -> str:
        """Returns a digest of all files below a folder. Files and folders directly in it whose names match one of the
        patterns ``without`` are left out."""
        start = len(os.path.join(root, ""))  # noqa: PTH118 - texts, see `is_below`
        return digest(f"{file[start:]} {self.of(file)}" for file in _files_below(root, without))

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


def _files_below(root: Path, without: Collection[str]) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        if _ENVIRONMENT in names:
            folders.clear()
            continue
        left_out = without if folder == str(root) else ()
        folders[:] = _counted(folders, left_out)
        yield from (os.path.join(folder, name) for name in _counted(names, left_out))  # noqa: PTH118


def _counted(names: Iterable[str], left_out: Collection[str]) -> list[str]:
    """Returns the names, in order, of the files or folders that count."""
    visible = (name for name in sorted(names) if not name.startswith(".") and name not in _UNREAD)
    return [name for name in visible if not any(fnmatch(name, pattern) for pattern in left_out)]
