"""Command lines of the components, and the files that they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.kubernetes.administrator import MASTERS
from plinth_sandbox.kubernetes.certificates import CERTIFICATES, Certificates
from plinth_sandbox.kubernetes.files import write_json
from plinth_sandbox.kubernetes.kubeconfig import credentials, write_kubeconfig
from plinth_sandbox.kubernetes.node.configuration import GATEWAY, NodeConfiguration
from plinth_sandbox.kubernetes.recipe import NEWEST_MINOR
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, Webhook
from plinth_sandbox.private import private_directory

NODE = "node"
"""Name of the node among the components."""

_KUBELET_CLIENT = "kube-apiserver-kubelet-client"
"""User as whom the API server asks kubelet for logs and runs commands."""
_MANAGER = "system:kube-controller-manager"
_SCHEDULER = "system:kube-scheduler"
_AUDIENCE = "https://kubernetes.default.svc"
"""Audience of tokens for the API itself, as at EKS."""
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
        self.certificates = Certificates(directory / CERTIFICATES)
        private_directory(self._directory)
        private_directory(self._data)
        self._node = None if settings.node is None else NodeConfiguration(directory, settings, self.certificates)

    @property
    def server(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self._ports.apiserver}"

    def commands(self) -> Mapping[str, list[str]]:
        """Returns the options by component, in the order of their start."""
        node = {} if self._node is None else {NODE: self._node.command(self._ports.apiserver)}
        return {
            "etcd": self._etcd(),
            "kube-apiserver": self._apiserver(),
            "kube-controller-manager": self._manager(),
            "kube-scheduler": self._scheduler(),
            **node,
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
            f"--secure-port={self._ports.apiserver}",
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
            f"--api-audiences={_AUDIENCE}",
            f"--service-account-key-file={certificates.service_accounts}",
            f"--service-account-signing-key-file={certificates.service_accounts}",
            "--profiling=false",
            *self._emulation(),
            *(self._reach(settings.node.address) if settings.node else self._reach_nothing()),
            *(self._reviews(settings.webhook) if settings.webhook else []),
        ]

    @staticmethod
    def _reach_nothing() -> list[str]:
        """Returns options without a network of the cluster: no address of this machine is in it."""
        return ["--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"]

    def _reach(self, node: str) -> list[str]:
        """Returns options with which pods find the API server, and it finds the node and the pods.

        The node leads its own port to the API server. In the other direction, a proxy at a socket connects them, as
        Konnectivity does in a real cluster.
        """
        own = self.certificates.client(_KUBELET_CLIENT, MASTERS)
        transport = {"uds": {"udsName": GATEWAY}}
        selection = {"name": "cluster", "connection": {"proxyProtocol": "HTTPConnect", "transport": transport}}
        content = {
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [selection],
        }
        return [
            f"--advertise-address={node}",
            f"--egress-selector-config-file={write_json(self._directory / 'egress.json', content)}",
            f"--kubelet-client-certificate={own.certificate}",
            f"--kubelet-client-key={own.key}",
            f"--kubelet-certificate-authority={self.certificates.authority}",
            "--kubelet-preferred-address-types=InternalIP",
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
        file = self._kubeconfig(user.replace(":", "-"), self.server, credentials(pair))
        return [f"--kubeconfig={file}", "--secure-port=0", "--leader-elect=false", *self._emulation()]

    def _emulation(self) -> list[str]:
        if self._settings.version == f"1.{NEWEST_MINOR}":
            return []
        return [f"--emulated-version=kube={self._settings.version}"]

    def _kubeconfig(self, name: str, server: str, user: Mapping[str, str]) -> Path:
        cluster = {"server": server}
        if server.startswith("https://"):
            cluster["certificate-authority"] = str(self.certificates.authority)
        return write_kubeconfig(self._directory / f"{name}.json", cluster, user)
