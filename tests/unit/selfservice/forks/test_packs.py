"""Policy packs as forks: the process that the engine starts hands over to one, and both end together."""

from __future__ import annotations

import contextlib
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
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.forks import pack_launcher, packs
from selfservice.forks.pack_launcher import INTERRUPTED
from selfservice.operations.operation import Action, Operation

REPOSITORY = Path(__file__).resolve().parents[4]
PACK = REPOSITORY / "policies" / "security"
ARGUMENTS = ["-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
"""Arguments with which the engine starts the Python of a pack."""


def operation(*policy_packs: Path, action: Action = Action.PREVIEW) -> Operation:
    here = Path("unused")
    return Operation(
        action=action, stack="x", project_directory=here, lock_path=here, fingerprints=here, policy_packs=policy_packs
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the pack that a worker gives the engine. The worker is a process of its own, without threads."""
    directory = tmp_path_factory.mktemp("a-folder-with-a-name-longer-than-the-path-of-a-socket-may-be" * 2)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from selfservice.forks.packs import forked_packs\n"
        "from tests.unit.selfservice.forks.test_packs import PACK, operation\n"
        "nothing = os.open(os.devnull, os.O_RDONLY)\n"
        "with forked_packs(operation(PACK), Path(sys.argv[1]), not_theirs=nothing) as (given,):\n"
        "    print(given, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(directory)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield Path(process.stdout.readline().removesuffix("\n"))
    process.stdin.close()
    assert process.wait(timeout=LONGEST_SECONDS) == 0


def command(folder: Path) -> list[str | Path]:
    """Returns what the engine runs for a pack."""
    described = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    return [Path(described["runtime"]["options"]["virtualenv"]) / "bin" / "python", *ARGUMENTS]


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command(folder), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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


def test_a_fork_announces_its_port_at_once_whatever_the_environment_says_about_buffers(folder):
    """The engine starts ``python -u``. Without that in the fork too, engine and pack would wait for each other."""
    assert "PYTHONUNBUFFERED" not in os.environ
    with started(folder) as process:
        assert int(process.stdout.readline()) > 0


def test_a_fork_serves_the_engine_in_the_place_of_the_started_process(folder):
    with started(folder) as process:
        assert answer_of(process.stdout.readline()) == "plinth-security"
        modules = Path(f"/proc/{process.pid}/maps").read_text()
        assert "grpc" not in modules, "the started process imported the pack itself"


@pytest.mark.parametrize("end", ["killed", "without input"])
def test_the_fork_ends_with_the_process_that_the_engine_started(folder, end):
    with started(folder) as process:
        port = process.stdout.readline()
        assert answer_of(port) == "plinth-security"
        if end == "killed":
            process.send_signal(signal.SIGKILL)
        else:
            process.stdin.close()
        process.wait(timeout=LONGEST_SECONDS)
        eventually(lambda: not answers(port))


def test_an_interrupt_ends_the_started_process_without_a_traceback(folder):
    """The engine shows what a policy pack prints, and interrupts it when the program has failed."""
    process = subprocess.Popen(
        command(folder),
        cwd=folder,
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
    monkeypatch.setattr(pack_launcher, "ANSWER_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent, contextlib.chdir(tmp_path):
        silent.bind("s")
        silent.listen()
        assert pack_launcher.connect(str(tmp_path / "s"), str(PACK), ARGUMENTS) is None
    assert "did not answer within 0.05 s; the pack runs by itself" in capsys.readouterr().err


@pytest.mark.parametrize("variables", [{}, {"HOME": "/nowhere", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}])
def test_a_fork_announces_its_port_in_a_shell_without_variables(folder, variables):
    """As of cron, systemd and CI, which do not set PYTHONUNBUFFERED."""
    process = subprocess.Popen(
        command(folder), cwd=folder, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert int(process.stdout.readline()) > 0
        process.kill()


def test_a_pack_whose_worker_has_ended_runs_by_itself(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__main__.py").write_text("import os, sys; print(os.getpid(), sys.prefix)")
    launcher = [sys.executable, "-I", "-S", pack_launcher.__file__, str(tmp_path / "none"), str(tmp_path / "pack")]
    process = subprocess.Popen([*launcher, "-u", "."], stdout=subprocess.PIPE, text=True)
    assert process.communicate(timeout=LONGEST_SECONDS)[0].split() == [str(process.pid), sys.prefix]


def test_a_pack_with_another_python_runs_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "names_this_python", lambda project, directory: False)
    with packs.forked_packs(operation(PACK), tmp_path, not_theirs=os.open(os.devnull, os.O_RDONLY)) as folders:
        assert folders == (PACK,)


@pytest.mark.parametrize(
    ("policy_packs", "action"), [((), Action.UP), ((Path("/elsewhere"),), Action.UP), ((PACK,), Action.DESTROY)]
)
def test_nothing_is_prepared_for_packs_of_others_and_for_a_destruction(tmp_path, policy_packs, action):
    asked = operation(*policy_packs, action=action)
    with packs.forked_packs(asked, tmp_path, not_theirs=os.open(os.devnull, os.O_RDONLY)) as folders:
        assert folders == policy_packs
