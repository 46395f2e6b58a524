"""Runs a control plane until its standard input ends: ``python -m plinth_sandbox.kubernetes DIRECTORY PROGRAM``.

The first line of standard input is the settings. The first line of standard output says that the API server is ready,
or why it is not.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.kubernetes.supervisor import ComponentError, Supervisor
from plinth_sandbox.private import private_directory

_LOCK = "control-plane.lock"
_LOCK_SECONDS = 30.0
"""Time in which the components of a killed predecessor end."""


def main(directory: Path, program: Path) -> int:
    """Serves until this process is told to end. Returns the exit code."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = ControlPlaneSettings.from_json(sys.stdin.readline())
    private_directory(directory)
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if not _taken_in_time(lock):
        _say({"failure": f"another process uses {directory}"})
        return 1
    supervisor = Supervisor(directory, program, settings, lock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    threading.Thread(target=_stop_with_parent, args=(supervisor,), daemon=True).start()
    try:
        supervisor.start()
        _say({"port": supervisor.ports.apiserver, "authority": supervisor.authority.read_text()})
        supervisor.watch()
    except ComponentError as error:
        _say({"failure": str(error)})
        return 1
    finally:
        supervisor.end()
    return 0


def _taken_in_time(lock: int) -> bool:
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        else:
            return True


def _stop_with_parent(supervisor: Supervisor) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    supervisor.stop()


def _say(message: dict[str, object]) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
