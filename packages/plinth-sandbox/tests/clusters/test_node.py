"""A node in namespaces of its own: what it leaves on the machine, kills, and two on one machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clusters.api import RefusedError, call, eventually
from clusters.pods import alive, in_networks_of, interfaces, paused, processes, traces
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes.control_plane import ControlPlane
from plinth_sandbox.kubernetes.node import programs
from plinth_sandbox.kubernetes.node.programs import NodePrograms
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, NodeSettings

pytestmark = pytest.mark.nightly

PODS = "/api/v1/namespaces/default/pods"
Start = Callable[..., ControlPlane]


def settings(programs: NodePrograms, name: str) -> ControlPlaneSettings:
    node = NodeSettings(name=name, programs=str(programs.built), packages=str(programs.packages))
    return ControlPlaneSettings(node=node)


@pytest.fixture
def start(program: Path, node_programs: NodePrograms, tmp_path: Path) -> Iterator[Start]:
    """Returns a function that starts a control plane in a folder, with a node of the same name unless told not to."""
    started: list[ControlPlane] = []

    def act(name: str, *, node: bool = True) -> ControlPlane:
        chosen = settings(node_programs, name) if node else ControlPlaneSettings()
        made = ControlPlane(tmp_path / name, program, chosen)
        started.append(made)
        made.start()
        return made

    yield act
    for control_plane in started:
        control_plane.stop()


def run_pod(control_plane: ControlPlane, name: str) -> dict[str, Any]:
    """Creates a pod and returns its status when it runs."""
    eventually(lambda: call(control_plane, "GET", "/api/v1/namespaces/default/serviceaccounts/default"))
    call(control_plane, "POST", PODS, paused(name))
    return running(control_plane, name)


def running(control_plane: ControlPlane, name: str) -> dict[str, Any]:
    def look() -> Any:
        status = call(control_plane, "GET", f"{PODS}/{name}")["status"]
        return (
            any(
                condition["type"] == "Ready" and condition["status"] == "True"
                for condition in status.get("conditions", [])
            )
            and status
        )

    found: dict[str, Any] = eventually(look)
    return found


def process_of(folder: Path, *words: str) -> int:
    """Returns the process with these words in its command line that started first, or 0."""
    found = [number for number, command in processes(folder).items() if all(word in command for word in words)]
    return min(found, default=0)


def test_a_stopped_node_leaves_nothing_on_the_machine(start: Start, tmp_path: Path) -> None:
    before = interfaces()
    control_plane = start("i-stopped")
    assert run_pod(control_plane, "kept")["podIP"].startswith("10.244.")
    assert any("plinth-i-stopped" in trace for trace in traces(tmp_path, "i-stopped"))
    inside = in_networks_of(tmp_path)
    assert inside
    assert interfaces() == before
    control_plane.stop()
    assert traces(tmp_path, "i-stopped") == []
    assert not alive(inside)
    assert interfaces() == before


def test_a_stop_after_the_supervisor_was_killed_leaves_nothing_either(start: Start, tmp_path: Path) -> None:
    control_plane = start("i-orphan")
    run_pod(control_plane, "kept")
    assert control_plane.process is not None
    control_plane.process.kill()
    control_plane.process.wait()
    control_plane.stop()
    assert eventually(lambda: traces(tmp_path, "i-orphan") == [])


@pytest.mark.parametrize("kills", ["supervisor", "starter"])
def test_a_node_ends_with_a_killed_process_above_it(
    kills: str, program: Path, node_programs: NodePrograms, tmp_path: Path
) -> None:
    name = f"i-{kills}"
    script = (
        "import sys, time; from pathlib import Path\n"
        "from plinth_sandbox.kubernetes.control_plane import ControlPlane\n"
        "from plinth_sandbox.kubernetes.settings import ControlPlaneSettings\n"
        "settings = ControlPlaneSettings.from_json(sys.argv[3])\n"
        "ControlPlane(Path(sys.argv[1]), Path(sys.argv[2]), settings).start()\n"
        "print('started', flush=True); time.sleep(600)"
    )
    chosen = settings(node_programs, name)
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(program), chosen.to_json()],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        assert any("containerd" in trace for trace in traces(tmp_path, name))
        inside = in_networks_of(tmp_path)
        os.kill(
            starter.pid if kills == "starter" else process_of(tmp_path, "plinth_sandbox.kubernetes"), signal.SIGKILL
        )
    finally:
        # The starter of a killed supervisor sleeps on, and names the folder.
        eventually(lambda: all("import sys" in trace for trace in traces(tmp_path, name)))
        starter.kill()
        starter.wait()
    assert inside
    assert not alive(inside)


def test_a_killed_node_comes_back_and_its_pods_run_again(start: Start, tmp_path: Path) -> None:
    control_plane = start("i-killed")
    first = run_pod(control_plane, "kept")
    killed = process_of(tmp_path, "node node ")
    inside = set(processes(tmp_path / "i-killed" / "node"))
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not inside & set(processes(tmp_path / "i-killed" / "node")))

    def restarted() -> Any:
        status = call(control_plane, "GET", f"{PODS}/kept")["status"]
        states = status.get("containerStatuses") or [{}]
        return states[0].get("containerID") != first["containerStatuses"][0]["containerID"] and status

    eventually(restarted)
    assert running(control_plane, "kept")["containerStatuses"][0]["restartCount"] >= 1


@pytest.mark.parametrize("part", ["kubelet", "kube-proxy", "containerd"])
def test_a_killed_part_of_the_node_comes_back_and_pods_keep_running(start: Start, tmp_path: Path, part: str) -> None:
    control_plane = start(f"i-{part}")
    first = run_pod(control_plane, "kept")
    word = "containerd.toml" if part == "containerd" else f"{part}.json"
    killed = process_of(tmp_path, word)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: process_of(tmp_path, word) not in (0, killed))
    run_pod(control_plane, "later")
    kept = running(control_plane, "kept")
    assert kept["containerStatuses"][0]["containerID"] == first["containerStatuses"][0]["containerID"]


def test_two_nodes_with_the_same_range_of_addresses_run_side_by_side(start: Start) -> None:
    first, second = start("i-one"), start("i-other")
    addresses = {run_pod(control_plane, "same")["podIP"] for control_plane in (first, second)}
    assert len(addresses) == 1
    first.stop()
    assert run_pod(second, "later")["phase"] == "Running"


def test_a_cluster_that_loses_its_node_has_none_and_its_pods_are_deleted(start: Start) -> None:
    first = start("i-lost")
    run_pod(first, "kept")
    first.stop()
    second = start("i-lost", node=False)
    assert call(second, "GET", "/api/v1/nodes")["items"] == []

    def is_gone() -> bool:
        try:
            call(second, "GET", f"{PODS}/kept")
        except RefusedError as error:
            return error.code == 404
        return False

    assert eventually(is_gone)
    call(second, "POST", PODS, paused("pending"))
    assert eventually(lambda: call(second, "GET", f"{PODS}/pending")["status"].get("conditions"))
    assert call(second, "GET", f"{PODS}/pending")["status"]["phase"] == "Pending"


def test_a_machine_that_allows_no_node_is_told_why(node_programs: NodePrograms, tmp_path: Path) -> None:
    weak = tmp_path / "node"
    weak.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-sys_admin {node_programs.node} "$@"\n')
    weak.chmod(0o755)
    with pytest.raises(SetUpError, match=r"pods do not run: this machine allows no node: .*not permitted"):
        programs.check(NodePrograms(tmp_path, node_programs.packages))
    assert not list(Path("/sys/fs/cgroup").rglob("plinth-check-*"))
