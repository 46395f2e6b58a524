"""Settings and upstream outputs of the stack ``network``."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from components.network.dns_rules import AWS_NAMES, absolute
from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.address_plan import ZONES_OF_SHARED_NETWORKS
from stacks.shared.account_context import AccountContext
from stacks.shared.deployment import has_deployers
from stacks.shared.network_context import private_network
from stacks.shared.outputs import AuditOutputs, OrganizationOutputs
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkContext(AccountContext):
    """The context of the network stack. Its account may be shared with other durable kinds."""

    audit: AuditOutputs
    network: PrivateNetworkArgs
    supernet: IPv4Network
    """CIDR that contains every network that may call the endpoints."""
    shares_endpoints: bool
    has_runner: bool
    """Whether deployments call AWS through the shared endpoints."""
    runs_requests: bool
    """Whether builds carry out requests through the shared endpoints."""
    tracking_host: str | None
    """Host name of the tracking server, if networks reach it."""
    offers_tracking: bool
    """Whether networks of teams reach it."""

    @classmethod
    def of(cls, foundation: Foundation) -> NetworkContext:
        """Returns the context, from the settings and the outputs of the stacks ``organization`` and ``audit``."""
        settings = foundation.organization
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        cidr = settings.address_plan.kind_block("network")
        return cls(
            kind="network",
            account=foundation.account_of("network"),
            region=settings.home_region,
            account_id=organization.accounts["network"],
            organization=organization,
            audit=read(AuditOutputs, StackIdentity("audit")),
            network=private_network(foundation, "shared-endpoints", cidr, ZONES_OF_SHARED_NETWORKS),
            supernet=settings.address_plan.supernet,
            shares_endpoints=settings.endpoints == "shared",
            has_runner=has_deployers(foundation),
            runs_requests=foundation.runs_requests,
            tracking_host=foundation.tracking_host,
            offers_tracking=foundation.offers_tracking,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names that all networks resolve, in the notation of the DNS firewall."""
        return AWS_NAMES if self.tracking_host is None else (*AWS_NAMES, *absolute(self.tracking_host))

    @property
    def perimeter(self) -> Perimeter:
        """Perimeter of the endpoints, which admits the organization. Roles and resources separate teams (NET-02)."""
        return Perimeter(
            organization_id=self.organization.organization_id,
            region=self.region,
            admits_deployers=self.has_runner,
            admits_provisioner=self.runs_requests,
            endpoint_owners=[self.organization.accounts["tooling"]] if self.offers_tracking else [],
        )
