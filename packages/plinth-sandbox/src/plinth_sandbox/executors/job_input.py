"""What a run was told, and the end of whoever told it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any


def read_job_input() -> dict[str, Any]:
    """The first line on standard input. When that ends, so does this process with all that it started: the emulated
    AWS is gone, and nobody would hear of the run."""
    line = sys.stdin.readline()
    threading.Thread(target=_exit_with_parent, name="parent watch", daemon=True).start()
    result: dict[str, Any] = json.loads(line)
    return result


def _exit_with_parent() -> None:
    sys.stdin.read()
    os.killpg(os.getpgid(0), signal.SIGKILL)
