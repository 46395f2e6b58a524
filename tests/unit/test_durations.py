"""The processor time of tests, with that of the processes that they start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from plinth_sandbox.waiting import eventually
from tests.support.durations import RESULTS, WORKER, Processes, by_folder, main
from tests.support.workbench import REPOSITORY

BUSY = "import time\nwhile time.process_time() < {seconds}: pass\n"
SERVER = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {program!r}], start_new_session=True)"

UNREAPED = f"""
import os, signal, sys, time
from tests.support.control_group import ControlGroup

group = ControlGroup.enter()
if group is None:
    sys.exit(print("impossible"))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel removes the process at its end, as it removes workers
before = group.seconds()
if os.fork() == 0:
    {BUSY.format(seconds=0.5).splitlines()[1]}
    os._exit(0)
try:
    os.wait()
except ChildProcessError:
    print(group.seconds() - before)
group.leave()
print([group.folder] if group.folder.exists() else [])
"""
on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read from /proc")


@on_linux
def test_a_process_counts_while_it_runs_and_once_it_has_ended() -> None:
    processes = Processes("of a test")
    before = processes.seconds()
    started = subprocess.Popen([sys.executable, "-c", BUSY.format(seconds=0.5) + "input()"], stdin=subprocess.PIPE)
    try:

        def look() -> float:
            assert started.poll() is None
            seconds = processes.seconds() - before
            return seconds if seconds >= 0.5 else 0

        used = eventually(look)
    finally:
        started.communicate(b"\n")
    assert processes.seconds() - before >= used


@on_linux
def test_a_server_that_left_the_command_that_started_it_counts(tmp_path: Path) -> None:
    worker = f"of {tmp_path}"
    processes = Processes(worker)
    before = processes.seconds()
    waiting = f"while not __import__('os').path.exists({str(tmp_path / 'end')!r}): time.sleep(0.05)\n"
    program = BUSY.format(seconds=0.5) + waiting
    subprocess.run(
        [sys.executable, "-c", SERVER.format(program=program)], env={**os.environ, WORKER: worker}, check=True
    )
    try:
        eventually(lambda: processes.seconds() - before >= 0.5)
    finally:
        (tmp_path / "end").touch()


def test_a_process_that_nobody_waits_for_counts_in_a_control_group() -> None:
    done = subprocess.run([sys.executable, "-c", UNREAPED], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    if done.stdout == "impossible\n":
        pytest.skip("control groups need root and a writable /sys/fs/cgroup")
    inside, left = done.stdout.splitlines()
    assert float(inside) >= 0.5
    assert left == "[]"


def test_times_are_summed_by_folder() -> None:
    seconds = {
        "tests/unit/a/test_a.py::test_1": 1.0,
        "tests/unit/a/test_b.py::test": 1.5,
        "tests/b/test_b.py::test": 4.0,
    }
    assert by_folder(seconds) == {"tests/b": (4.0, 1), "tests/unit/a": (2.5, 2)}
    assert list(by_folder(seconds)) == ["tests/b", "tests/unit/a"]


def test_the_most_expensive_tests_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main)
    assert refused.exit_code == 1
    assert "run the tests first" in refused.output
    RESULTS.parent.mkdir()
    tests = {f"tests/test_{number}.py::test": float(number) for number in range(30)}
    RESULTS.write_text(json.dumps({"whole": 500.0, "tests": tests}))
    lines = CliRunner().invoke(main, ["--longest", "2"]).output.splitlines()
    assert lines[-2:] == ["   29.0  tests/test_29.py::test", "   28.0  tests/test_28.py::test"]
    assert "435.0     30  all tests; with collection and start 500.0 s" in lines[-5]
