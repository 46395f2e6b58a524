"""The load balancers of a sandbox, as their clients reach them: listeners that terminate TLS, and healthy targets."""

from __future__ import annotations

import random
import re
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.executors.networks import RunNetworks
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.services.ec2.private_links import balancers_behind
from plinth_sandbox.emulator.services.eks.executor.control_planes import ControlPlanes
from plinth_sandbox.emulator.services.elbv2.executor.provisioning import Target

_HOST = re.compile(r"[a-z0-9-]+\.elb\.[a-z0-9-]+\.amazonaws\.com")
_CONNECT_SECONDS = 10.0


def is_of_load_balancer(host: str) -> bool:
    """Returns whether a host name is one of a Network Load Balancer."""
    return _HOST.fullmatch(host) is not None


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener with the targets that get its connections."""

    context: ssl.SSLContext | None
    """Settings of the TLS server, or None if the listener passes on what it receives."""
    account: str
    targets: Sequence[Target]


@dataclass(slots=True)
class LoadBalancers:
    """Finds listeners in the state of the emulator, and connects to their targets."""

    outside: Outside
    planes: ControlPlanes
    networks: RunNetworks
    """Networks of the runs that may reach load balancers through an interface endpoint."""

    def listener(self, host: str, port: int) -> Listener | None:
        """Returns a listener by the DNS name of its load balancer, or None if there is none."""
        if not is_of_load_balancer(host):
            return None
        return self._listener(lambda balancer: bool(balancer.dns_name == host), port)

    def listener_of(self, arns: Sequence[str], port: int) -> Listener | None:
        """Returns a listener of one of the load balancers with these ARNs, or None if there is none."""
        return self._listener(lambda balancer: balancer.arn in arns, port)

    def behind(self, authorization: str, host: str, port: int) -> Sequence[str]:
        """Returns the ARNs of the load balancers to which a host name leads in the network of a run, through an
        interface endpoint. ``authorization`` is the header of the run's request to its proxy."""
        network = self.networks.of(authorization)
        if network is None:
            return []
        with self.outside.lock:
            return balancers_behind(network, host, port)

    def _listener(self, is_wanted: Callable[[Any], bool], port: int) -> Listener | None:
        with self.outside.lock:
            for account, region, balancer in _balancers():
                for listener in balancer.listeners.values() if is_wanted(balancer) else ():
                    if int(listener.port) == port:
                        return self._described(account, region, listener)
        return None

    def connect(self, listener: Listener) -> socket.socket:
        """Returns a connection to a target. Raises OSError."""
        if not listener.targets:
            raise ConnectionRefusedError("the load balancer has no targets")
        address, port = random.SystemRandom().choice(listener.targets)
        return self.planes.connect(listener.account, address, port, _CONNECT_SECONDS)

    def _described(self, account: str, region: str, listener: Any) -> Listener:
        from moto.elbv2.models import elbv2_backends

        targets: list[Target] = []
        healthy: list[Target] = []
        for action in listener.default_actions:
            group = elbv2_backends[account][region].target_groups[action.data["TargetGroupArn"]]
            for target in group.targets.values():
                known = (str(target["Id"]), int(target["Port"]))
                targets.append(known)
                if self.planes.target_states.get((group.arn, *known)):
                    healthy.append(known)
        context = _context(account, region, listener) if listener.protocol == "TLS" else None
        # Without a healthy target, a load balancer uses all of them (ELB User Guide, "Health checks").
        return Listener(context, account, healthy or targets)


def _balancers() -> Iterator[tuple[str, str, Any]]:
    from moto.elbv2.models import elbv2_backends

    for account, regions in list(elbv2_backends.items()):
        for region, backend in list(regions.items()):
            for balancer in backend.load_balancers.values():
                yield account, region, balancer


def _context(account: str, region: str, listener: Any) -> ssl.SSLContext:
    """Returns the settings of a listener with its certificate in ACM, and the TLS versions of its policy."""
    from moto.acm.models import acm_backends

    bundle = acm_backends[account][region].get_certificate(listener.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    oldest = ssl.TLSVersion.TLSv1_3 if "TLS13-1-3" in str(listener.ssl_policy) else ssl.TLSVersion.TLSv1_2
    context.minimum_version = oldest
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join([bundle.key, bundle.cert, bundle.chain]))
        file.flush()
        context.load_cert_chain(file.name)
    return context
