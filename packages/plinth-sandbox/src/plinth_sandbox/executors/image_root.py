"""The root directory of a container: folders of this machine that stand for its base image, and the layer of a build.

Each folder is the lower layer of an overlay, in mount and user namespaces of the container's own. What a container
changes goes to the upper layers, and never to this machine.
"""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote

from plinth_sandbox.executors import container_images

UPPER, WORK = "upper", "work"
_ENTER = ("unshare", "--map-root-user", "--mount")
_ETC = Path("/etc")
_EMPTY = ("dev", "home", "opt", "proc", "root", "run", "srv", "sys", "tmp", "var/lib", "var/log", "var/tmp")
_OF_MACHINE = ("/proc", "/sys", "/dev")
_OPTIONS = "userxattr"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRoot:
    """Parts of the root directory."""

    environment: Path
    """The Python environment that stands for the base image."""
    place: Path
    """An empty folder of this machine, over which the root directory is mounted."""
    layers: Sequence[Path] = ()
    """Folders with the files of layers, by their path in the container, the uppermost first."""
    kept: Path | None = None
    """Folder that keeps what the container changes. Without one, changes vanish with the container."""
    shown: Mapping[str, Path] = field(default_factory=dict)
    """Files and folders of this machine by their path in the container. What the container changes in them changes this
    machine."""

    @property
    def folders(self) -> list[Path]:
        """The folders of this machine that the base image consists of. A folder within another one is not named."""
        found = sorted({_ETC, *container_images.folders_of_image(self.environment)})
        return [
            folder for folder in found if not any(folder != other and folder.is_relative_to(other) for other in found)
        ]

    def script(self) -> str:
        """Returns shell commands that mount everything and replace the shell by a command in the root directory. The
        command and its arguments follow its working directory as the shell's arguments."""
        return "\n".join(
            ["set -e", *self._lines(), f'exec unshare --root={self._root} sh -c \'cd "$1"; shift; exec "$@"\' sh "$@"']
        )

    def words(
        self, directory: str, command: Sequence[str], *, isolated: bool = False, launcher: Sequence[str] = ()
    ) -> list[str]:
        """Returns the command that enters the namespaces and runs ``command`` in ``directory`` of the container. A
        ``launcher`` is a program of this machine that starts the rest within the namespaces."""
        network = ["--net"] if isolated else []
        return [*_ENTER, *network, *launcher, "sh", "-c", self.script(), "sh", directory, *command]

    @property
    def _root(self) -> str:
        return shlex.quote(str(self.place / "root"))

    def _lines(self) -> Iterator[str]:
        place = shlex.quote(str(self.place))
        yield f"mount -t tmpfs none {place}"
        base = self.place / "base"
        wanted = [base / name for name in _EMPTY] + [base / str(folder).lstrip("/") for folder in self.folders]
        yield f"mkdir -p {self._root} {' '.join(shlex.quote(str(directory)) for directory in wanted)}"
        yield f"chmod 1777 {shlex.quote(str(base / 'tmp'))} {shlex.quote(str(base / 'var/tmp'))}"
        for name, target in container_images.system_links().items():
            yield f"ln -s {shlex.quote(target)} {shlex.quote(str(base / name))}"
        yield from self._overlay(base, "/")
        for folder in self.folders:
            yield from self._overlay(folder, str(folder))
        for path in _OF_MACHINE:
            yield f"mount --rbind {path} {self._root}{path}"
        yield f"mount -t tmpfs none {self._root}/run"
        for inside, source in self.shown.items():
            target = f"{self._root}{shlex.quote(inside)}"
            make = f"mkdir -p {target}" if source.is_dir() else f"mkdir -p $(dirname {target}) && : > {target}"
            yield f"{make} && mount --bind {shlex.quote(str(source))} {target}"

    def _overlay(self, lowest: Path, inside: str) -> Iterator[str]:
        """Yields the commands that mount a folder with the layers over it."""
        name = inside.strip("/")
        above = [layer / name for layer in self.layers if (layer / name).is_dir()]
        lower = ":".join(_escaped(folder) for folder in (*above, lowest))
        changes = _changes(self.kept or self.place / "changes", inside)
        upper, work = changes / UPPER, changes / WORK
        yield f"mkdir -p {shlex.quote(str(upper))} {shlex.quote(str(work))}"
        options = f"lowerdir={lower},upperdir={_escaped(upper)},workdir={_escaped(work)},{_OPTIONS}"
        yield f"mount -t overlay overlay -o {shlex.quote(options)} {self._root}{shlex.quote(inside)}"


def admit(kept: Path, folders: Sequence[Path]) -> None:
    """Lets a build of another user than root add files to folders that belong to root, and remove some.

    A folder of an overlay belongs to the owner of its uppermost layer, so the upper layers get the upper levels of
    each folder. Files that belong to root stay as they are.
    """
    foreign = [folder for folder in folders if folder.stat().st_uid != os.getuid()]
    for folder in foreign:
        upper = _changes(kept, str(folder)) / UPPER
        upper.mkdir(parents=True, exist_ok=True)
        for path in (*folder.glob("*/"), *folder.glob("*/*/")):
            if path.is_dir() and not path.is_symlink():
                (upper / path.relative_to(folder)).mkdir(parents=True, exist_ok=True)


def _changes(kept: Path, inside: str) -> Path:
    return kept / quote(inside, safe="")


def changed(kept: Path) -> Iterator[tuple[str, Path]]:
    """Yields the path in the container, and the folder with the changes, of each overlay that ``kept`` has."""
    for path in sorted(kept.iterdir()) if kept.is_dir() else ():
        yield unquote(path.name).strip("/"), path / UPPER


def _escaped(path: Path) -> str:
    return "".join(f"\\{letter}" if letter in "\\:," else letter for letter in str(path))


@functools.cache
def are_possible() -> bool:
    """Returns whether this user may compose root directories on this machine (Linux 5.11 or later)."""
    with TemporaryDirectory(prefix="plinth-root-") as place:
        root = ImageRoot(environment=Path(sys.prefix), place=Path(place))
        try:
            done = subprocess.run(root.words("/", ["true"]), capture_output=True, check=False)
        except FileNotFoundError:
            return False
        return done.returncode == 0
