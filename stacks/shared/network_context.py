"""Assigns addresses and availability zones to the subnets of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from components.network.private_network import PrivateNetworkArgs, SubnetAllocation
from components.network.zones import zone_ids
from settings.derived.foundation import Foundation


def private_network(foundation: Foundation, label: str, cidr: IPv4Network, zones: int) -> PrivateNetworkArgs:
    """Returns the arguments of a network with one private subnet in each of its zones."""
    plan = foundation.organization.address_plan.subnets(cidr, zones)
    return PrivateNetworkArgs(label=label, cidr=cidr, subnets=_in_zones(foundation, plan.private))


@dataclass(frozen=True, kw_only=True, slots=True)
class EgressSubnets:
    """Subnets for internet egress. They are in one zone: experimentation loses egress while that zone is down."""

    public: SubnetAllocation
    firewall: SubnetAllocation


def egress_subnets(foundation: Foundation, cidr: IPv4Network, zones: int) -> EgressSubnets:
    """Returns the egress subnets in the first zone of a network."""
    plan = foundation.organization.address_plan.subnets(cidr, zones)
    public, firewall = (_in_zones(foundation, [subnet]) for subnet in (plan.egress[0], plan.inspection))
    return EgressSubnets(public=public[0], firewall=firewall[0])


def _in_zones(foundation: Foundation, subnets: Sequence[IPv4Network]) -> list[SubnetAllocation]:
    zones = zone_ids(foundation.organization.home_region, len(subnets))
    return [SubnetAllocation(zone_id=zone, cidr=cidr) for zone, cidr in zip(zones, subnets, strict=True)]
