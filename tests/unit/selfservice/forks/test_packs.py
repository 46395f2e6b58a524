"""Policy packs as forks: the process that the engine starts hands over to one, and both end together."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.forks import packs
from selfservice.operations.operation import Action, Operation
from selfservice.startup import plinth_pack_launch
from selfservice.startup.plinth_pack_launch import INTERRUPTED

REPOSITORY = Path(__file__).resolve().parents[4]
PACK = REPOSITORY / "policies" / "security"
COMMAND = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]


def operation(*policy_packs: Path, action: Action = Action.PREVIEW) -> Operation:
    here = Path("unused")
    return Operation(
        action=action, stack="x", project_directory=here, lock_path=here, fingerprints=here, policy_packs=policy_packs
    )


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment that a worker gives the engine. The worker is a process of its own, without threads."""
    folder = tmp_path_factory.mktemp("a-folder-with-a-name-longer-than-the-path-of-a-socket-may-be" * 2)
    program = (
        "import json, os, sys; from pathlib import Path\n"
        "from selfservice.forks.packs import forked_packs\n"
        "from tests.unit.selfservice.forks.test_packs import PACK, operation\n"
        "with forked_packs(operation(PACK), Path(sys.argv[1]), not_theirs=os.open(os.devnull, os.O_RDONLY)) as given:\n"
        "    print(json.dumps(given), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    variables = json.loads(process.stdout.readline())
    yield variables
    process.stdin.close()
    assert process.wait(timeout=LONGEST_SECONDS) == 0


@contextmanager
def started(environment: dict[str, str], pack: Path = PACK) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        COMMAND, cwd=pack, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def answer_of(port: bytes) -> str:
    with grpc.insecure_channel(f"127.0.0.1:{int(port)}") as channel:
        return analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=LONGEST_SECONDS).name


def answers(port: bytes) -> bool:
    try:
        answer_of(port)
    except grpc.RpcError:
        return False
    return True


def test_a_fork_announces_its_port_at_once_whatever_the_environment_says_about_buffers(worker):
    """The engine starts ``python -u``. Without that in the fork too, engine and pack would wait for each other."""
    assert "PYTHONUNBUFFERED" not in os.environ
    with started(worker) as process:
        assert int(process.stdout.readline()) > 0


def test_a_fork_serves_the_engine_in_the_place_of_the_started_process(worker):
    with started(worker) as process:
        assert answer_of(process.stdout.readline()) == "plinth-security"
        modules = Path(f"/proc/{process.pid}/maps").read_text()
        assert "grpc" not in modules, "the started process imported the pack itself"


@pytest.mark.parametrize("end", ["killed", "without input"])
def test_the_fork_ends_with_the_process_that_the_engine_started(worker, end):
    with started(worker) as process:
        port = process.stdout.readline()
        assert answer_of(port) == "plinth-security"
        if end == "killed":
            process.send_signal(signal.SIGKILL)
        else:
            process.stdin.close()
        process.wait(timeout=LONGEST_SECONDS)
        eventually(lambda: not answers(port))


def test_an_interrupt_ends_the_started_process_without_a_traceback(worker):
    """The engine shows what a policy pack prints, and interrupts it when the program has failed."""
    process = subprocess.Popen(
        COMMAND,
        cwd=PACK,
        env=os.environ | worker,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert answer_of(process.stdout.readline()) == "plinth-security"
        process.send_signal(signal.SIGINT)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=LONGEST_SECONDS) == INTERRUPTED


def test_a_pack_that_announces_no_port_is_named_after_the_time_limit():
    program = (
        "import time; from selfservice.forks.handshake import Deadline\n"
        "Deadline('the policy pack x', 0.05)\n"
        "time.sleep(3600)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=LONGEST_SECONDS
    )
    assert done.returncode == 1
    assert done.stderr.startswith("the policy pack x did not answer within 0.05 s")


def test_output_of_a_pack_meets_the_deadline(monkeypatch, capfd):
    announced = []
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    packs._open_streams_unbuffered(lambda: announced.append(True))
    assert not announced
    sys.stdout.write("4711\n")
    assert announced
    assert capfd.readouterr().out == "4711\n"


def test_a_pack_whose_worker_does_not_answer_runs_by_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(plinth_pack_launch, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", plinth_pack_launch.RUNNER, "."])
    with socket.socket(socket.AF_UNIX) as silent, contextlib.chdir(tmp_path):
        silent.bind("s")
        silent.listen()
        assert plinth_pack_launch.connect(str(tmp_path / "s")) is None
    assert "did not answer within 0.05 s; the pack runs by itself" in capsys.readouterr().err


@pytest.mark.parametrize("variables", [{}, {"HOME": "/nowhere", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}])
def test_a_fork_announces_its_port_in_a_shell_without_variables(worker, variables):
    """As of cron, systemd and CI, which do not set PYTHONUNBUFFERED."""
    process = subprocess.Popen(COMMAND, cwd=PACK, env=worker | variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert int(process.stdout.readline()) > 0
        process.kill()


def test_a_pack_of_another_folder_runs_by_itself(worker, tmp_path):
    (tmp_path / "__main__.py").write_text("import os; print(os.getppid())")
    with started(worker, tmp_path) as process:
        assert int(process.stdout.readline()) == os.getpid()


def test_other_python_programs_of_the_engine_are_not_handed_over(worker):
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getppid())"],
        env=os.environ | worker, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) == os.getpid()


@pytest.mark.parametrize(
    ("policy_packs", "action"), [((), Action.UP), ((Path("/elsewhere"),), Action.UP), ((PACK,), Action.DESTROY)]
)
def test_nothing_is_prepared_for_packs_of_others_and_for_a_destruction(tmp_path, policy_packs, action):
    asked = operation(*policy_packs, action=action)
    with packs.forked_packs(asked, tmp_path, not_theirs=os.open(os.devnull, os.O_RDONLY)) as variables:
        assert variables == {}
