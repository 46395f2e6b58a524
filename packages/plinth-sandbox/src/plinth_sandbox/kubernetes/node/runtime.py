"""Files of the container runtime: containerd, the network of pods, and where images are pulled from."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.kubernetes.files import write_json, write_text
from plinth_sandbox.kubernetes.node.pause import PAUSE_NAME
from plinth_sandbox.private import private_directory

SOCKET = "/run/containerd/containerd.sock"
"""Socket of the runtime, in the file system of the node."""
RESERVED_ADDRESSES = 6
"""Addresses of a range that no pod has: the first four, which AWS reserves, the node's and the last."""
_NAMESPACE = "k8s.io"
"""Namespace of containerd with the images that kubelet sees."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Where images are pulled from."""

    url: str
    headers: Mapping[str, str]


def write(files: Path, data: Path, programs: Path, packages: Path, registry: Registry, pod_range: str) -> Path:
    """Writes the configuration of containerd into ``files`` and returns its path. ``data`` is where images will be."""
    networks, registries = files / "networks", files / "registries"
    for folder in (networks, registries / "_default"):
        private_directory(folder)
    write_json(networks / "10-pods.conflist", _network(pod_range))
    write_text(registries / "_default" / "hosts.toml", _hosts(registry))
    return write_text(
        files / "containerd.toml",
        f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_NAME}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = {json.dumps(str(packages / "usr" / "lib" / "cni"))}
    conf_dir = {json.dumps(str(networks))}
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = {json.dumps(str(registries))}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{_snapshotter(data)}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = {json.dumps(str(programs / "runtime"))}
""",
    )


def import_options(archive: Path) -> list[str]:
    """Returns the options with which ``ctr`` imports an image for kubelet."""
    return [f"--address={SOCKET}", f"--namespace={_NAMESPACE}", "images", "import", str(archive)]


def _network(pod_range: str) -> dict[str, object]:
    """Returns the network of pods: a pair of interfaces for each, routed by the node. Without a bridge, the kernel
    translates the addresses of services between pods of one node too."""
    addresses = ipaddress.ip_network(pod_range)
    allocated = {
        "subnet": pod_range,
        "rangeStart": str(addresses[5]),
        "rangeEnd": str(addresses[-2]),
        "gateway": str(addresses[1]),
    }
    allocator = {
        "type": "host-local",
        "ranges": [[allocated]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": "/run/cni/addresses",
    }
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "ptp", "ipMasq": False, "ipam": allocator}]}


def _hosts(registry: Registry) -> str:
    """Returns the registry that stands for all others. Without one, pulls end with a refused connection."""
    url = json.dumps(registry.url or "http://127.0.0.1:9")
    # After an image is not found, the runtime asks the server without headers, which does not have it either.
    lines = [f"server = {url}", f"[host.{url}]", 'capabilities = ["pull", "resolve"]', "override_path = true"]
    headers = [f"  {name} = {json.dumps(value)}" for name, value in registry.headers.items()]
    return "\n".join([*lines, f"[host.{url}.header]", *headers, ""])


def _snapshotter(data: Path) -> str:
    """Returns how layers of images become a file system. An overlay cannot lie on another one, as in a container."""
    command = ["stat", "--file-system", "--format=%T", os.fspath(data)]
    kind = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return "native" if kind == "overlayfs" else "overlayfs"
