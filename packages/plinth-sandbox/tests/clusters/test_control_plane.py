"""A control plane from the module proxy: admission, controllers, kills and leftovers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clusters.api import RefusedError, call, eventually
from plinth_sandbox.kubernetes.control_plane import ControlPlane, ControlPlaneError
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings

pytestmark = pytest.mark.nightly

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def namespace(name: str, **labels: str) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def deployment(name: str) -> dict:
    pod = {"containers": [{"name": "main", "image": "registry.example/main@sha256:00"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


def processes(control_plane: ControlPlane) -> dict[str, int]:
    """Returns the process ids of the live components by name. The system's process list is the witness."""
    listed = subprocess.run(["ps", "-wweo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        pid, state, *command = line.split()
        if (
            not state.startswith("Z")
            and command[0] == str(control_plane.program)
            and str(control_plane.directory) in line
        ):
            found[command[1]] = int(pid)
    return found


def restarted(directory: Path, program: Path) -> ControlPlane:
    again = ControlPlane(directory, program, ControlPlaneSettings())
    again.start()
    return again


def test_the_components_answer_with_the_version_of_the_module(control_plane: ControlPlane) -> None:
    assert call(control_plane, "GET", "/version")["gitVersion"] == "v1.36.3"
    assert sorted(processes(control_plane)) == sorted(COMPONENTS)


def test_controllers_and_the_scheduler_work(control_plane: ControlPlane) -> None:
    call(control_plane, "POST", "/api/v1/namespaces", namespace("controlled"))
    eventually(lambda: call(control_plane, "GET", "/api/v1/namespaces/controlled/serviceaccounts/default"))
    call(control_plane, "POST", "/apis/apps/v1/namespaces/controlled/deployments", deployment("web"))

    def unscheduled() -> bool:
        pods = call(control_plane, "GET", "/api/v1/namespaces/controlled/pods")["items"]
        reasons = [condition.get("reason") for pod in pods for condition in pod["status"].get("conditions", [])]
        return reasons == ["Unschedulable", "Unschedulable"]

    assert eventually(unscheduled)  # there is no node, and nothing pretends that there is one


def test_pod_security_refuses_a_privileged_pod(control_plane: ControlPlane) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    call(control_plane, "POST", "/api/v1/namespaces", namespace("guarded", **labels))
    eventually(lambda: call(control_plane, "GET", "/api/v1/namespaces/guarded/serviceaccounts/default"))
    container = {"name": "main", "image": "x", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad"}, "spec": {"containers": [container]}}
    with pytest.raises(RefusedError, match="violates PodSecurity") as refused:
        call(control_plane, "POST", "/api/v1/namespaces/guarded/pods", pod)
    assert refused.value.code == 403


def test_nobody_is_served_without_credentials(control_plane: ControlPlane) -> None:
    with pytest.raises(RefusedError) as refused:
        call(control_plane, "GET", "/api", token="guessed")
    assert refused.value.code == 401


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_killed_component_comes_back_with_its_data(control_plane: ControlPlane, component: str) -> None:
    name = f"kept-{component}"
    call(control_plane, "POST", "/api/v1/namespaces", namespace(name))
    killed = processes(control_plane)[component]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: processes(control_plane).get(component, killed) != killed)
    assert eventually(lambda: call(control_plane, "GET", f"/api/v1/namespaces/{name}"))
    assert eventually(lambda: sorted(processes(control_plane)) == sorted(COMPONENTS))


def test_a_killed_supervisor_leaves_no_process_and_a_restart_has_the_data_and_the_address(
    program: Path, tmp_path: Path
) -> None:
    first = restarted(tmp_path, program)
    call(first, "POST", "/api/v1/namespaces", namespace("survivor"))
    port, authority = first.port, first.authority
    assert first.process is not None
    first.process.kill()
    first.process.wait()
    second = restarted(tmp_path, program)
    try:
        assert call(second, "GET", "/api/v1/namespaces/survivor")["status"]["phase"] == "Active"
        assert (second.port, second.authority) == (port, authority)
        # The components of the first one ended: only one process of each is left.
        listed = subprocess.run(["ps", "-wweo", "args="], capture_output=True, text=True, check=True).stdout
        own = [line for line in listed.splitlines() if line.startswith(str(program)) and str(tmp_path) in line]
        assert len(own) == len(COMPONENTS)
    finally:
        second.stop()
    assert processes(second) == {}


def test_the_components_end_with_a_killed_process_that_started_them(program: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from plinth_sandbox.kubernetes.control_plane import ControlPlane\n"
        "from plinth_sandbox.kubernetes.settings import ControlPlaneSettings\n"
        "ControlPlane(Path(sys.argv[1]), Path(sys.argv[2]), ControlPlaneSettings()).start()\n"
        "print('started', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(program)], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == "started\n"
    same = ControlPlane(tmp_path, program, ControlPlaneSettings())
    assert sorted(processes(same)) == sorted(COMPONENTS)
    starter.kill()
    starter.wait()
    eventually(lambda: not processes(same))


def admission_resources(control_plane: ControlPlane) -> set[str]:
    listed = call(control_plane, "GET", "/apis/admissionregistration.k8s.io/v1")["resources"]
    return {resource["name"] for resource in listed}


def test_an_older_version_has_its_own_apis(control_plane: ControlPlane, program: Path, tmp_path: Path) -> None:
    older = ControlPlane(tmp_path, program, ControlPlaneSettings(version="1.34"))
    older.start()
    try:
        assert call(older, "GET", "/version")["emulationMinor"] == "34"
        # MutatingAdmissionPolicy became stable in 1.36.
        assert "mutatingadmissionpolicies" in admission_resources(control_plane)
        assert "mutatingadmissionpolicies" not in admission_resources(older)
    finally:
        older.stop()


def test_a_component_that_cannot_start_is_named_with_its_reason(program: Path, tmp_path: Path) -> None:
    broken = ControlPlane(tmp_path, program, ControlPlaneSettings(version="1.20"))
    with pytest.raises(ControlPlaneError, match="kube-apiserver did not start"):
        broken.start()
    assert processes(broken) == {}


def test_a_component_that_ends_while_the_control_plane_starts_is_started_again(program: Path, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    ends_once = tmp_path / "program"
    condition = f'[ "$1" = kube-apiserver ] && [ ! -e {ended} ]'
    ends_once.write_text(f'#!/bin/sh\nif {condition}; then touch {ended}; exit 1; fi\nexec {program} "$@"\n')
    ends_once.chmod(0o700)
    control_plane = ControlPlane(tmp_path / "data", ends_once, ControlPlaneSettings())
    control_plane.start()
    try:
        assert ended.exists()
        assert call(control_plane, "GET", "/version")["gitVersion"] == "v1.36.3"
    finally:
        control_plane.stop()
