from ipaddress import IPv4Network

import pytest

from settings.derived.endpoint_services import ADMINISTRATION, API, GATEWAYS, SPARK, TRACKING, shared_endpoint_services
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS, WORKING_KINDS
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    DELIVERED,
    SERVING,
    Deployment,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.routes import find_egress

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
TRANSIT_ROUTE = "aws:ec2transitgateway/route:Route"
TRANSIT_ASSOCIATION = "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation"
ACCEPTER = "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter"
VPC = "aws:ec2/vpc:Vpc"
CALLERS = [*WORKING_KINDS, *(f"fraud-{environment}" for environment in ENVIRONMENTS)]
ENDPOINTS_CIDR = "10.0.64.0/19"


@pytest.fixture(scope="module")
def shared():
    """Returns the example with shared endpoints."""
    team = example_team(use_cases=DELIVERED)
    return Deployment(example_foundation(organization=example_organization(endpoints="shared"), teams=[team]))


def cidr(recorder):
    return recorder.one(VPC).inputs["cidrBlock"]


def test_with_dedicated_endpoints_the_network_account_has_only_dns_rules():
    recorder = example_deployment()["network"]
    assert not recorder.all(VPC)
    assert recorder.exports.get("transit_gateway_id") is None
    shared_arns = [r.inputs["resourceArn"] for r in recorder.all("aws:ram/resourceAssociation:ResourceAssociation")]
    assert [arn.split(":")[5].split("/")[0] for arn in shared_arns] == ["resolverFirewallRuleGroup"]


@pytest.mark.parametrize("endpoints", ["dedicated", "shared"])
def test_the_network_account_shares_its_resources_only_with_the_organization(endpoints):
    foundation = example_foundation(organization=example_organization(endpoints=endpoints))
    recorder = Deployment(foundation)["network"]
    organization = example_deployment()["organization"].exports
    (principal,) = recorder.all("aws:ram/principalAssociation:PrincipalAssociation")
    assert principal.inputs["principal"].endswith(f":organization/{organization['organization_id']}")
    assert recorder.one("aws:ram/resourceShare:ResourceShare").inputs["allowExternalPrincipals"] is False


@pytest.mark.requirement("NET-02.b")
def test_shared_endpoints_admit_only_the_organization_on_its_own_resources(shared):
    organization = shared["organization"].exports["organization_id"]
    for endpoint in shared["network"].all(ENDPOINT):
        found = statements(endpoint)["OurCallersOnOurResources"]["Condition"]
        assert found == {"StringEquals": {"aws:PrincipalOrgID": organization, "aws:ResourceOrgID": organization}}


@pytest.mark.requirement("NET-01")
@pytest.mark.parametrize("stack", CALLERS)
def test_every_service_that_a_role_may_call_has_an_endpoint_here_or_among_the_shared_ones(shared, stack):
    reached = {
        action.split(":")[0]
        for endpoint in (*shared["network"].all(ENDPOINT), *shared[stack].all(ENDPOINT))
        for statement in statements(endpoint).values()
        for action in as_list(statement["Action"])
    }
    called = {
        action.split(":")[0]
        for policy in shared[stack].all("aws:iam/rolePolicy:RolePolicy")
        # Deployers call from the network of the governance account, and reviews from outside.
        if policy.name not in ("deployer-builds-1", "deployer-permissions", "reviewer-permissions")
        for statement in statements(policy).values()
        for action in as_list(statement["Action"])
    }
    # SageMaker calls EC2 on the role's behalf, and passing a role is a permission, not a call.
    assert called - {"ec2", "iam"} <= reached


@pytest.mark.parametrize("stack", CALLERS)
def test_with_shared_endpoints_a_network_has_the_profile_and_only_endpoints_that_are_not_shared(shared, stack):
    recorder, network = shared[stack], shared["network"].exports
    unshared = {
        "fraud-experimentation": (*TRACKING, *SPARK),
        "governance": (*ADMINISTRATION, *SPARK),
        **dict.fromkeys((*SERVING, "tooling"), API),
    }
    own = {*GATEWAYS, *unshared.get(stack, ())}
    assert {e.inputs["serviceName"] for e in recorder.all(ENDPOINT)} == {
        service.service_name.format(region="eu-west-1") for service in own
    }
    profile = recorder.one("aws:route53/profilesAssociation:ProfilesAssociation").inputs
    assert (profile["profileId"], profile["resourceId"]) == (
        network["endpoint_profile_id"],
        recorder.exports["vpc_id"],
    )


