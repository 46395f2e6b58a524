"""The plugin process lives exactly as long as the engine that started it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2

from plinth_sandbox import plugin
from plinth_sandbox.emulator.executors.programs import program
from plinth_sandbox.layout import Layout
from plinth_sandbox.provider import host, launch
from plinth_sandbox.provider.launch import SOCKET
from plinth_sandbox.provider.rpc.protocol import provider_service
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

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
    eventually(lambda: not is_running(plugin))


def test_a_host_that_does_not_answer_is_named_and_the_plugin_runs_by_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(launch, "ANSWER_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent, contextlib.chdir(tmp_path):
        silent.bind(SOCKET)
        silent.listen()
        assert launch.connect(str(tmp_path), "here") is None
    assert f"the plugin host of {tmp_path} did not answer within 0.05 s" in capsys.readouterr().err


def test_a_plugin_whose_server_does_not_start_is_named_and_ends():
    program = (
        "import time; from plinth_sandbox.provider import process\n"
        "process.ANNOUNCEMENT_SECONDS = 0.05\n"
        "process.serve = lambda servicer: time.sleep(3600)\n"
        "with process.announced_server(None): pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "the provider plugin did not start its server within 0.05 s" in done.stderr


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Returns a sandbox with the launcher. Its path is longer than the path of a socket may be."""
    layout = Layout(tmp_path / "sandbox" / ("x" * 100))
    layout.aws.mkdir(parents=True)
    plugin.install(layout, None, tmp_path)
    return layout


@contextmanager
def running_host(layout: Layout) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*program("provider.host"), layout.aws], stdin=subprocess.PIPE) as process:
        eventually((layout.aws / SOCKET).exists)
        yield process


@contextmanager
def launched(layout: Layout) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Starts the plugin as the engine does. Yields the process that the engine knows, and the plugin's address."""
    (executable,) = layout.pulumi_home.glob("plugins/resource-aws-v*/pulumi-resource-aws")
    with subprocess.Popen([executable], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def serves(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        try:
            provider_service.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
        except grpc.RpcError as error:
            return error.code() is not grpc.StatusCode.UNAVAILABLE
    return True


def works_for(process: subprocess.Popen[str]) -> str:
    return Path(f"/proc/{process.pid}/cmdline").read_text()


def test_a_plugin_is_a_fork_of_the_host_and_ends_with_its_launcher(layout: Layout):
    with running_host(layout), launched(layout) as (launcher, address):
        assert "launch.py" in works_for(launcher)
        assert serves(address)
        launcher.kill()
        eventually(lambda: not serves(address))


def test_plugins_go_on_when_the_host_ends(layout: Layout):
    with running_host(layout) as process, launched(layout) as (_, address):
        process.kill()
        process.wait()
        assert serves(address)


def test_without_a_host_the_launcher_becomes_the_plugin(layout: Layout):
    with running_host(layout) as process:
        process.kill()
    with launched(layout) as (launcher, address):
        assert "launch.py" not in works_for(launcher)
        assert serves(address)


def test_the_host_ends_with_the_process_that_holds_its_standard_input(layout: Layout):
    with running_host(layout) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=LONGEST_SECONDS) == 0


def test_a_host_of_another_installation_is_not_used(layout: Layout):
    (executable,) = layout.pulumi_home.glob("plugins/resource-aws-v*/pulumi-resource-aws")
    executable.write_text(executable.read_text().replace(f" {host.INSTALLATION} ", " /elsewhere "))
    with running_host(layout), launched(layout) as (launcher, address):
        assert "launch.py" not in works_for(launcher)
        assert serves(address)
