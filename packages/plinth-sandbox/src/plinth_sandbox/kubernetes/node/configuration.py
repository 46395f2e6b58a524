"""Files of a node: those of Kubernetes, of the container runtime, and of the program that starts them."""

from __future__ import annotations

import ipaddress
import os
import platform
from pathlib import Path
from typing import Any

from plinth_sandbox.kubernetes.certificates import Certificates
from plinth_sandbox.kubernetes.files import write_json
from plinth_sandbox.kubernetes.kubeconfig import credentials, write_kubeconfig
from plinth_sandbox.kubernetes.node import pause, runtime
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.private import private_directory

FOLDER = "node"
GATEWAY = f"{FOLDER}/gateway.sock"
"""Socket at which the API server asks for connections into the node, relative to the directory of the cluster, because
paths of sockets are short."""

_PROXY = "system:kube-proxy"
_LONGEST_NAME = 40
_MOST_PODS = 110
"""Limit that Kubernetes recommends for a node."""
_LIBRARIES = ("usr/lib", "lib")
_PROGRAMS = ("usr/sbin", "usr/bin", "sbin", "bin")


class NodeConfiguration:
    """Writes the files of a node into the directory of its cluster."""

    def __init__(self, directory: Path, settings: ControlPlaneSettings, certificates: Certificates) -> None:
        assert settings.node is not None
        self._node, self._settings, self._certificates = settings.node, settings, certificates
        self._own = directory / FOLDER
        self._cluster = directory
        self._files = self._own / "configuration"
        self._range = ipaddress.ip_network(self._node.pod_range)
        for folder in (self._own, self._files, self._own / "log"):
            private_directory(folder)

    def command(self, port: int) -> list[str]:
        """Returns the program of the node with its arguments. ``port`` is that of the API server."""
        programs, packages = Path(self._node.programs), Path(self._node.packages)
        registry = runtime.Registry(self._node.registry, self._node.registry_headers)
        containerd = runtime.write(self._files, self._own, programs, packages, registry, self._node.pod_range)
        image = pause.write(self._own / "pause.tar", programs)
        content = {
            "name": f"plinth-{self._node.name}"[:_LONGEST_NAME],
            "directory": str(self._own),
            "bound": [str(packages), str(self._cluster / "certificates")],
            "address": self._node.address,
            "nameServer": self._settings.name_server,
            "routed": [self._settings.service_range],
            "gateway": GATEWAY,
            "forwards": self._forwards(port),
            "ports": self._node.port_files,
            "fixedPorts": list(self._node.ports),
            "variables": [f"{name}={value}" for name, value in self._node.variables.items()],
            "environment": _environment(packages),
            "runtimeSocket": runtime.SOCKET,
            "runtime": self._process("containerd", _program(packages, "containerd"), f"--config={containerd}"),
            "prepare": [self._process("import", _program(packages, "ctr"), *runtime.import_options(image))],
            "processes": [
                self._process("kubelet", programs / "components", "kubelet", *self._kubelet(port)),
                self._process("kube-proxy", programs / "components", "kube-proxy", *self._proxy(port)),
                self._process("dns", programs / "dns", *self._names(port)),
            ],
        }
        return [str(programs / "node"), "node", str(write_json(self._files / "node.json", content))]

    def _forwards(self, port: int) -> list[dict[str, Any]]:
        own = [(self._node.address, number, number) for number in (port, *self._node.ports)]
        fixed = [(server.address, server.port, server.server_port) for server in self._node.fixed_servers]
        return [{"address": address, "port": at, "to": f"127.0.0.1:{to}"} for address, at, to in (*own, *fixed)]

    def _process(self, name: str, *command: str | Path) -> dict[str, Any]:
        log = str(self._own / "log" / f"{name}.log")
        return {"name": name, "command": [str(part) for part in command], "log": log}

    def _kubelet(self, port: int) -> list[str]:
        node = self._node
        serving = self._certificates.kubelet(node.name, node.address)
        client = self._certificates.client(f"system:node:{node.name}", "system:nodes")
        content = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": node.address,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self._certificates.authority)},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(serving.certificate),
            "tlsPrivateKeyFile": str(serving.key),
            "containerRuntimeEndpoint": f"unix://{runtime.SOCKET}",
            "providerID": node.provider_id,
            # The namespace of cgroups makes the node's own cgroup the root.
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": "/",
            "failCgroupV1": False,
            "enforceNodeAllocatable": ["pods"],
            "failSwapOn": False,
            "clusterDNS": [self._settings.name_server],
            "clusterDomain": "cluster.local",
            # The node is not more important than what else runs on this machine.
            "oomScoreAdj": 0,
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "maxPods": min(_MOST_PODS, self._range.num_addresses - runtime.RESERVED_ADDRESSES),
            "serializeImagePulls": False,
            "makeIPTablesUtilChains": False,
            "volumePluginDir": "/var/lib/kubelet/volume-plugins",
        }
        kubeconfig = self._kubeconfig("kubelet-client", port, credentials(client))
        return [
            f"--config={write_json(self._files / 'kubelet.json', content)}",
            f"--kubeconfig={kubeconfig}",
            f"--hostname-override={node.name}",
            f"--node-ip={node.address}",
            f"--node-labels={','.join(f'{name}={value}' for name, value in node.labels.items())}",
        ]

    def _names(self, port: int) -> list[str]:
        """Returns the options of the server of names, which sees what kube-proxy sees: services and their endpoints."""
        kubeconfig = self._kubeconfig("dns-client", port, credentials(self._certificates.client(_PROXY)))
        return [f"--kubeconfig={kubeconfig}", f"--address={self._settings.name_server}"]

    def _proxy(self, port: int) -> list[str]:
        kubeconfig = self._kubeconfig("kube-proxy-client", port, credentials(self._certificates.client(_PROXY)))
        content = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(kubeconfig)},
            "hostnameOverride": self._node.name,
            # Its rules are in the network namespace of the node.
            "mode": "nftables",
            "detectLocalMode": "ClusterCIDR",
            "clusterCIDR": self._node.pod_range,
            "oomScoreAdj": 0,
            # These settings of the kernel hold for the whole machine.
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        }
        return [f"--config={write_json(self._files / 'kube-proxy.json', content)}"]

    def _kubeconfig(self, name: str, port: int, user: dict[str, str]) -> Path:
        cluster = {
            "server": f"https://{self._node.address}:{port}",
            "certificate-authority": str(self._certificates.authority),
            "tls-server-name": "kubernetes.default.svc",
        }
        return write_kubeconfig(self._files / f"{name}.json", cluster, user)


def _program(packages: Path, name: str) -> Path:
    return next(path for folder in _PROGRAMS if (path := packages / folder / name).exists())


def _environment(packages: Path) -> list[str]:
    triplet = f"{platform.machine()}-linux-gnu"
    programs = [str(packages / folder) for folder in _PROGRAMS]
    standard = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    libraries = [str(packages / folder / triplet) for folder in _LIBRARIES]
    return [
        f"PATH={os.pathsep.join([*programs, *standard])}",
        f"LD_LIBRARY_PATH={os.pathsep.join(libraries)}",
        "HOME=/root",
        "GOGC=75",
    ]
