"""The network account: name rules for every network, and where endpoints are shared, the one set of them."""

from __future__ import annotations

import pulumi

from components.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from components.network.dns_rules import AWS_NAMES, DnsRules, DnsRulesArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from components.network.private_network import PrivateNetwork
from components.network.transit.endpoint_profile import EndpointProfile, EndpointProfileArgs
from components.network.transit.organization_share import OrganizationShare, OrganizationShareArgs
from components.network.transit.transit_hub import TransitHub, TransitHubArgs
from settings.derived.endpoint_services import shared_endpoint_services
from settings.derived.foundation import Foundation
from settings.derived.outputs import NetworkOutputs
from settings.derived.stack_graph import StackIdentity
from stacks.network.context import NetworkAccount
from stacks.shared.account_setup import set_up_account
from stacks.shared.exports import export
from stacks.shared.people import admit_without_identity_center
from stacks.shared.providers import account_provider


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the network account. Whoever joins is admitted by a stack of his own (TransitAdmission)."""
    place = NetworkAccount.of(foundation)
    opts = pulumi.ResourceOptions(provider=account_provider(foundation, stack, place.account, place.account_id))

    set_up_account(foundation, place, place.archive.apply(lambda outputs: outputs.log_bucket_name), opts)
    rules = DnsRules(
        "dns-rules", DnsRulesArgs(group_name="plinth-aws-names", allowed=AWS_NAMES, blocks_the_rest=True), opts
    )
    network = hub = profile = None
    if place.shares_endpoints:
        network = _network(place, rules, opts)
        profile = _endpoints(place, network, opts)
        hub = _hub(place, network, opts)
    _share(place, rules, hub, profile, opts)
    admit_without_identity_center(foundation, "network", "network", place.organization_id, opts)

    export(
        NetworkOutputs,
        account_id=place.account_id,
        region=place.region,
        dns_rule_group_id=rules.group_id,
        vpc_id=network and network.vpc_id,
        transit_gateway_id=hub and hub.gateway_id,
        callers_table_id=hub and hub.callers_table_id,
        endpoints_table_id=hub and hub.endpoints_table_id,
        endpoint_profile_id=profile and profile.profile_id,
    )


def _network(place: NetworkAccount, rules: DnsRules, opts: pulumi.ResourceOptions) -> PrivateNetwork:
    """Where the endpoints stand and nothing else. It is recorded and guarded like any other."""
    network = PrivateNetwork("network", place.network, opts)
    label = place.network.label
    archive_arn = place.archive.apply(lambda outputs: outputs.log_bucket_arn)
    FlowLogs("flow-logs", FlowLogsArgs(label=label, vpc_id=network.vpc_id, archive_arn=archive_arn), opts)
    guard = DnsFirewallArgs(label=label, vpc_id=network.vpc_id, rule_group_ids=[rules.group_id])
    DnsFirewall("dns-firewall", guard, opts)
    return network


def _endpoints(place: NetworkAccount, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> EndpointProfile:
    args = PrivateEndpointsArgs(
        label=place.network.label,
        region=place.region,
        vpc_id=network.vpc_id,
        cidr=place.supernet,
        subnet_ids=network.subnet_ids,
        route_table_ids=[network.route_table_id],
        services=shared_endpoint_services(),
        perimeter=place.perimeter,
    )
    endpoints = PrivateEndpoints("endpoints", args, opts)
    profile = EndpointProfileArgs(profile_name="plinth-endpoints", endpoint_arns=endpoints.endpoint_arns)
    return EndpointProfile("profile", profile, opts)


def _hub(place: NetworkAccount, network: PrivateNetwork, opts: pulumi.ResourceOptions) -> TransitHub:
    args = TransitHubArgs(
        label=place.network.label,
        vpc_id=network.vpc_id,
        cidr=place.network.cidr,
        subnet_ids=network.subnet_ids,
        route_table_id=network.route_table_id,
        supernet=place.supernet,
    )
    return TransitHub("hub", args, opts)


def _share(
    place: NetworkAccount,
    rules: DnsRules,
    hub: TransitHub | None,
    profile: EndpointProfile | None,
    opts: pulumi.ResourceOptions,
) -> None:
    """With the organization as a whole: no team and no account is listed."""
    arns: dict[str, pulumi.Input[str]] = {"dns-rules": rules.group_arn}
    if hub is not None:
        arns["transit-gateway"] = hub.gateway_arn
    if profile is not None:
        arns["endpoints"] = profile.profile_arn
    args = OrganizationShareArgs(
        share_name="plinth-network",
        organization_id=place.organization_id,
        management_account_id=place.management_account_id,
        resource_arns=arns,
    )
    OrganizationShare("share", args, opts)
