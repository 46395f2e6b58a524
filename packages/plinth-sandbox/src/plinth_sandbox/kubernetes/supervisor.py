"""Runs the components of one control plane, and starts again what ends by itself."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from plinth_sandbox.executors.ports import LASTING_PORTS, ReservedPort, is_free, reserve
from plinth_sandbox.kubernetes.administrator import Administrator
from plinth_sandbox.kubernetes.components import NODE, Configuration, Ports
from plinth_sandbox.kubernetes.node.configuration import FOLDER
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.private import private_file

log = logging.getLogger(__name__)

_PORTS = "ports.json"
_LOOK_SECONDS = 0.1
_PORT_SECONDS = 10.0
"""Time in which a process of the last run that was killed closes its sockets."""
_READY_SECONDS = 300.0
"""Time in which the API server has to become ready. It takes about three seconds on an idle machine."""
_GRACE_SECONDS = 10.0
_PAUSES = (0.0, 1.0, 5.0, 15.0)
"""Seconds until a component that ended by itself starts again. The last one applies from then on."""
_ATTEMPTS = 3
"""Starts of a component until the control plane is ready. One may end because another was slow to answer."""
_STEADY_SECONDS = 60.0
"""Time after which a component that runs counts as healthy, so that its next restart is immediate."""


class ComponentError(Exception):
    """A component does not start."""


class Supervisor:
    """The components of a control plane, each a child process."""

    def __init__(self, directory: Path, program: Path, settings: ControlPlaneSettings, lock: int) -> None:
        """``lock`` is the descriptor of the directory's lock. The components hold it too, so that nobody else uses the
        directory as long as one of them runs."""
        self._directory, self._program, self._lock = directory, program, lock
        self._logs = directory / "logs"
        self._logs.mkdir(exist_ok=True)
        reserved = _reserved(directory / _PORTS)
        self._reserved = tuple(reserved.values())
        self.ports = Ports(**{name: port.number for name, port in reserved.items()})
        self._configuration = Configuration(directory, settings, self.ports)
        self._node, self._objects = settings.node, settings.objects
        self._administrator = Administrator(self._configuration.server, self._configuration.certificates)
        self._commands = self._configuration.commands()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._restarts: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Starts all components and returns when the API server is ready, and the node if there is one.

        Raises: ComponentError if one of them ends again and again, or is not ready in time.
        """
        began = time.time()
        for component in ("etcd", "kube-apiserver"):
            self._run(component)
        self._await("the API server", self._is_ready)
        if self._stopped.is_set():
            return
        self._await("the objects of the cluster", self._has_objects)
        if self._node is None:
            self._forget_nodes()
        for component in list(self._commands)[len(self._processes) :]:
            self._run(component)
        if self._node is not None:
            name = self._node.name
            self._await(f"the node {name}", lambda: self._node_is_ready(name, began))

    def _await(self, what: str, is_ready: Callable[[], bool]) -> None:
        until = time.monotonic() + _READY_SECONDS
        while not self._stopped.is_set() and not is_ready():
            self._start_again(_ATTEMPTS)
            if time.monotonic() > until:
                raise ComponentError(f"{what} is not ready after {_READY_SECONDS:.0f} s; see {self._logs}")
            self._stopped.wait(_LOOK_SECONDS)

    def watch(self) -> None:
        """Starts components again that end by themselves, until the control plane is stopped."""
        while not self._stopped.wait(_LOOK_SECONDS):
            self._start_again()

    def stop(self) -> None:
        """Makes `start` and `watch` return."""
        self._stopped.set()

    def end(self) -> None:
        """Ends the components, the clients of each one before it."""
        for component in reversed(list(self._commands)):
            process = self._processes.get(component)
            if process is None:
                continue
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            process.kill()
            process.wait()
        for port in self._reserved:
            port.release()

    @property
    def processes(self) -> dict[str, int]:
        """Process ids by component."""
        return {component: process.pid for component, process in self._processes.items()}

    @property
    def authority(self) -> Path:
        return self._configuration.certificates.authority

    def _run(self, component: str) -> None:
        with private_file(self._logs / f"{component}.log", "wb") as output:
            self._processes[component] = subprocess.Popen(
                self._commands[component]
                if component == NODE
                else [self._program, component, *self._commands[component]],
                # The components end when this pipe does, so that they do not outlive a killed supervisor.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                env=_environment(),
                pass_fds=(self._lock,),
                # Who kills the group of the supervisor does not keep the node from removing its cgroups.
                start_new_session=component == NODE,
            )
        self._started[component] = time.monotonic()

    def _start_again(self, attempts: int | None = None) -> None:
        """Starts each component that ended by itself again, once its pause is over.

        Raises: ComponentError if one has ended as often as there are ``attempts``.
        """
        now = time.monotonic()
        for component, process in self._processes.items():
            if process.poll() is None:
                continue
            if component not in self._due:
                said = self._last_line(component)
                self._due[component] = now + self._pause(component, now)
                if self._restarts[component] == attempts:
                    raise ComponentError(f"{component} did not start: {said}")
                log.warning("%s ended with %s: %s", component, process.returncode, said)
            if now >= self._due[component]:
                del self._due[component]
                self._run(component)

    def _pause(self, component: str, now: float) -> float:
        if now - self._started[component] > _STEADY_SECONDS:
            self._restarts[component] = 0
        number = self._restarts.get(component, 0)
        self._restarts[component] = number + 1
        return _PAUSES[min(number, len(_PAUSES) - 1)]

    def _is_ready(self) -> bool:
        return self._administrator.ask("/readyz") is not None

    def _has_objects(self) -> bool:
        """Creates or updates the objects that the cluster has from its start. Returns False if one was refused."""
        return all(self._administrator.apply(path, manifest) for path, manifest in self._objects.items())

    def _node_is_ready(self, name: str, began: float) -> bool:
        """Returns whether the node has said that it is ready since the control plane was started."""
        said = self._administrator.ask(f"/api/v1/nodes/{name}")
        conditions = json.loads(said)["status"].get("conditions", []) if said else []
        found = next(
            (condition for condition in conditions if (condition["type"], condition["status"]) == ("Ready", "True")),
            None,
        )
        return found is not None and datetime.fromisoformat(found["lastHeartbeatTime"]).timestamp() >= int(began)

    def _forget_nodes(self) -> None:
        """Deletes the objects of nodes that an earlier run had. Their pods are then deleted by the controllers."""
        if (self._directory / FOLDER).exists():
            self._administrator.ask("/api/v1/nodes", "DELETE")
            shutil.rmtree(self._directory / FOLDER, ignore_errors=True)

    def _last_line(self, component: str) -> str:
        lines = (self._logs / f"{component}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _reserved(record: Path) -> dict[str, ReservedPort]:
    """Returns the ports of the last run as far as they are free, because clients keep the address of the API server."""
    kept: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        kept = dict(json.loads(record.read_text()))
    chosen = {}
    for name in Ports.__dataclass_fields__:
        if name in kept:
            _await_free(kept[name])
        last = [kept[name]] if name in kept else []
        chosen[name] = reserve([*last, *random.SystemRandom().sample(LASTING_PORTS, 50)])
    draft = record.with_suffix(".draft")
    draft.write_text(json.dumps({name: port.number for name, port in chosen.items()}))
    draft.replace(record)
    return chosen


def _await_free(port: int) -> None:
    """Waits a moment for a port of the last run. A process that is ended closes its lock before its sockets."""
    until = time.monotonic() + _PORT_SECONDS
    while not is_free(port) and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)


def _environment() -> dict[str, str]:
    """Returns the environment of the components: without proxies, because all their servers are on this machine, and
    without the credentials of the shell."""
    kept = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"GOGC": "75"}