@pytest.mark.parametrize("stack", ["tooling", *(f"fraud-{environment}" for environment in ENVIRONMENTS)])
def test_workloads_reach_the_shared_endpoints_and_those_of_their_own_network(shared, stack):
    rules = [rule.inputs for rule in shared[stack].all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")]
    assert {rule["cidrIpv4"] for rule in rules if "cidrIpv4" in rule} == {ENDPOINTS_CIDR}
    interfaces = [
        endpoint for endpoint in shared[stack].all(ENDPOINT) if endpoint.inputs["vpcEndpointType"] == "Interface"
    ]
    groups = {group for interface in interfaces for group in interface.inputs["securityGroupIds"]}
    assert groups <= {rule.get("referencedSecurityGroupId") for rule in rules}


def test_the_profile_contains_every_shared_endpoint(shared):
    found = shared["network"].all("aws:route53/profilesResourceAssociation:ProfilesResourceAssociation")
    assert {record.inputs["name"] for record in found} == {service.name for service in shared_endpoint_services()}


@pytest.mark.requirement("DEV-03.a", "PRE-02.b", "AMB-21.a")
@pytest.mark.parametrize("stack", CALLERS)
def test_with_shared_endpoints_the_only_route_leads_to_them(shared, stack):
    assert find_egress(shared[stack]) == [
        f"shared-endpoints-route: {ENDPOINTS_CIDR} -> transit",
        "shared-endpoints-attachment: aws:ec2transitgateway/vpcAttachment:VpcAttachment -> exists",
    ]


def test_shared_endpoints_accept_connections_of_every_network(shared):
    rules = shared["network"].all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [rule.inputs["cidrIpv4"] for rule in rules] == ["10.0.0.0/8"]


@pytest.mark.parametrize("stack", ["governance", "fraud-development"])
def test_a_network_routes_to_the_shared_endpoints_after_it_is_attached(shared, stack):
    """EC2 refuses a route to a transit gateway that the network is not attached to."""
    route = shared[stack].one("aws:ec2/route:Route", "shared-endpoints-route")
    attachment = shared[stack].one("aws:ec2transitgateway/vpcAttachment:VpcAttachment")
    assert attachment.urn in route.dependencies


@pytest.mark.requirement("DEV-03.a", "PRE-02.b")
def test_the_endpoint_network_routes_only_to_callers(shared):
    assert cidr(shared["network"]) == ENDPOINTS_CIDR
    assert find_egress(shared["network"]) == [
        "hub-way-back: 10.0.0.0/8 -> transit",
        "hub-attachment: aws:ec2transitgateway/vpcAttachment:VpcAttachment -> exists",
    ]


@pytest.mark.requirement("ACC-04.c", "DEV-03.a")
def test_the_transit_gateway_routes_callers_to_the_endpoints_and_never_to_each_other(shared):
    network = shared["network"].exports
    every = [shared["network"], *(shared[stack] for stack in CALLERS)]
    routes = [route.inputs for recorder in every for route in recorder.all(TRANSIT_ROUTE)]
    for_callers = [r for r in routes if r["transitGatewayRouteTableId"] == network["callers_table_id"]]
    assert [(r["destinationCidrBlock"], r["transitGatewayAttachmentId"]) for r in for_callers] == [
        (ENDPOINTS_CIDR, "hub-attachment-id")
    ]
    for_endpoints = {
        r["destinationCidrBlock"] for r in routes if r["transitGatewayRouteTableId"] == network["endpoints_table_id"]
    }
    assert for_endpoints == {cidr(shared[stack]) for stack in CALLERS}
    followed = {
        association.inputs["transitGatewayRouteTableId"]
        for stack in CALLERS
        for association in shared[stack].all(TRANSIT_ASSOCIATION)
    }
    assert followed == {network["callers_table_id"]}


def test_the_transit_gateway_accepts_and_propagates_nothing_by_default(shared):
    gateway = shared["network"].one("aws:ec2transitgateway/transitGateway:TransitGateway").inputs
    assert {
        gateway["autoAcceptSharedAttachments"],
        gateway["defaultRouteTableAssociation"],
        gateway["defaultRouteTablePropagation"],
    } == {"disable"}


@pytest.mark.parametrize("stack", CALLERS)
def test_a_joining_networks_stack_admits_it_in_the_network_account(shared, stack):
    recorder = shared[stack]
    (accepter,) = recorder.all(ACCEPTER)
    assert accepter.provider == "network"
    own = {record.provider for record in recorder.resources} - {"network"}
    assert own == {stack}
    admitted = {record.type for record in recorder.resources if record.provider == "network"}
    assert admitted == {ACCEPTER, TRANSIT_ASSOCIATION, TRANSIT_ROUTE}


@pytest.mark.parametrize("stack", CALLERS)
def test_workloads_call_shared_endpoints_by_their_addresses(shared, stack):
    if stack in WORKING_KINDS:
        return
    rule = shared[stack].one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "workloads-to-endpoints").inputs
    assert (rule["cidrIpv4"], rule["fromPort"]) == (ENDPOINTS_CIDR, 443)


