"""Metrics of invocations are recorded before the clock moves, whichever thread records them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, sys, threading
from pathlib import Path
from types import SimpleNamespace
from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.emulator import Emulator
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.process import CLOCK_PATH

directory = Path(sys.argv[1])
emulator, invocations, answered = Emulator(directory), [Request("POST", "/metrics", {})], []
taken, may_answer = threading.Event(), threading.Event()

def take():
    return invocations.pop() if invocations else None

def answer(request):
    if request.path == "/metrics":
        taken.set()
        may_answer.wait()
    answered.append(request.path)
    return Answer.of_json(200, {})

emulator._runtime.metrics, emulator._answer = SimpleNamespace(take=take), answer
secret = {"authorization": f"Bearer {management_secret(directory)}"}
moving = Request("POST", CLOCK_PATH, secret, json.dumps({"advance_seconds": 60}).encode())
threads = [threading.Thread(target=emulator._record_metrics), threading.Thread(target=emulator.answer, args=(moving,))]
threads[0].start()
taken.wait()
threads[1].start()
threads[1].join(0.5)
may_answer.set()
for thread in threads:
    thread.join()
print(json.dumps([path == CLOCK_PATH for path in answered]))
"""


def test_the_clock_waits_for_metrics_that_another_thread_has_taken(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [False, True]
