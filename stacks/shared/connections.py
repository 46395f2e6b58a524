"""What every network is connected to: AWS by endpoints, names through the DNS firewall, its records in the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi

from components.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from components.network.dns_rules import AWS_NAMES, DnsRules, DnsRulesArgs, absolute
from components.network.endpoint_policy import Perimeter
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from components.network.private_network import PrivateNetwork, PrivateNetworkArgs
from components.network.transit.shared_endpoint_access import SharedEndpointAccess, SharedEndpointAccessArgs
from components.network.transit.transit_admission import TransitAdmission, TransitAdmissionArgs
from settings.derived.accounts import Account
from settings.derived.endpoint_services import EndpointService, own_endpoint_services
from settings.derived.foundation import Foundation
from settings.derived.outputs import AuditOutputs, NetworkOutputs
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import kinds_in
from stacks.shared.providers import account_provider
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """How a stack's network reaches what lies outside it; the same for environments and for durable accounts."""

    stack: StackIdentity
    foundation: Foundation
    account: Account
    region: str
    place: PrivateNetworkArgs
    perimeter: Perimeter
    archive: pulumi.Output[AuditOutputs]
    network: pulumi.Output[NetworkOutputs] | None
    """What the network account offers; None in a phase that does not have one yet."""

    @classmethod
    def of(
        cls,
        stack: StackIdentity,
        foundation: Foundation,
        *,
        account: Account,
        place: PrivateNetworkArgs,
        perimeter: Perimeter,
        archive: pulumi.Output[AuditOutputs],
    ) -> Connections:
        """From the settings, and from the stack of the network account."""
        has_network = "network" in kinds_in(foundation.organization.phase)
        return cls(
            stack=stack,
            foundation=foundation,
            account=account,
            region=foundation.organization.home_region,
            place=place,
            perimeter=perimeter,
            archive=archive,
            network=read(NetworkOutputs, StackIdentity("network")) if has_network else None,
        )

    @property
    def shared_endpoints(self) -> pulumi.Output[NetworkOutputs] | None:
        """The network account's stack, where its endpoints are everybody's."""
        return self.network if self.foundation.organization.endpoints == "shared" else None

    @property
    def endpoints_cidr(self) -> IPv4Network:
        """Addresses of the network account's own network."""
        return self.foundation.organization.address_plan.kind_block("network")

    def to_aws(
        self, network: PrivateNetwork, services: Sequence[EndpointService], opts: pulumi.ResourceOptions
    ) -> PrivateEndpoints:
        """Endpoints of the network's own; where interfaces are shared, only those that are not."""
        shared = self.shared_endpoints
        args = PrivateEndpointsArgs(
            label=self.place.label,
            region=self.region,
            vpc_id=network.vpc_id,
            cidr=self.place.cidr,
            subnet_ids=network.subnet_ids,
            route_table_ids=[network.route_table_id],
            services=services if shared is None else own_endpoint_services(services),
            perimeter=self.perimeter,
        )
        endpoints = PrivateEndpoints("endpoints", args, opts)
        if shared is not None:
            self._to_shared_endpoints(shared, network, opts)
        return endpoints

    def _to_shared_endpoints(
        self, shared: pulumi.Output[NetworkOutputs], network: PrivateNetwork, opts: pulumi.ResourceOptions
    ) -> None:
        access = SharedEndpointAccess(
            "shared-endpoints",
            SharedEndpointAccessArgs(
                label=self.place.label,
                gateway_id=shared.apply(lambda outputs: outputs.transit_gateway_id or ""),
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids,
                route_table_id=network.route_table_id,
                endpoints_cidr=self.endpoints_cidr,
                profile_id=shared.apply(lambda outputs: outputs.endpoint_profile_id or ""),
            ),
            opts,
        )
        owner = self.foundation.account_of("network")
        elsewhere = owner != self.account
        if elsewhere:
            # The network account lists no one; who joins it is admitted there by the stack that joins.
            owner_id = shared.apply(lambda outputs: outputs.account_id)
            opts = pulumi.ResourceOptions(provider=account_provider(self.foundation, self.stack, owner, owner_id))
        admission = TransitAdmissionArgs(
            label=self.place.label,
            attachment_id=access.attachment_id,
            cidr=self.place.cidr,
            callers_table_id=shared.apply(lambda outputs: outputs.callers_table_id or ""),
            endpoints_table_id=shared.apply(lambda outputs: outputs.endpoints_table_id or ""),
            from_another_account=elsewhere,
        )
        TransitAdmission("admission", admission, opts)

    def to_names(self, network: PrivateNetwork, opts: pulumi.ResourceOptions, *, further: Sequence[str] = ()) -> None:
        """AWS's names and ``further`` hosts; nothing else is looked up."""
        groups: list[pulumi.Input[str]] = []
        if further:
            allowed = [name for domain in further for name in absolute(domain)]
            hosts = DnsRulesArgs(group_name=f"{self.place.label}-hosts", allowed=allowed, blocks_the_rest=False)
            groups.append(DnsRules("dns-hosts", hosts, opts).group_id)
        if self.network is None:
            rules = DnsRulesArgs(group_name=f"{self.place.label}-aws", allowed=AWS_NAMES, blocks_the_rest=True)
            groups.append(DnsRules("dns-rules", rules, opts).group_id)
        else:
            groups.append(self.network.apply(lambda outputs: outputs.dns_rule_group_id))
        firewall = DnsFirewallArgs(label=self.place.label, vpc_id=network.vpc_id, rule_group_ids=groups)
        DnsFirewall("dns-firewall", firewall, opts)

    def to_archive(self, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> None:
        """A record of every connection."""
        archive_arn = self.archive.apply(lambda outputs: outputs.log_bucket_arn)
        args = FlowLogsArgs(label=self.place.label, vpc_id=network.vpc_id, archive_arn=archive_arn)
        FlowLogs("flow-logs", args, opts)
