"""Elastic Load Balancing: the ARNs and DNS names of Network Load Balancers, the certificates of their listeners, and
what keeps them from being deleted.

Sources: ELB API, CreateListener, DeleteLoadBalancer and "Common errors"; ELB User Guide, "TLS listeners for your
Network Load Balancer" (read 2026-11-29); the text of a refusal in
github.com/cloud-custodian/cloud-custodian/issues/9921 (read 2026-12-01).
"""

from __future__ import annotations

import functools
from typing import Any

from moto.elbv2.models import ELBv2Backend, elbv2_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.offered_services import all_services, balancers_of

_ENCRYPTED = ("HTTPS", "TLS")
_KINDS = {"network": "net", "gateway": "gwy"}
"""Part of an ARN by type of load balancer (Service Authorization Reference, Elastic Load Balancing V2)."""


def patch_moto() -> None:
    """Gives Network and Gateway Load Balancers the ARNs and DNS names of their type. moto gives all load balancers
    those of another type."""
    create = ELBv2Backend.create_load_balancer

    @functools.wraps(create)
    def named(backend: Any, *arguments: Any, **given: Any) -> Any:
        balancer = create(backend, *arguments, **given)
        if balancer.type in _KINDS:
            _rename(backend, balancer, balancer.arn.replace("/app/", f"/{_KINDS[balancer.type]}/"))
        if balancer.type == "network":
            identifier = balancer.arn.rpartition("/")[2]
            balancer.dns_name = f"{balancer.name}-{identifier}.elb.{backend.region_name}.amazonaws.com"
        return balancer

    ELBv2Backend.create_load_balancer = named


def _rename(backend: Any, balancer: Any, arn: str) -> None:
    del backend.load_balancers[balancer.arn]
    tags = backend.tagging_service.list_tags_for_resource(balancer.arn)["Tags"]
    backend.tagging_service.delete_all_tags_for_resource(balancer.arn)
    backend.tagging_service.tag_resource(arn, tags)
    backend.load_balancers[arn], balancer.arn = balancer, arn


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
    for certificate in certificates:
        arn = str(certificate["CertificateArn"])
        if not backend._certificate_exists(arn):
            raise AwsError("CertificateNotFound", f"Certificate ARN '{arn}' is not valid")


def _delete_load_balancer(exchange: Exchange) -> Answer:
    arn = exchange.call.parameters["LoadBalancerArn"]
    if any(arn in balancers_of(service) for service in all_services(exchange.call.region)):
        message = f"Load balancer '{arn}' cannot be deleted because it is currently associated with another service"
        raise AwsError("ResourceInUse", message)
    return exchange.below()


PATCHES: Patches = {
    "CreateListener": _create_listener,
    "DeleteLoadBalancer": _delete_load_balancer,
    "ModifyListener": _modify_listener,
}
