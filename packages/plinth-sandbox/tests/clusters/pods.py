"""Pods as tests create them, and what the machine shows of a node."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from plinth_sandbox.kubernetes.node.pause import PAUSE_NAME

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
OWN_NETWORK = Path("/proc/self/ns/net")
POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def template(image: str, *command: str, **container: Any) -> dict[str, Any]:
    """Returns the specification of a pod that Pod Security admits as restricted."""
    made = {"name": "main", "image": image, "securityContext": RESTRICTED, **container}
    if command:
        made["command"] = list(command)
    return {"securityContext": POD, "containers": [made]}


def pod(name: str, image: str, *command: str, **container: Any) -> dict[str, Any]:
    specification = {**template(image, *command, **container), "restartPolicy": "Never"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": specification,
    }


def paused(name: str) -> dict[str, Any]:
    """Returns a pod that does nothing until it is deleted."""
    made = pod(name, PAUSE_NAME)
    return {**made, "spec": {**made["spec"], "restartPolicy": "Always"}}


def processes(folder: Path) -> dict[int, str]:
    """Returns the command lines of the live processes that name a folder, by process id."""
    listed = subprocess.run(["ps", "-wweo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        number, state, command = line.split(maxsplit=2)
        if str(folder) in command and not state.startswith("Z"):
            found[int(number)] = command
    return found


def traces(folder: Path, node: str) -> list[str]:
    """Returns what the machine shows of a node whose files are below a folder: processes of it and of its containers,
    mounts, and cgroups."""
    mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line]
    cgroups = [str(path) for path in Path("/sys/fs/cgroup").rglob(f"plinth-{node}*")]
    inside = [f"process {path.parent.name}" for path in Path("/proc").glob("[0-9]*/cgroup") if node in _text(path)]
    return [*processes(folder).values(), *mounts, *cgroups, *inside]


def interfaces() -> list[str]:
    """Returns the network interfaces of this machine."""
    return sorted(path.name for path in Path("/sys/class/net").iterdir())


def in_networks_of(folder: Path) -> set[str]:
    """Returns the processes in the namespaces of networks of the processes that name a folder, without that of this
    machine. A process is its id and its start. The kernel reuses the numbers of namespaces."""
    own = _link(OWN_NETWORK)
    networks = {_link(Path(f"/proc/{number}/ns/net")) for number in processes(folder)} - {"", own}
    return {_process(path.parents[1]) for path in Path("/proc").glob("[0-9]*/ns/net") if _link(path) in networks}


def alive(known: set[str]) -> set[str]:
    """Returns those processes of ``in_networks_of`` that have not ended."""
    return known & {_process(folder) for folder in Path("/proc").glob("[0-9]*")}


def _process(folder: Path) -> str:
    """Returns the id of a process with the time at which it started."""
    fields = _text(folder / "stat").rpartition(")")[2].split()
    return f"{folder.name} {fields[19]}" if fields and fields[0] != "Z" else ""


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
