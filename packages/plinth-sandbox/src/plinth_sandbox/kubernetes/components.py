"""Command lines of the components, and the files that they read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.kubernetes.certificates import Certificates, Pair
from plinth_sandbox.kubernetes.recipe import NEWEST_MINOR
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, Webhook
from plinth_sandbox.private import private_directory, private_file

ADMINISTRATOR = "plinth-sandbox"
"""User of the sandbox itself, in the group whose members may do everything."""
_MASTERS = "system:masters"

_MANAGER = "system:kube-controller-manager"
_SCHEDULER = "system:kube-scheduler"
_REVIEW_SECONDS = "2s"
"""Time for which the API server keeps the answer of a webhook: short, so that a removed access entry counts at once."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of the servers, all on the loopback interface."""

    apiserver: int
    etcd: int
    etcd_peer: int


class Configuration:
    """Writes the files of a control plane into its directory and returns the command lines."""

    def __init__(self, directory: Path, settings: ControlPlaneSettings, ports: Ports) -> None:
        self._directory = directory / "configuration"
        self._data = directory / "etcd"
        self._settings, self._ports = settings, ports
        self.certificates = Certificates(directory / "certificates")
        private_directory(self._directory)
        private_directory(self._data)

    @property
    def server(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self._ports.apiserver}"

    @property
    def administrator(self) -> Pair:
        return self.certificates.client(ADMINISTRATOR, _MASTERS)

    def commands(self) -> Mapping[str, list[str]]:
        """Returns the options by component, in the order of their start."""
        return {
            "etcd": self._etcd(),
            "kube-apiserver": self._apiserver(),
            "kube-controller-manager": self._manager(),
            "kube-scheduler": self._scheduler(),
        }

    def _etcd(self) -> list[str]:
        own = self.certificates.etcd()
        return [
            f"--data-dir={self._data}",
            f"--listen-client-url=https://127.0.0.1:{self._ports.etcd}",
            f"--listen-peer-url=https://127.0.0.1:{self._ports.etcd_peer}",
            f"--cert-file={own.certificate}",
            f"--key-file={own.key}",
            f"--trusted-ca-file={self.certificates.etcd_authority}",
        ]

    def _apiserver(self) -> list[str]:
        certificates, settings = self.certificates, self._settings
        own, etcd = certificates.server(settings.service_address), certificates.etcd()
        modes = ["Node", "RBAC", *(["Webhook"] if settings.webhook else [])]
        return [
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self._ports.apiserver}",
            # No address of this machine is in the network of the cluster.
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={own.certificate}",
            f"--tls-private-key-file={own.key}",
            f"--client-ca-file={certificates.authority}",
            f"--etcd-servers=https://127.0.0.1:{self._ports.etcd}",
            f"--etcd-certfile={etcd.certificate}",
            f"--etcd-keyfile={etcd.key}",
            f"--etcd-cafile={certificates.etcd_authority}",
            "--anonymous-auth=false",
            f"--authorization-mode={','.join(modes)}",
            "--allow-privileged=true",
            "--enable-admission-plugins=NodeRestriction",
            f"--service-cluster-ip-range={settings.service_range}",
            f"--service-account-issuer={settings.issuer}",
            f"--service-account-key-file={certificates.service_accounts}",
            f"--service-account-signing-key-file={certificates.service_accounts}",
            "--profiling=false",
            *self._emulation(),
            *(self._reviews(settings.webhook) if settings.webhook else []),
        ]

    def _reviews(self, webhook: Webhook) -> list[str]:
        authentication = self._kubeconfig("authentication", webhook.authentication_url, {})
        authorization = self._kubeconfig("authorization", webhook.authorization_url, {})
        return [
            f"--authentication-token-webhook-config-file={authentication}",
            "--authentication-token-webhook-version=v1",
            f"--authentication-token-webhook-cache-ttl={_REVIEW_SECONDS}",
            f"--authorization-webhook-config-file={authorization}",
            "--authorization-webhook-version=v1",
            f"--authorization-webhook-cache-authorized-ttl={_REVIEW_SECONDS}",
            f"--authorization-webhook-cache-unauthorized-ttl={_REVIEW_SECONDS}",
        ]

    def _manager(self) -> list[str]:
        return [
            *self._client(_MANAGER),
            f"--service-account-private-key-file={self.certificates.service_accounts}",
            f"--root-ca-file={self.certificates.authority}",
            "--use-service-account-credentials=true",
            "--profiling=false",
        ]

    def _scheduler(self) -> list[str]:
        return [*self._client(_SCHEDULER), "--profiling=false"]

    def _client(self, user: str) -> list[str]:
        """Returns the options of a component that serves nobody and is a client of the API server."""
        pair = self.certificates.client(user)
        credentials = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
        file = self._kubeconfig(user.replace(":", "-"), self.server, credentials)
        return [f"--kubeconfig={file}", "--secure-port=0", "--leader-elect=false", *self._emulation()]

    def _emulation(self) -> list[str]:
        if self._settings.version == f"1.{NEWEST_MINOR}":
            return []
        return [f"--emulated-version=kube={self._settings.version}"]

    def _kubeconfig(self, name: str, server: str, user: Mapping[str, str]) -> Path:
        """Writes a file with which a component finds a server. JSON is YAML too."""
        cluster = {"server": server}
        if server.startswith("https://"):
            cluster["certificate-authority"] = str(self.certificates.authority)
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "own", "user": dict(user)}],
            "contexts": [{"name": "own", "context": {"cluster": "here", "user": "own"}}],
            "current-context": "own",
        }
        path = self._directory / f"{name}.json"
        with private_file(path, "w") as file:
            json.dump(content, file, indent=2)
        return path
