"""The address plan: who has which addresses. Pure arithmetic, the same answer on every machine and day.

The supernet starts with one block of eight team sizes, in which every durable kind has a fixed place. Everything after
it is for teams. A team's range is written in the team's file, so it never moves; the plan only proposes the lowest
block that is free, and checks that nothing overlaps.

Inside a team, each environment has a quarter. Inside an environment, each of up to three zones has a quarter for
workloads, and the last quarter holds a sixteenth per zone for the way out, which only experimentation may have, and
one for the firewall that watches over it.
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
"""From a /16 (an environment is then a /18) to a /22 (an environment is then a /24, a zone a /26: 59 addresses)."""

SMALLEST_NETWORK = 24
"""A /24 gives each zone a /26 for workloads and a /28, AWS's smallest subnet, for the way out."""

LARGEST_NETWORK = 16
"""AWS's largest VPC."""

ZONES_OF_SHARED_NETWORKS = 2
"""Of durable accounts' networks: enough to survive the loss of one; each more is paid by endpoint (NET-06)."""

ALWAYS_RESERVED = MappingProxyType(
    {
        "container-bridge": IPv4Network("172.17.0.0/16"),
        "kubernetes-services": IPv4Network("172.20.0.0/16"),
    }
)
"""Docker's bridge, which Studio and CodeBuild hosts use, and the range EKS takes for services."""


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """The subnets of one network, one of each sort per zone, in the order of zones."""

    private: tuple[IPv4Network, ...]
    """For workloads and interface endpoints."""
    egress: tuple[IPv4Network, ...]
    """For NAT gateways; created only where the internet may be reached."""
    inspection: IPv4Network
    """For the firewall that stands before them, in one zone."""


class AddressPlan(Settings):
    """Where teams and durable accounts have their addresses."""

    supernet: Cidr = Field(
        default=IPv4Network("10.0.0.0/8"),
        description="The private range that everything lies in. The default holds 2,040 teams.",
        json_schema_extra=IMMUTABLE,
    )
    team_prefix_length: Annotated[int, within(*TEAM_PREFIX_LENGTHS, "bits")] = Field(
        default=19, description="Size of the block that is proposed for a new team.", json_schema_extra=IMMUTABLE
    )
    reserved: Mapping[ReservationName, Cidr] = Field(
        default_factory=dict, description="Ranges in use elsewhere, by a name for them: never given to a team."
    )

    @property
    def durable_block(self) -> IPv4Network:
        """The start of the supernet, which the durable kinds share."""
        return next(self.supernet.subnets(new_prefix=self.team_prefix_length - 3))

    def kind_block(self, kind: DurableKind) -> IPv4Network:
        """The fixed block of a durable kind's network."""
        return list(self.durable_block.subnets(prefixlen_diff=3))[DURABLE_KINDS.index(kind)]

    def reserved_blocks(self) -> dict[str, IPv4Network]:
        """What lies outside teams' reach, by who has it."""
        return {"durable accounts": self.durable_block, **ALWAYS_RESERVED, **self.reserved}

    def free_block(self, taken: Iterable[IPv4Network], prefix_length: int | None = None) -> IPv4Network | None:
        """The lowest block that is free for a team, or None when the supernet is full."""
        size = self.team_prefix_length if prefix_length is None else prefix_length
        return lowest_free(self.supernet, size, [*self.reserved_blocks().values(), *taken])

    def environment_block(self, team: IPv4Network, environment: Environment) -> IPv4Network:
        """The quarter of a team's block that an environment has."""
        return list(team.subnets(prefixlen_diff=2))[ENVIRONMENTS.index(environment)]

    def subnets(self, network: IPv4Network, zones: int) -> SubnetPlan:
        """The subnets of a network. The third zone has its place even when two are used, so that it can be added."""
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
