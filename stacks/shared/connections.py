"""Connections of every network: VPC endpoints to AWS, the DNS firewall, and flow logs to the log archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from settings.derived.endpoint_services import EndpointService, offered_in, own_endpoint_services
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import kinds_in
from stacks.shared.outputs import AuditOutputs, NetworkOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """Connects the network of an environment or of a durable account to what lies outside it."""

    stack: StackIdentity
    foundation: Foundation
    account: Account
    region: str
    private_network: PrivateNetworkArgs
    perimeter: Perimeter
    audit: AuditOutputs
    network_account: NetworkOutputs | None
    """Outputs of the stack ``network``; None in a phase without a network account."""

    @classmethod
    def of(
        cls,
        stack: StackIdentity,
        foundation: Foundation,
        *,
        account: Account,
        private_network: PrivateNetworkArgs,
        perimeter: Perimeter,
        audit: AuditOutputs,
    ) -> Connections:
        """Creates the connections from the settings and the outputs of the stack ``network``."""
        has_network = "network" in kinds_in(foundation.organization.phase)
        return cls(
            stack=stack,
            foundation=foundation,
            account=account,
            region=foundation.organization.home_region,
            private_network=private_network,
            perimeter=perimeter,
            audit=audit,
            network_account=read(NetworkOutputs, StackIdentity("network")) if has_network else None,
        )

    @property
    def shared_endpoints(self) -> NetworkOutputs | None:
        """Outputs of the stack ``network`` if endpoints are shared, else None."""
        return self.network_account if self.foundation.organization.endpoints == "shared" else None

    @property
    def endpoints_cidr(self) -> IPv4Network:
        """CIDR of the network account's network."""
        return self.foundation.organization.address_plan.kind_block("network")

    def create_endpoints(
        self,
        network: PrivateNetwork,
        services: Sequence[EndpointService],
        opts: pulumi.ResourceOptions,
        *,
        private_services: Mapping[str, pulumi.Input[str]] | None = None,
    ) -> PrivateEndpoints:
        """Creates the network's own endpoints. If interface endpoints are shared, creates only those that cannot be.

        ``private_services`` are names of endpoint services of the organization, by suffixes of the endpoints' names.
        """
        shared = self.shared_endpoints
        args = PrivateEndpointsArgs(
            label=self.private_network.label,
            region=self.region,
            vpc_id=network.vpc_id,
            cidr=self.private_network.cidr,
            subnet_ids=network.subnet_ids,
            route_table_ids=[network.route_table_id],
            services=offered_in(self.region, services if shared is None else own_endpoint_services(services)),
            perimeter=self.perimeter,
            private_services=private_services or {},
        )
        endpoints = PrivateEndpoints("endpoints", args, opts)
        if shared is not None:
            self._join_shared_endpoints(shared, network, opts)
        return endpoints

    def _join_shared_endpoints(
        self, shared: NetworkOutputs, network: PrivateNetwork, opts: pulumi.ResourceOptions
    ) -> None:
        access = SharedEndpointAccess(
            "shared-endpoints",
            SharedEndpointAccessArgs(
                label=self.private_network.label,
                gateway_id=shared.transit_gateway_id,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids,
                route_table_id=network.route_table_id,
                endpoints_cidr=self.endpoints_cidr,
                profile_id=shared.endpoint_profile_id,
            ),
            opts,
        )
        owner = self.foundation.account_of("network")
        elsewhere = owner != self.account
        if elsewhere:
            # The network account lists no networks, so the stack of the joining network admits it there.
            owner_id = shared.account_id
            opts = pulumi.ResourceOptions(provider=account_provider(self.foundation, self.stack, owner, owner_id))
        admission = TransitAdmissionArgs(
            label=self.private_network.label,
            attachment_id=access.attachment_id,
            cidr=self.private_network.cidr,
            callers_table_id=shared.callers_table_id,
            endpoints_table_id=shared.endpoints_table_id,
            from_another_account=elsewhere,
        )
        TransitAdmission("admission", admission, opts)

    def restrict_dns(
        self, network: PrivateNetwork, opts: pulumi.ResourceOptions, *, further: Sequence[str] = ()
    ) -> None:
        """Restricts DNS resolution to names of AWS and the hosts in ``further``."""
        groups: list[pulumi.Input[str]] = []
        if further:
            allowed = [name for domain in further for name in absolute(domain)]
            hosts = DnsRulesArgs(
                group_name=f"{self.private_network.label}-hosts", allowed=allowed, blocks_the_rest=False
            )
            groups.append(DnsRules("dns-hosts", hosts, opts).group_id)
        if self.network_account is None:
            rules = DnsRulesArgs(
                group_name=f"{self.private_network.label}-aws", allowed=AWS_NAMES, blocks_the_rest=True
            )
            groups.append(DnsRules("dns-rules", rules, opts).group_id)
        else:
            groups.append(self.network_account.dns_rule_group_id)
        firewall = DnsFirewallArgs(label=self.private_network.label, vpc_id=network.vpc_id, rule_group_ids=groups)
        DnsFirewall("dns-firewall", firewall, opts)

    def create_flow_logs(self, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> None:
        """Delivers the flow logs of the network to the log archive."""
        archive_arn = self.audit.log_bucket_arn
        args = FlowLogsArgs(label=self.private_network.label, vpc_id=network.vpc_id, archive_arn=archive_arn)
        FlowLogs("flow-logs", args, opts)
