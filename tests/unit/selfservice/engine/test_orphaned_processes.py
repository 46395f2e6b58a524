import os
import subprocess
import sys

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.engine.orphaned_processes import find_orphans, operation_variable, reap, reap_without_engine

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(3600)"


@pytest.fixture
def start():
    """Starts a process of the operation on a stack; none outlives the test."""
    started = []

    def start(lock_path, program):
        environment = os.environ | operation_variable(lock_path)
        process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_orphaned_processes_of_one_stack_are_found(start, tmp_path):
    provider = start(tmp_path / "fraud", "import time; time.sleep(3600)")
    start(tmp_path / "fraud-development", "import time; time.sleep(3600)")
    assert find_orphans(tmp_path / "fraud") == [provider.pid]


def test_a_call_under_way_is_given_time_to_end(start, tmp_path):
    ends, notified = tmp_path / "ends", []
    call = f"import pathlib, time\nwhile not pathlib.Path({str(ends)!r}).exists(): time.sleep(0.05)"
    provider = start(tmp_path / "fraud", call)

    def notify(message):
        notified.append(message)
        ends.touch()

    reap(tmp_path / "fraud", notify, patience_seconds=LONGEST_SECONDS)
    assert provider.wait() == 0
    assert notified == ["waiting for what the killed engine had begun"]


def test_an_orphaned_process_that_does_not_end_is_killed(start, tmp_path):
    provider = start(tmp_path / "fraud", DEAF)
    assert provider.stdout.readline() == "deaf\n"
    reap(tmp_path / "fraud", lambda _: None, patience_seconds=0.2)
    assert find_orphans(tmp_path / "fraud") == []
    assert provider.wait() != 0


def test_processes_of_a_killed_engine_are_stopped_before_the_next_operation(start, tmp_path):
    policy_pack = start(tmp_path / "fraud", "import time; time.sleep(3600)")
    reap_without_engine(tmp_path / "fraud", lambda _: None, patience_seconds=0.2)
    assert find_orphans(tmp_path / "fraud") == []
    assert policy_pack.wait() != 0


def test_processes_of_an_engine_that_outlived_its_worker_go_on(start, tmp_path, monkeypatch):
    engine = start(tmp_path / "fraud", "import time; time.sleep(3600)")
    monkeypatch.setattr("selfservice.engine.orphaned_processes.is_engine", lambda process: process == engine.pid)
    reap_without_engine(tmp_path / "fraud", lambda _: None, patience_seconds=0.2)
    assert find_orphans(tmp_path / "fraud") == [engine.pid]


def test_reaping_without_orphans_does_not_wait(tmp_path):
    notified = []
    reap(tmp_path / "fraud", notified.append)
    assert notified == []
