"""The way of traffic from a network to the load balancers of an endpoint service (AWS PrivateLink).

An interface endpoint leads there under its own DNS names and, if enabled, the private DNS name of the service, once
the owner has accepted it, from addresses that its security groups admit. Network ACLs, and what the security groups of
a run let out, are not looked at.

Sources: PrivateLink Guide, "Access AWS services through AWS PrivateLink" and "Share your services through AWS
PrivateLink" (read 2026-12-01).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.executors.networks import RunNetwork
from plinth_sandbox.emulator.services.ec2.offered_services import AVAILABLE, service_named
from plinth_sandbox.emulator.services.ec2.subnets import subnets_of

_TCP = ("tcp", "6", "-1")


def balancers_behind(network: RunNetwork, host: str, port: int) -> list[str]:
    """Returns the ARNs of the load balancers to which a host name leads in a network; none if it leads nowhere."""
    backend = ec2_backends[network.account][network.region]
    subnets = subnets_of(backend, network.subnets)
    vpcs = {subnet.vpc_id for subnet in subnets}
    for endpoint in backend.vpc_end_points.values():
        if endpoint.vpc_id not in vpcs or endpoint.state != AVAILABLE or not endpoint.subnet_ids:
            continue
        if host.lower() not in _names_of(backend, endpoint):
            continue
        service = service_named(endpoint.service_name, network.region)
        if service is not None and _admits(backend, endpoint, network, subnets, port):
            return list(service.network_load_balancer_arns)
    return []


def _names_of(backend: Any, endpoint: Any) -> set[str]:
    """Returns the names that resolve to an endpoint. Nothing resolves in a VPC without a resolver."""
    is_resolved = backend.vpcs[endpoint.vpc_id].enable_dns_support
    return {str(entry["dns_name"]).lower() for entry in endpoint.dns_entries} if is_resolved else set()


def _admits(backend: Any, endpoint: Any, network: RunNetwork, subnets: list[Any], port: int) -> bool:
    """Returns whether a security group of an endpoint admits connections from the subnets or groups of a run. An
    endpoint without a group has the default one of its VPC."""
    groups = [backend.get_security_group_from_id(identifier) for identifier in endpoint.security_group_ids]
    groups = groups or [backend.get_security_group_from_name("default", endpoint.vpc_id)]
    for rule in (rule for group in groups if group is not None for rule in group.ingress_rules):
        has_port = rule.from_port is None or rule.from_port <= port <= rule.to_port
        if rule.ip_protocol not in _TCP or not has_port:
            continue
        if (rule.source_group or {}).get("GroupId") in network.security_groups:
            return True
        if any(block.overlaps(subnet.cidr) for block in _blocks(backend, rule) for subnet in subnets):
            return True
    return False


def _blocks(backend: Any, rule: Any) -> Iterator[ipaddress.IPv4Network]:
    """Yields the IPv4 addresses of a rule: its own, and those of its prefix list."""
    prefixes = backend.managed_prefix_lists.get(rule.prefix_list_id)
    entries = prefixes.entries.get(prefixes.version, []) if prefixes is not None else []
    for block in [(rule.ip_range or {}).get("CidrIp"), *(entry["Cidr"] for entry in entries)]:
        if block and ":" not in block:
            yield ipaddress.IPv4Network(block, strict=False)
