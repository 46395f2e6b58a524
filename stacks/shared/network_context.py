"""Where networks lie: zones and addresses joined, once for every stack that has a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from components.network.private_network import PrivateNetworkArgs, SubnetAllocation
from components.network.zones import zone_ids
from settings.derived.foundation import Foundation


def private_network(foundation: Foundation, label: str, cidr: IPv4Network, zones: int) -> PrivateNetworkArgs:
    """A network with a private subnet in each of its zones."""
    plan = foundation.organization.address_plan.subnets(cidr, zones)
    return PrivateNetworkArgs(label=label, cidr=cidr, subnets=_places(foundation, plan.private))


@dataclass(frozen=True, kw_only=True, slots=True)
class EgressPlaces:
    """Where the way out stands. It stands in one zone: experimentation does without it while that zone is lost."""

    public: SubnetAllocation
    firewall: SubnetAllocation


def egress_places(foundation: Foundation, cidr: IPv4Network, zones: int) -> EgressPlaces:
    """The places in the first zone of a network."""
    plan = foundation.organization.address_plan.subnets(cidr, zones)
    public, firewall = (_places(foundation, [subnet]) for subnet in (plan.egress[0], plan.inspection))
    return EgressPlaces(public=public[0], firewall=firewall[0])


def _places(foundation: Foundation, subnets: Sequence[IPv4Network]) -> list[SubnetAllocation]:
    zones = zone_ids(foundation.organization.home_region, len(subnets))
    return [SubnetAllocation(zone_id=zone, cidr=cidr) for zone, cidr in zip(zones, subnets, strict=True)]
