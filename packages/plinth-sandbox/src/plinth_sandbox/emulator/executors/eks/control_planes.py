"""The control planes of a sandbox: one for each cluster, from its creation to its deletion.

A replayed journal names the clusters that exist at its end; their control planes start when the sandbox serves clients,
with the data that they had. That an API server is ready reaches the emulator as a call, so the journal contains it.
"""

from __future__ import annotations

import base64
import logging
import secrets
import shutil
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.process import KUBERNETES_PATH
from plinth_sandbox.kubernetes.control_plane import ControlPlane, ControlPlaneError
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings, Webhook

log = logging.getLogger(__name__)

EXECUTOR = "eks"
"""Executor that hears whether an API server is ready."""
FOLDER = "kubernetes"
AUTHENTICATION, AUTHORIZATION = "authentication", "authorization"
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


@dataclass(slots=True)
class _Running:
    cluster: Cluster
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Secret in the addresses of the webhooks of its API server."""
    ended: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    plane: ControlPlane | None = None


class ControlPlanes:
    """The control planes of a sandbox. Without a program, clusters have none."""

    def __init__(self, outside: Outside, program: Path | None) -> None:
        self._outside, self._program = outside, program
        self._folder = outside.directory / FOLDER
        self._lock = threading.Lock()
        self._wanted: dict[str, _Running] = {}
        self._known: dict[str, tuple[str, str]] = {}
        outside.at_open(self._open)
        outside.at_close(self._close)

    @property
    def is_enabled(self) -> bool:
        return self._program is not None

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

    def cluster_of(self, identifier: str, token: str) -> Cluster | None:
        """Returns the cluster to whose API server an address of a webhook was given."""
        for running in list(self._wanted.values()):
            if running.cluster.identifier == identifier and secrets.compare_digest(running.token, token):
                return running.cluster
        return None

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
        for one in running:
            self._end(one)
        for one in running:
            one.over.wait()

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
        self._tell(cluster, "SUCCEEDED", "", plane.server, authority)
        process = plane.process
        if running.ended.is_set():
            plane.stop()
        elif process is not None:
            process.wait()
        return True

    def _settings(self, running: _Running) -> ControlPlaneSettings:
        cluster = running.cluster
        own = f"{self._outside.url}{KUBERNETES_PATH}/{cluster.identifier}/{running.token}"
        webhook = Webhook(authentication_url=f"{own}/{AUTHENTICATION}", authorization_url=f"{own}/{AUTHORIZATION}")
        return ControlPlaneSettings(
            version=cluster.version, service_range=cluster.service_range, issuer=cluster.issuer, webhook=webhook
        )

    def _tell(self, cluster: Cluster, state: str, message: str, server: str, authority: str) -> None:
        if self._known.get(cluster.arn) == (server, authority):
            return
        left = {"server": server, "authority": authority, "identifier": cluster.identifier, "version": cluster.version}
        outcome = Outcome(EXECUTOR, cluster.arn, cluster.account, cluster.region, state, message, 0, left)
        self._outside.report(request_of(outcome))

    def _end(self, running: _Running) -> None:
        running.ended.set()
        if running.plane is not None:
            running.plane.stop()

    def _delete(self, running: _Running) -> None:
        self._end(running)
        running.over.wait()
        shutil.rmtree(self._folder / running.cluster.identifier, ignore_errors=True)