def test_an_attachment_within_one_account_needs_no_acceptance():
    organization = example_organization(endpoints="shared", placement="small")
    deployed = Deployment(example_foundation(organization=organization, teams=[example_team()]))
    recorder = deployed["fraud-production"]
    assert not recorder.all(ACCEPTER)
    assert len({record.provider for record in recorder.resources}) == 1


def test_without_a_network_account_a_network_has_its_own_dns_rules():
    organization = example_organization(phase="initial")
    recorder = Deployment(example_foundation(organization=organization, teams=[example_team()]))[
        "fraud-experimentation"
    ]
    group = recorder.one("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup")
    rules = recorder.all("aws:route53/resolverFirewallRule:ResolverFirewallRule")
    assert group.inputs["name"] == "fraud-experimentation-aws"
    assert {rule.inputs["action"] for rule in rules} == {"ALLOW", "BLOCK"}


@pytest.mark.requirement("EXP-05.c")
def test_experiments_can_resolve_exactly_the_hosts_that_they_may_reach():
    settings = EnvironmentSettings(
        team="fraud", environment="experimentation", internet_access=True, allowed_domains=["pypi.org", ".conda.io"]
    )
    foundation = example_foundation(settings, teams=[example_team()])
    upstream = example_deployment().outputs_before("fraud-experimentation")
    recorder = deploy_stack("fraud-experimentation", foundation, upstream=upstream)
    names = recorder.one("aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList").inputs["domains"]
    assert names == ["pypi.org.", "conda.io.", "*.conda.io."]
    groups = [
        association.inputs["firewallRuleGroupId"]
        for association in sorted(
            recorder.all("aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"),
            key=lambda association: association.inputs["priority"],
        )
    ]
    assert groups == ["dns-hosts-id", example_deployment()["network"].exports["dns_rule_group_id"]]


@pytest.mark.parametrize("stack", ["network", *CALLERS])
def test_networks_with_shared_endpoints_have_flow_logs_and_a_dns_firewall(shared, stack):
    recorder = shared[stack]
    flow = recorder.one("aws:ec2/flowLog:FlowLog").inputs
    assert flow["logDestination"] == shared["audit"].exports["log_bucket_arn"]
    (guard,) = recorder.all("aws:route53/resolverFirewallConfig:ResolverFirewallConfig")
    assert guard.inputs["firewallFailOpen"] == "DISABLED"


def test_network_blocks_of_the_address_plan_do_not_overlap(shared):
    networks = [IPv4Network(cidr(shared[stack])) for stack in ("network", *CALLERS)]
    assert not [(a, b) for i, a in enumerate(networks) for b in networks[:i] if a.overlaps(b)]
