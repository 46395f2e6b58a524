"""The network account: DNS firewall rules for every network and, if endpoints are shared, the endpoints."""

from __future__ import annotations

import pulumi

from components.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from components.network.dns_rules import DnsRules, DnsRulesArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from components.network.private_network import PrivateNetwork
from components.network.transit.endpoint_profile import EndpointProfile, EndpointProfileArgs
from components.network.transit.organization_share import OrganizationShare, OrganizationShareArgs
from components.network.transit.transit_hub import TransitHub, TransitHubArgs
from settings.derived.endpoint_services import offered_in, shared_endpoint_services
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from stacks.network.context import NetworkContext
from stacks.shared.account_setup import set_up_account
from stacks.shared.exports import export
from stacks.shared.outputs import NetworkOutputs
from stacks.shared.people import create_people_roles
from stacks.shared.providers.accounts import account_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the network account. The stack of each joining network admits that network (TransitAdmission)."""
    context = NetworkContext.of(foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, context.account, context.account_id))

    set_up_account(foundation, context, context.audit.configuration_bucket_name, opts)
    rules = DnsRules(
        "dns-rules", DnsRulesArgs(group_name="plinth-aws-names", allowed=context.names, blocks_the_rest=True), opts
    )
    network = hub = profile = None
    if context.shares_endpoints:
        network = _network(context, rules, opts)
        profile = _endpoints(context, network, opts)
        hub = _hub(context, network, opts)
    _share(context, rules, hub, profile, opts)
    create_people_roles(foundation, "network", "network", context.organization.organization_id, opts)

    export(
        NetworkOutputs,
        account_id=context.account_id,
        region=context.region,
        dns_rule_group_id=rules.group_id,
        vpc_id=network and network.vpc_id,
        transit_gateway_id=hub and hub.gateway_id,
        callers_table_id=hub and hub.callers_table_id,
        endpoints_table_id=hub and hub.endpoints_table_id,
        endpoint_profile_id=profile and profile.profile_id,
    )


def _network(context: NetworkContext, rules: DnsRules, opts: pulumi.ResourceOptions) -> PrivateNetwork:
    """Creates the network of the shared endpoints, with flow logs and DNS firewall like any other network."""
    network = PrivateNetwork("network", context.network, opts)
    label = context.network.label
    archive_arn = context.audit.log_bucket_arn
    FlowLogs("flow-logs", FlowLogsArgs(label=label, vpc_id=network.vpc_id, archive_arn=archive_arn), opts)
    firewall = DnsFirewallArgs(label=label, vpc_id=network.vpc_id, rule_group_ids=[rules.group_id])
    DnsFirewall("dns-firewall", firewall, opts)
    return network


def _endpoints(context: NetworkContext, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> EndpointProfile:
    args = PrivateEndpointsArgs(
        label=context.network.label,
        region=context.region,
        vpc_id=network.vpc_id,
        cidr=context.supernet,
        subnet_ids=network.subnet_ids,
        route_table_ids=[network.route_table_id],
        services=offered_in(context.region, shared_endpoint_services()),
        perimeter=context.perimeter,
    )
    endpoints = PrivateEndpoints("endpoints", args, opts)
    profile = EndpointProfileArgs(profile_name="plinth-endpoints", endpoint_arns=endpoints.endpoint_arns)
    return EndpointProfile("profile", profile, opts)


def _hub(context: NetworkContext, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> TransitHub:
    args = TransitHubArgs(
        label=context.network.label,
        vpc_id=network.vpc_id,
        cidr=context.network.cidr,
        subnet_ids=network.subnet_ids,
        route_table_id=network.route_table_id,
        supernet=context.supernet,
    )
    return TransitHub("hub", args, opts)


def _share(
    context: NetworkContext,
    rules: DnsRules,
    hub: TransitHub | None,
    profile: EndpointProfile | None,
    opts: pulumi.ResourceOptions,
) -> None:
    """Shares the network's resources with the whole organization, without listing teams or accounts."""
    arns: dict[str, pulumi.Input[str]] = {"dns-rules": rules.group_arn}
    if hub is not None:
        arns["transit-gateway"] = hub.gateway_arn
    if profile is not None:
        arns["endpoints"] = profile.profile_arn
    args = OrganizationShareArgs(
        share_name="plinth-network",
        organization_id=context.organization.organization_id,
        management_account_id=context.organization.management_account_id,
        resource_arns=arns,
    )
    OrganizationShare("share", args, opts)
