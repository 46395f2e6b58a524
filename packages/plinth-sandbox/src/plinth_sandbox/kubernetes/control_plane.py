"""Starts a control plane as a process beside this one, and stops it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from plinth_sandbox.kubernetes.administrator import Administrator
from plinth_sandbox.kubernetes.certificates import CERTIFICATES, Certificates
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.layout import INSTALLATION
from plinth_sandbox.private import private_directory, private_file

_GRACE_SECONDS = 45.0
"""Time in which all components end, one after the other."""


class ControlPlaneError(Exception):
    """The control plane did not become ready."""


@dataclass(slots=True)
class ControlPlane:
    """One control plane with its data in ``directory``. It ends with this process, also if that is killed."""

    directory: Path
    program: Path
    settings: ControlPlaneSettings
    port: int = 0
    """Port of the API server, 0 until it is ready."""
    authority: str = ""
    """Certificate of the authority that clients trust, in PEM."""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def server(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def administrator(self) -> Administrator:
        """Client of the API server, which may do everything."""
        return Administrator(self.server, Certificates(self.directory / CERTIFICATES))

    @property
    def log(self) -> Path:
        return self.directory / "supervisor.log"

    def start(self) -> None:
        """Starts all components and returns when the API server is ready.

        Raises: ControlPlaneError with the reason.
        """
        private_directory(self.directory)
        with private_file(self.log, "w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "plinth_sandbox.kubernetes", str(self.directory), str(self.program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(),
                text=True,
                start_new_session=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(self.settings.to_json() + "\n")
            self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline() or "{}")
        if "port" not in said:
            self.stop()
            raise ControlPlaneError(said.get("failure") or f"the supervisor ended; see {self.log}")
        self.port, self.authority = said["port"], said["authority"]

    def stop(self) -> None:
        """Ends all components and keeps the data."""
        process, self.process, self.port = self.process, None, 0
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()


def _environment() -> dict[str, str]:
    paths = [INSTALLATION, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
