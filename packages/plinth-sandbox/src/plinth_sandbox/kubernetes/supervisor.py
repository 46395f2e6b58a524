"""Runs the components of one control plane, and starts again what ends by itself."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from plinth_sandbox.kubernetes.components import Configuration, Ports
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings
from plinth_sandbox.private import private_file

log = logging.getLogger(__name__)

LASTING_PORTS = range(20_000, 30_000)
"""Range of ports below the ephemeral ones of Linux and macOS, so that a restarted server finds its port free."""
_PORTS = "ports.json"
_LOOK_SECONDS = 0.1
_READY_SECONDS = 300.0
"""Time in which the API server has to become ready. It takes about three seconds on an idle machine."""
_GRACE_SECONDS = 10.0
_PAUSES = (0.0, 1.0, 5.0, 15.0)
"""Seconds until a component that ended by itself starts again. The last one applies from then on."""
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
        self.ports = _ports(directory / _PORTS)
        self._configuration = Configuration(directory, settings, self.ports)
        self._commands = self._configuration.commands()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._restarts: dict[str, int] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Starts all components and returns when the API server is ready.

        Raises: ComponentError if one of them ends before, or the API server is not ready in time.
        """
        until = time.monotonic() + _READY_SECONDS
        for component in ("etcd", "kube-apiserver"):
            self._run(component)
        while not self._stopped.is_set() and not self._is_ready():
            for component, process in self._processes.items():
                if process.poll() is not None:
                    raise ComponentError(f"{component} did not start: {self._last_line(component)}")
            if time.monotonic() > until:
                raise ComponentError(f"the API server is not ready after {_READY_SECONDS:.0f} s; see {self._logs}")
            self._stopped.wait(_LOOK_SECONDS)
        if not self._stopped.is_set():
            for component in ("kube-controller-manager", "kube-scheduler"):
                self._run(component)

    def watch(self) -> None:
        """Starts components again that end by themselves, until the control plane is stopped."""
        due: dict[str, float] = {}
        while not self._stopped.wait(_LOOK_SECONDS):
            now = time.monotonic()
            for component, process in self._processes.items():
                if process.poll() is None:
                    continue
                if component not in due:
                    due[component] = now + self._pause(component, now)
                    log.warning("%s ended with %s: %s", component, process.returncode, self._last_line(component))
                if now >= due[component]:
                    del due[component]
                    self._run(component)

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
                [self._program, component, *self._commands[component]],
                # The components end when this pipe does, so that they do not outlive a killed supervisor.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                env=_environment(),
                pass_fds=(self._lock,),
            )
        self._started[component] = time.monotonic()

    def _pause(self, component: str, now: float) -> float:
        if now - self._started[component] > _STEADY_SECONDS:
            self._restarts[component] = 0
        number = self._restarts.get(component, 0)
        self._restarts[component] = number + 1
        return _PAUSES[min(number, len(_PAUSES) - 1)]

    def _is_ready(self) -> bool:
        context = ssl.create_default_context(cafile=self._configuration.certificates.authority)
        pair = self._configuration.administrator
        context.load_cert_chain(pair.certificate, pair.key)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(f"{self._configuration.server}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _last_line(self, component: str) -> str:
        lines = (self._logs / f"{component}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _ports(record: Path) -> Ports:
    """Returns the ports of the last run as far as they are free, because clients keep the address of the API server."""
    kept: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        kept = dict(json.loads(record.read_text()))
    taken: set[int] = set()
    chosen = {}
    for name in Ports.__dataclass_fields__:
        candidates = [*([kept[name]] if name in kept else []), *random.SystemRandom().sample(LASTING_PORTS, 50)]
        chosen[name] = next(port for port in candidates if port not in taken and _is_free(port))
        taken.add(chosen[name])
    draft = record.with_suffix(".draft")
    draft.write_text(json.dumps(chosen))
    draft.replace(record)
    return Ports(**chosen)


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _environment() -> dict[str, str]:
    """Returns the environment of the components: without proxies, because all their servers are on this machine, and
    without the credentials of the shell."""
    kept = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"GOGC": "75"}
