"""The address plan: the address ranges of accounts, teams, environments and subnets. Pure arithmetic.

The supernet starts with one block of eight team sizes, in which every durable kind has a fixed block. The rest is for
teams. A team's range is written in the team's file, so it never moves; the plan proposes the lowest free block and
checks for overlaps.

A team's range is divided into a quarter per environment. An environment's range is divided into a quarter for the
workloads of each of up to three zones; its last quarter contains a sixteenth per zone for NAT gateways, which only
experimentation may have, and one for the firewall in front of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from settings.types.addresses import lowest_free
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, DurableKind, Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import Cidr, ReservationName, within

TEAM_PREFIX_LENGTHS = (16, 22)
"""Largest and smallest team range. In a /16, an environment has a /18. In a /22, it has a /24 and a zone a /26, which
is 59 addresses.
"""

SMALLEST_NETWORK = 24
"""Prefix length of the smallest network. A /24 gives each zone a /26 for workloads and a /28, the smallest subnet of
AWS, for its NAT gateway.
"""

LARGEST_NETWORK = 16
"""Prefix length of the largest network, which is the largest VPC of AWS."""

ZONES_OF_SHARED_NETWORKS = 2
"""Zones of the networks of durable accounts. Two survive the loss of one zone; each further zone adds the cost of its
endpoints (NET-06).
"""

ALWAYS_RESERVED = MappingProxyType(
    {
        "container-bridge": IPv4Network("172.17.0.0/16"),
        "kubernetes-services": IPv4Network("172.20.0.0/16"),
    }
)
"""The range of Docker's bridge, which Studio and CodeBuild hosts use, and the range of Kubernetes services in EKS."""


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """The subnet ranges of one network, in the order of zones."""

    private: tuple[IPv4Network, ...]
    """Subnets of workloads and interface endpoints, one per zone."""
    egress: tuple[IPv4Network, ...]
    """Subnets of NAT gateways, one per zone. They are created only with internet access."""
    inspection: IPv4Network
    """Subnet of the firewall in front of the NAT gateways, in one zone."""


class AddressPlan(Settings):
    """Address ranges of teams and durable accounts."""

    supernet: Cidr = Field(
        default=IPv4Network("10.0.0.0/8"),
        description="The private range that contains all networks. The default has room for 2,040 teams.",
        json_schema_extra=IMMUTABLE,
    )
    team_prefix_length: Annotated[int, within(*TEAM_PREFIX_LENGTHS, "bits")] = Field(
        default=19, description="Prefix length of the block proposed for a new team.", json_schema_extra=IMMUTABLE
    )
    reserved: Mapping[ReservationName, Cidr] = Field(
        default_factory=dict, description="Ranges in use elsewhere, by name. No team can have them."
    )

    @property
    def durable_block(self) -> IPv4Network:
        """The first block of the supernet, which the durable kinds share."""
        return next(self.supernet.subnets(new_prefix=self.team_prefix_length - 3))

    def kind_block(self, kind: DurableKind) -> IPv4Network:
        """Returns the fixed block of a durable kind's network."""
        return list(self.durable_block.subnets(prefixlen_diff=3))[DURABLE_KINDS.index(kind)]

    def reserved_blocks(self) -> dict[str, IPv4Network]:
        """Returns the ranges that no team can have, by their owner."""
        return {"durable accounts": self.durable_block, **ALWAYS_RESERVED, **self.reserved}

    def free_block(self, taken: Iterable[IPv4Network], prefix_length: int | None = None) -> IPv4Network | None:
        """Returns the lowest block that is free for a team, or None if the supernet is full."""
        size = self.team_prefix_length if prefix_length is None else prefix_length
        return lowest_free(self.supernet, size, [*self.reserved_blocks().values(), *taken])

    def environment_block(self, team: IPv4Network, environment: Environment) -> IPv4Network:
        """Returns the quarter of a team's range that an environment has."""
        return list(team.subnets(prefixlen_diff=2))[ENVIRONMENTS.index(environment)]

    def subnets(self, network: IPv4Network, zones: int) -> SubnetPlan:
        """Returns the subnets of a network. The range of a third zone stays reserved if only two zones are used."""
        if not LARGEST_NETWORK <= network.prefixlen <= SMALLEST_NETWORK:
            raise SettingsError([_unfit(network, zones)])
        *quarters, last = network.subnets(prefixlen_diff=2)
        *sixteenths, inspection = last.subnets(prefixlen_diff=2)
        return SubnetPlan(private=tuple(quarters[:zones]), egress=tuple(sixteenths[:zones]), inspection=inspection)


def _unfit(network: IPv4Network, zones: int) -> Fault:
    return Fault(
        code=Code.CIDR_SIZE,
        value=str(network),
        rule=f"does not fit {zones} zones (needs /{SMALLEST_NETWORK} to /{LARGEST_NETWORK})",
        fix=f"give the network a /{SMALLEST_NETWORK} or larger",
    )
