"""Job input, and detection that the parent process has exited."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any


def read_job_input() -> dict[str, Any]:
    """Returns the job input, which is the first line on standard input. When standard input closes, the emulator is
    gone and nothing can receive the outcome, so this process and all its children are killed."""
    line = sys.stdin.readline()
    threading.Thread(target=_exit_with_parent, name="parent watch", daemon=True).start()
    result: dict[str, Any] = json.loads(line)
    return result


def _exit_with_parent() -> None:
    sys.stdin.read()
    os.killpg(os.getpgid(0), signal.SIGKILL)
