"""Runs the command of a job's container without a container.

The image stands for a Python environment of this machine, and ``/opt/ml`` for a folder of the run. Where the machine
allows mount namespaces, the folder is mounted at ``/opt/ml``; otherwise its path replaces ``/opt/ml`` in arguments and
environment variables.
"""

from __future__ import annotations

import functools
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from plinth_sandbox.executors.built_image import BuiltImage, finds, unpacked_layers
from plinth_sandbox.executors.environments import VARIABLES
from plinth_sandbox.executors.image_root import ImageRoot, are_possible

OPT_ML = "/opt/ml"
_INHERITED = ("HOME", "LANG", "TMPDIR", "TZ")
_INHERITED_BY_BUILT = ("LANG", "TZ")


@dataclass(slots=True)
class Container:
    """Command of a container, with its folders and environment variables."""

    environment: Path
    """The Python environment that stands for the image."""
    root: Path
    """The folder that stands for ``/opt/ml``."""
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = False
    """Whether the container has no network."""
    grace_seconds: float = 0
    """Time that the container has to end after SIGTERM."""
    image: BuiltImage | None = None
    """The image, if a build of the sandbox made it."""
    launcher: Sequence[str] = ()
    """A program of this machine that starts the command within the network of the container."""
    stopped: bool = field(default=False, init=False)
    """Whether the container was asked to end."""

    def run(self, heard: IO[bytes]) -> int:
        """Runs the command and copies its output to ``heard`` and to standard output. Returns the exit code.

        A SIGTERM to this process reaches the command, which is killed after its grace.
        """
        with subprocess.Popen(
            self.words(),
            cwd=self.root,
            env=self.surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            signal.signal(signal.SIGTERM, lambda *_: self._stop(process))
            assert process.stdout is not None
            for line in process.stdout:
                heard.write(line)
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        return process.returncode

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        self.stopped = True
        process.terminate()
        timer = threading.Timer(self.grace_seconds, process.kill)
        timer.daemon = True
        timer.start()

    def words(self) -> list[str]:
        """Returns the command that enters the namespaces of the container and runs its command."""
        if self.image is not None and are_possible():
            directory = self.image.configuration.directory
            return self._root_of(self.image).words(
                directory, self.command, isolated=self.isolated, launcher=self.launcher
            )
        if not namespaces():
            return [*self.launcher, *(self._moved(word) for word in self.command)]
        mount = f"mount --bind {shlex.quote(str(self.root))} {OPT_ML}"
        if not Path(OPT_ML).is_dir():
            # Without the folder, another user's /opt cannot be written; a temporary one covers it in this namespace.
            mount = f"mount -t tmpfs none /opt && mkdir {OPT_ML} && {mount}"
        isolation = ["--net"] if self.isolated else []
        enter = ["unshare", "--map-root-user", "--mount", *isolation, "sh", "-c", f'{mount} && exec "$@"', "sh"]
        return [*enter, *self.launcher, *self.command]

    def command_of(self, program: str) -> list[str]:
        """Returns the command with which SageMaker starts a program: with the entry point of the image, if it has one.
        Empty if the image has no such program."""
        if self.image is not None and self.image.configuration.entry_point:
            return [*self.image.configuration.entry_point, program]
        return [program] if self._finds(program) else []

    def _finds(self, program: str) -> bool:
        """Returns whether the image has a program on its search path."""
        if self.image is not None and are_possible():
            return finds(self._root_of(self.image), program, self.image.configuration.variables.get("PATH", ""))
        return (self.environment / "bin" / program).exists()

    def _root_of(self, image: BuiltImage) -> ImageRoot:
        """Returns the root directory of a container of a built image, whose layers are unpacked once."""
        folder = self.root.with_name(f"{self.root.name}-image")
        layers, place, temporary = folder / "layers", folder / "root", folder / "tmp"
        if not layers.exists():
            for each in (place, temporary):
                each.mkdir(parents=True)
            image.unpack(layers)
        shown = {OPT_ML: self.root, "/tmp": temporary}
        return ImageRoot(environment=image.environment, place=place, layers=unpacked_layers(layers), shown=shown)

    def surroundings(self) -> dict[str, str]:
        """Returns the environment variables of the container."""
        if self.image is not None and are_possible():
            own = {name: os.environ[name] for name in _INHERITED_BY_BUILT if name in os.environ}
            return own | {"HOME": "/root"} | VARIABLES | dict(self.image.configuration.variables) | dict(self.variables)
        own = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        path = os.pathsep.join([str(self.environment / "bin"), os.environ.get("PATH", os.defpath)])
        given = dict(self.variables) if namespaces() else {name: self._moved(it) for name, it in self.variables.items()}
        return own | VARIABLES | {"PATH": path} | given

    def _moved(self, text: str) -> str:
        return text.replace(OPT_ML, str(self.root))


@functools.cache
def namespaces() -> bool:
    """Returns whether this user may create mount and network namespaces."""
    words = ["unshare", "--map-root-user", "--mount", "--net", "true"]
    try:
        return subprocess.run(words, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def lines_of(log: Iterable[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace").rstrip("\n") for line in log]
