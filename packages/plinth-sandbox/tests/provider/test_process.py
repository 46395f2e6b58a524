"""The plugin process lives exactly as long as the engine that started it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]

ENGINE = """\
import subprocess, sys

plugin = subprocess.Popen([sys.executable, "-m", "plinth_sandbox.provider"], stdout=subprocess.PIPE)
plugin.stdout.readline()
print(plugin.pid, flush=True)
plugin.wait()
"""


def is_running(process_id: int) -> bool:
    try:
        return "plinth_sandbox.provider" in Path(f"/proc/{process_id}/cmdline").read_text()
    except OSError:
        return False


def test_the_plugin_of_a_killed_engine_ends_by_itself():
    with subprocess.Popen([sys.executable, "-c", ENGINE], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as engine:
        plugin = int(engine.stdout.readline())
        assert is_running(plugin)
        engine.kill()
    deadline = time.monotonic() + 30
    while is_running(plugin) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_running(plugin)
