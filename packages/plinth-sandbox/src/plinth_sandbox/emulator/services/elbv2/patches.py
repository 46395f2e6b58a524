"""Elastic Load Balancing: the DNS names of Network Load Balancers, and the certificates of their listeners.

Sources: ELB API, CreateListener and "Common errors"; ELB User Guide, "TLS listeners for your Network Load Balancer"
(read 2026-11-29).
"""

from __future__ import annotations

import functools
from typing import Any

from moto.elbv2.models import ELBv2Backend, elbv2_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_ENCRYPTED = ("HTTPS", "TLS")


def patch_moto() -> None:
    """Gives Network Load Balancers their form of DNS name. moto gives all load balancers that of another type."""
    create = ELBv2Backend.create_load_balancer

    @functools.wraps(create)
    def named(backend: Any, *arguments: Any, **given: Any) -> Any:
        balancer = create(backend, *arguments, **given)
        if balancer.type == "network":
            identifier = balancer.arn.rpartition("/")[2]
            balancer.dns_name = f"{balancer.name}-{identifier}.elb.{backend.region_name}.amazonaws.com"
        return balancer

    ELBv2Backend.create_load_balancer = named


def _create_listener(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    _require_certificate(exchange, str(given.get("Protocol")), given.get("Certificates") or [])
    return exchange.below()


def _modify_listener(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    if "Protocol" in given or "Certificates" in given:
        _require_certificate(exchange, str(given.get("Protocol", "TLS")), given.get("Certificates") or [])
    return exchange.below()


def _require_certificate(exchange: Exchange, protocol: str, certificates: list[dict[str, Any]]) -> None:
    """Refuses listeners for TLS whose certificate is missing or unknown in the region. moto creates them."""
    if protocol not in _ENCRYPTED:
        return
    if not certificates:
        raise AwsError("ValidationError", f"A certificate must be specified for {protocol} listeners")
    backend = elbv2_backends[exchange.call.account][exchange.call.region]
    for one in certificates:
        arn = str(one["CertificateArn"])
        if not backend._certificate_exists(arn):
            raise AwsError("CertificateNotFound", f"Certificate ARN '{arn}' is not valid")


PATCHES: Patches = {"CreateListener": _create_listener, "ModifyListener": _modify_listener}
