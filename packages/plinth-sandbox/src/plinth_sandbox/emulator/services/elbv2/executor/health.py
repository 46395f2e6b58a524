"""Health checks of the pods behind load balancers. Unlike at AWS, the first check of a target decides at once."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plinth_sandbox.emulator.services.elbv2.executor.provisioning import Target
from plinth_sandbox.emulator.services.elbv2.executor.services import Health

CONNECT_SECONDS = 2.0
_HEALTHY = range(200, 400)
"""Statuses with which a target is healthy (ELB User Guide, "Health checks for Network Load Balancer target groups")."""

Connect = Callable[[str, int, float], socket.socket]
"""Returns a connection to an address and port within some seconds. Raises OSError."""
States = dict[tuple[str, str, int], bool]
"""Whether a target is healthy, by the ARN of its group, its address and its port."""


@dataclass(slots=True)
class HealthChecks:
    """The checks of the targets of one cluster."""

    connect: Connect
    states: States
    _groups: dict[str, tuple[Health, Sequence[Target]]] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def watch(self, health: Health, groups: Mapping[str, Sequence[Target]]) -> None:
        """Checks the targets of groups from now on, and forgets their earlier ones."""
        for arn, targets in groups.items():
            self._forget(arn)
            self._groups[arn] = (health, targets)
            self._due[arn] = 0.0

    def look(self) -> None:
        """Checks the targets whose interval is over."""
        for arn, (health, targets) in list(self._groups.items()):
            if time.monotonic() < self._due[arn]:
                continue
            self._due[arn] = time.monotonic() + health.interval_seconds
            for address, port in targets:
                self.states[arn, address, port] = self._is_healthy(health, address, port)

    def _forget(self, arn: str) -> None:
        for key in [key for key in self.states if key[0] == arn]:
            self.states.pop(key, None)

    def _is_healthy(self, health: Health, address: str, port: int) -> bool:
        checked = port if health.port == "traffic-port" else int(health.port)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = self.connect(address, checked, CONNECT_SECONDS)
            if health.protocol == "TCP":
                connection.close()
                return True
            asking = http.client.HTTPConnection(address, checked, timeout=CONNECT_SECONDS)
            asking.sock = connection
            with contextlib.closing(asking):
                asking.request("GET", health.path)
                return asking.getresponse().status in _HEALTHY
        return False
