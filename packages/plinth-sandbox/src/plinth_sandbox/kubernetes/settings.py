"""Settings with which a control plane is started."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from plinth_sandbox.kubernetes.recipe import NEWEST_MINOR

NEWEST = f"1.{NEWEST_MINOR}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A server of this machine that authenticates tokens and authorizes requests for the API server.

    Both URLs contain a secret, because the API server sends no credentials without TLS.
    """

    authentication_url: str
    """URL that answers TokenReview."""
    authorization_url: str
    """URL that answers SubjectAccessReview."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedServer:
    """A server on the loopback interface of this machine that pods reach at an address of its own."""

    address: str
    """Address at which the node listens, such as a link-local one."""
    port: int
    server_port: int
    """Port of the server on this machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeSettings:
    """Settings of the node of a cluster."""

    name: str
    """Name of the node, unique on this machine."""
    programs: str
    """Folder of the programs that are built."""
    packages: str
    """Root folder of the programs that come from packages."""
    pod_range: str = "10.244.0.0/16"
    """Range of the addresses of the node and its pods."""
    provider_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    registry: str = ""
    """URL below which images are pulled, whatever registry their names contain. Without it, there are none."""
    registry_headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of these requests."""
    ports: tuple[int, ...] = ()
    """Ports of servers on the loopback interface of this machine. Pods reach them at the same address and at that of
    the node."""
    fixed_servers: tuple[FixedServer, ...] = ()
    port_files: str = ""
    """Pattern of files with one port each, of servers on the loopback interface of this machine. Pods reach them at the
    same address, also those that start after the pod."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that every container gets, unless its pod sets them."""

    @property
    def address(self) -> str:
        """Address of the node. AWS reserves the first four of a subnet."""
        return str(ipaddress.ip_network(self.pod_range)[4])


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPlaneSettings:
    """Settings of one control plane."""

    version: str = NEWEST
    """Version whose APIs and behaviour the components emulate, such as ``1.35``."""
    service_range: str = "10.100.0.0/16"
    """Range of the addresses of services."""
    issuer: str = "https://kubernetes.default.svc"
    """Issuer of the tokens of service accounts."""
    webhook: Webhook | None = None
    node: NodeSettings | None = None
    """Node on which pods run. Without it, they stay pending."""
    objects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Objects that the cluster has when it is ready, by their paths in the API."""

    @property
    def service_address(self) -> str:
        """Address of the API server inside the cluster: the first one of the range."""
        return str(ipaddress.ip_network(self.service_range)[1])

    @property
    def name_server(self) -> str:
        """Address at which pods ask for the names of services: the tenth one of the range, as in EKS."""
        return str(ipaddress.ip_network(self.service_range)[10])

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ControlPlaneSettings:
        values = json.loads(text)
        webhook, node = values.pop("webhook"), values.pop("node")
        if node:
            fixed = tuple(FixedServer(**fixed_server) for fixed_server in node["fixed_servers"])
            node = NodeSettings(**{**node, "ports": tuple(node["ports"]), "fixed_servers": fixed})
        return cls(webhook=Webhook(**webhook) if webhook else None, node=node or None, **values)
