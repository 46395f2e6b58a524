"""Where the network stack is built, and for whom: the settings joined with what other stacks promised."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi

from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from settings.derived.foundation import Foundation
from settings.derived.outputs import AuditOutputs, OrganizationOutputs
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from stacks.shared.account_context import AccountPlace
from stacks.shared.deployment import has_deployers
from stacks.shared.network_context import private_network
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkAccount(AccountPlace):
    """The network kind in its account, which is its own or that of another durable kind."""

    archive: pulumi.Output[AuditOutputs]
    network: PrivateNetworkArgs
    supernet: IPv4Network
    """Addresses of every network that may call."""
    shares_endpoints: bool
    has_runner: bool
    """Whether deployments come through the shared endpoints."""

    @classmethod
    def of(cls, foundation: Foundation) -> NetworkAccount:
        """The place, from the settings and from the stacks of the organization and the audit account."""
        settings = foundation.organization
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        cidr = settings.address_plan.kind_block("network")
        return cls(
            kind="network",
            account=foundation.account_of("network"),
            region=settings.home_region,
            account_id=account_of_kind(organization, "network"),
            organization=organization,
            archive=read(AuditOutputs, StackIdentity("audit")),
            network=private_network(foundation, "shared-endpoints", cidr, ZONES_OF_SHARED_NETWORKS),
            supernet=settings.address_plan.supernet,
            shares_endpoints=settings.endpoints == "shared",
            has_runner=has_deployers(foundation),
        )

    @property
    def perimeter(self) -> Perimeter:
        """One policy for everybody: the organization. What keeps teams apart is their roles and resources (NET-02)."""
        return Perimeter(organization_id=self.organization_id, region=self.region, admits_deployers=self.has_runner)
