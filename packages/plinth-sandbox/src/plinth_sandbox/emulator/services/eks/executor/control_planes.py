"""The control planes of a sandbox: one for each cluster, from its creation to its deletion.

A replayed journal names the clusters that exist at its end; their control planes start when the sandbox serves clients,
with the data that they had. That an API server is ready reaches the emulator as a call, so the journal contains it.
"""

from __future__ import annotations

import base64
import functools
import ipaddress
import logging
import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.process import KUBERNETES_PATH
from plinth_sandbox.emulator.services.eks.executor import admission, agent
from plinth_sandbox.emulator.services.eks.executor.agent import PodIdentityAgent
from plinth_sandbox.emulator.services.elbv2.executor.controller import Balancing, Controller
from plinth_sandbox.emulator.services.elbv2.executor.health import HealthChecks, States
from plinth_sandbox.emulator.services.rds.executor.databases import port_files
from plinth_sandbox.environment import AUTHORITY, endpoint_variables
from plinth_sandbox.kubernetes import gateway
from plinth_sandbox.kubernetes.administrator import Administrator
from plinth_sandbox.kubernetes.control_plane import ControlPlane, ControlPlaneError
from plinth_sandbox.kubernetes.node.programs import NodePrograms
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, FixedServer, NodeSettings, Webhook

log = logging.getLogger(__name__)

EXECUTOR = "eks"
"""Executor that hears whether an API server is ready."""
FOLDER = "kubernetes"
AUTHENTICATION, AUTHORIZATION, ADMISSION = "authentication", "authorization", "admission"
REGISTRY = "registry"
"""Part of the addresses from which the node of a cluster pulls images."""
REGISTRY_HEADER = "x-plinth-cluster"
"""Header of these requests with the secret. It is not in the address, which events of the cluster show."""
_PAUSES = (0.0, 1.0, 5.0, 30.0)
"""Seconds until a control plane starts again whose supervisor ended by itself."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster that a control plane serves."""

    arn: str
    account: str
    region: str
    identifier: str
    """Name of its folder, unique for each cluster that ever had this ARN."""
    version: str
    service_range: str
    issuer: str
    node: AutoNode | None = None
    """Node that EKS Auto Mode starts, or None without Auto Mode."""
    vpc: str = ""
    load_balancing_role: str = ""
    """Role as which Auto Mode creates load balancers, or an empty text if it creates none."""


@dataclass(frozen=True, slots=True)
class AutoNode:
    """The node of a cluster in Auto Mode."""

    subnet_range: str
    """Range of the subnet in which the node and its pods have addresses."""
    zone: str
    pool: str
    """Name of the node pool."""
    role_arn: str
    """Role of the node."""


@dataclass(slots=True)
class _Running:
    cluster: Cluster
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Secret in the addresses of the webhooks of its API server."""
    admission_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Secret in the address of its webhook for pods, which an object of the cluster shows."""
    ended: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    plane: ControlPlane | None = None
    agent: PodIdentityAgent | None = None
    controller: Controller | None = None
    """Controller of the load balancers, while the API server runs."""


