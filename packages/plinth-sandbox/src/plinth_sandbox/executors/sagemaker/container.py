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

from plinth_sandbox.executors.environments import VARIABLES

OPT_ML = "/opt/ml"
_INHERITED = ("HOME", "LANG", "TMPDIR", "TZ")


@dataclass(slots=True)
class Container:
    """What runs, where, and with which variables."""

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
        if not namespaces():
            return [self._moved(word) for word in self.command]
        mount = f"mount --bind {shlex.quote(str(self.root))} {OPT_ML}"
        if not Path(OPT_ML).is_dir():
            # Without the folder, another user's /opt cannot be written; a temporary one covers it in this namespace.
            mount = f"mount -t tmpfs none /opt && mkdir {OPT_ML} && {mount}"
        isolation = ["--net"] if self.isolated else []
        enter = ["unshare", "--map-root-user", "--mount", *isolation, "sh", "-c", f'{mount} && exec "$@"', "sh"]
        return [*enter, *self.command]

    def surroundings(self) -> dict[str, str]:
        """Returns the environment variables of the container."""
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