class ControlPlanes:
    """The control planes of a sandbox. Without a program, clusters have none."""

    def __init__(self, outside: Outside, program: Path | None, node_programs: NodePrograms | None = None) -> None:
        """Without ``node_programs``, no cluster has a node."""
        self._outside, self._program, self._node_programs = outside, program, node_programs
        self._folder = outside.directory / FOLDER
        self._lock = threading.Lock()
        self._wanted: dict[str, _Running] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self.target_states: States = {}
        """Whether pods behind load balancers are healthy."""
        outside.at_open(self._open)
        outside.at_close(self._close)

    @property
    def is_enabled(self) -> bool:
        return self._program is not None

    @property
    def has_nodes(self) -> bool:
        """Whether clusters in Auto Mode have a node."""
        return self._node_programs is not None

    def want(self, cluster: Cluster) -> None:
        """Starts the control plane of a cluster, now or when the sandbox serves clients. One with another version is
        stopped before."""
        running = _Running(cluster)
        with self._lock:
            before = self._wanted.get(cluster.arn)
            self._wanted[cluster.arn] = running
            self._known.pop(cluster.arn, None)
        if self._outside.is_open:
            self._start(running, before)

    def unwant(self, arn: str) -> None:
        """Ends the control plane of a cluster and deletes its data."""
        with self._lock:
            running = self._wanted.pop(arn, None)
            self._known.pop(arn, None)
        if running is not None and self._outside.is_open:
            threading.Thread(target=self._delete, args=(running,), daemon=True).start()

    def settle(self, arn: str, server: str, authority: str) -> None:
        """Records the endpoint that clients have been told."""
        self._known[arn] = (server, authority)

    def cluster_of(self, identifier: str, token: str, kind: str = "") -> Cluster | None:
        """Returns the cluster to whose API server an address of a webhook of this kind was given."""
        for running in list(self._wanted.values()):
            secret = running.admission_token if kind == ADMISSION else running.token
            if running.cluster.identifier == identifier and secrets.compare_digest(secret, token):
                return running.cluster
        return None

    def review_token(self, arn: str, token: str, audience: str) -> dict[str, Any] | None:
        """Returns what the API server of a cluster says about a token for an audience, or None if it does not answer.

        The API server may ask the emulator meanwhile, so the caller does not hold the emulator's lock.
        """
        administrator = self.administrator_of(arn)
        return None if administrator is None else administrator.review_token(token, audience) or None

    def administrator_of(self, arn: str) -> Administrator | None:
        """Returns a client of the API server of a cluster, or None if it is not ready."""
        running = self._wanted.get(arn)
        plane = running.plane if running is not None else None
        return plane.administrator if plane is not None and plane.port else None

    def connect(self, account: str, address: str, port: int, seconds: float) -> socket.socket:
        """Returns a connection to a pod in one of the account's clusters. Raises OSError."""
        for running in list(self._wanted.values()):
            node = running.cluster.node
            if node is None or running.cluster.account != account:
                continue
            if ipaddress.ip_address(address) in ipaddress.ip_network(node.subnet_range):
                return gateway.connect(self._folder / running.cluster.identifier, address, port, seconds)
        raise ConnectionRefusedError(f"no pod of account {account} has the address {address}")

    def _open(self) -> None:
        kept = {running.cluster.identifier for running in self._wanted.values()}
        for folder in self._folder.glob("*"):
            if folder.name not in kept:
                # Its cluster was deleted, or the sandbox was reset, before the data could be.
                shutil.rmtree(folder, ignore_errors=True)
        for running in list(self._wanted.values()):
            self._start(running, None)

    def _close(self) -> None:
        """Ends all control planes. They start again with the sandbox."""
        running = list(self._wanted.values())
        for control_plane in running:
            self._end(control_plane)
        for control_plane in running:
            control_plane.over.wait()

    def _start(self, running: _Running, before: _Running | None) -> None:
        if self._program is None:
            running.over.set()
            return
        name = running.cluster.arn.rpartition("/")[2]
        arguments = (running, before, self._program)
        threading.Thread(target=self._run, args=arguments, name=f"cluster {name}", daemon=True).start()

    def _run(self, running: _Running, before: _Running | None, program: Path) -> None:
        """Runs a control plane until it is not wanted."""
        if before is not None:
            self._end(before)
            before.over.wait()
        try:
            for number in range(sys.maxsize):
                if running.ended.wait(_PAUSES[min(number, len(_PAUSES) - 1)] if number else 0):
                    return
                if not self._serve(running, program):
                    return
        finally:
            running.over.set()

    def _serve(self, running: _Running, program: Path) -> bool:
        """Runs a control plane once. Returns False if it cannot start."""
        cluster = running.cluster
        if cluster.node is not None and self._node_programs is not None and running.agent is None:
            name, node = cluster.arn.rpartition("/")[2], cluster.node
            running.agent = PodIdentityAgent(self._outside, cluster.region, name, _instance(cluster), node.role_arn)
        plane = ControlPlane(self._folder / cluster.identifier, program, self._settings(running))
        running.plane = plane
        try:
            plane.start()
        except ControlPlaneError as error:
            if not running.ended.is_set():
                log.error("%s has no control plane: %s", cluster.arn, error)
                self._tell(cluster, "FAILED", str(error), "", "")
            return False
        authority = base64.b64encode(plane.authority.encode()).decode()
        self._tell(cluster, "SUCCEEDED", "", plane.server, authority, plane.administrator.token_keys())
        process = plane.process
        if running.ended.is_set():
            plane.stop()
        elif process is not None:
            running.controller = self._controller(cluster, plane)
            process.wait()
            if running.controller is not None:
                running.controller.close()
        return True

    def _controller(self, cluster: Cluster, plane: ControlPlane) -> Controller | None:
        """Starts the controller of load balancers, which Auto Mode has. Without a node, they have no targets."""
        if not cluster.load_balancing_role:
            return None
        balancing = Balancing(
            cluster=cluster.arn.rpartition("/")[2],
            cluster_arn=cluster.arn,
            account=cluster.account,
            region=cluster.region,
            vpc=cluster.vpc,
            role_arn=cluster.load_balancing_role,
        )
        checks = HealthChecks(functools.partial(gateway.connect, plane.directory), self.target_states)
        controller = Controller(self._outside, balancing, plane.administrator, checks)
        controller.start()
        return controller

    def _settings(self, running: _Running) -> ControlPlaneSettings:
        cluster = running.cluster
        path = f"{KUBERNETES_PATH}/{cluster.identifier}"
        own = f"{self._outside.url}{path}/{running.token}"
        pods = f"{self._outside.encrypted_url}{path}/{running.admission_token}/{ADMISSION}"
        authority = (self._outside.directory / AUTHORITY).read_bytes()
        webhook = Webhook(authentication_url=f"{own}/{AUTHENTICATION}", authorization_url=f"{own}/{AUTHORIZATION}")
        return ControlPlaneSettings(
            version=cluster.version,
            service_range=cluster.service_range,
            issuer=cluster.issuer,
            webhook=webhook,
            node=self._node(running),
            objects={admission.OBJECT_PATH: admission.configuration(pods, authority)},
        )

    def _node(self, running: _Running) -> NodeSettings | None:
        """Returns the node of a cluster in Auto Mode. Pods reach the emulator at the address of all clients, because
        presigned requests contain it. The node itself pulls images at its own address."""
        cluster, node, programs = running.cluster, running.cluster.node, self._node_programs
        if node is None or programs is None or running.agent is None:
            return None
        port = urlsplit(self._outside.url).port or 0
        name = _instance(cluster)
        settings = NodeSettings(
            name=name,
            programs=str(programs.built),
            packages=str(programs.packages),
            pod_range=node.subnet_range,
            provider_id=f"aws:///{node.zone}/{name}",
            labels={
                "eks.amazonaws.com/compute-type": "auto",
                "karpenter.sh/nodepool": node.pool,
                "topology.kubernetes.io/region": cluster.region,
                "topology.kubernetes.io/zone": node.zone,
            },
            registry_headers={REGISTRY_HEADER: running.token},
            ports=(port,),
            port_files=port_files(self._outside.directory),
            fixed_servers=(FixedServer(address=agent.ADDRESS, port=agent.PORT, server_port=running.agent.port),),
        )
        return replace(
            settings,
            registry=f"http://{settings.address}:{port}{KUBERNETES_PATH}/{cluster.identifier}/{REGISTRY}",
            variables={
                **endpoint_variables(self._outside.url),
                "AWS_REGION": cluster.region,
                "AWS_DEFAULT_REGION": cluster.region,
            },
        )

    def _tell(
        self, cluster: Cluster, state: str, message: str, server: str, authority: str, keys: Sequence[Any] = ()
    ) -> None:
        if self._known.get(cluster.arn) == (server, authority):
            return
        left = {
            "server": server,
            "authority": authority,
            "identifier": cluster.identifier,
            "version": cluster.version,
            "keys": list(keys),
        }
        outcome = Outcome(EXECUTOR, cluster.arn, cluster.account, cluster.region, state, message, 0, left)
        self._outside.report(request_of(outcome))

    def _end(self, running: _Running) -> None:
        running.ended.set()
        if running.controller is not None:
            running.controller.close()
        if running.plane is not None:
            running.plane.stop()
        if running.agent is not None:
            running.agent.close()

    def _delete(self, running: _Running) -> None:
        self._end(running)
        running.over.wait()
        shutil.rmtree(self._folder / running.cluster.identifier, ignore_errors=True)


def _instance(cluster: Cluster) -> str:
    """Returns the name of the node of a cluster, which EC2 does not have."""
    return f"i-{cluster.identifier[:17].lower()}"
