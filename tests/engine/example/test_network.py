"""Where the networks of the example lead, and with which names and records, read back with boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from settings.files.loader import load
from settings.types.kinds import ENVIRONMENTS, WORKING_KINDS
from tests.support.networks import find_egress, routes_of
from tests.support.workbench import Workbench

WITHOUT_INTERNET = ["churn-experimentation", *(f"fraud-{e}" for e in ENVIRONMENTS[1:]), *WORKING_KINDS]
CALLERS = ["fraud-experimentation", "fraud-development"]


@pytest.mark.requirement("DEV-03", "NET-03", "PRE-02")
@pytest.mark.parametrize("stack", WITHOUT_INTERNET)
def test_no_route_leads_out_of_a_network(acme: Workbench, stack: str) -> None:
    outputs = acme.outputs(stack)
    assert find_egress(acme.client("ec2", outputs["account_id"]), outputs["vpc_id"]) == set()


@pytest.mark.requirement("EXP-05")
def test_experimentation_reaches_listed_hosts_through_its_firewall_where_its_switch_is_on(acme: Workbench) -> None:
    settings = load(acme.project).environment_of("fraud", "experimentation")
    assert settings.internet_access
    outputs = acme.outputs("fraud-experimentation")
    ec2 = acme.client("ec2", outputs["account_id"])
    firewalls = acme.client("network-firewall", outputs["account_id"])
    assert {way.partition("-")[0] for way in find_egress(ec2, outputs["vpc_id"])} == {"igw", "nat"}

    described = firewalls.describe_firewall(FirewallName="fraud-experimentation")
    (state,) = described["FirewallStatus"]["SyncStates"].values()
    tables = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": outputs["private_subnet_ids"]}]
    )["RouteTables"]
    defaults = {r["GatewayId"] for t in tables for r in t["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"}
    assert defaults == {state["Attachment"]["EndpointId"]}
    group = firewalls.describe_rule_group(RuleGroupName="fraud-experimentation-domains")["RuleGroup"]
    assert group["RulesSource"]["RulesSourceList"]["Targets"] == list(settings.allowed_domains)


@pytest.mark.requirement("NET-02")
@pytest.mark.parametrize("stack", [*(f"fraud-{environment}" for environment in ENVIRONMENTS), *WORKING_KINDS])
def test_every_endpoint_admits_only_the_organization(acme: Workbench, stack: str) -> None:
    organization = acme.outputs("organization")["organization_id"]
    outputs = acme.outputs(stack)
    here = [{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}]
    found = acme.client("ec2", outputs["account_id"]).describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
    # A firewall's own endpoint passes packets, and knows no callers.
    endpoints = [endpoint for endpoint in found if endpoint["VpcEndpointType"] != "GatewayLoadBalancer"]
    assert {e["VpcEndpointType"] for e in endpoints} == {"Gateway", "Interface"}
    assert [e["ServiceName"] for e in endpoints if organization not in e["PolicyDocument"]] == []


@pytest.mark.requirement("AUD-03")
@pytest.mark.parametrize("stack", ["fraud-production", "tooling"])
def test_all_traffic_is_recorded_in_the_log_archive(acme: Workbench, stack: str) -> None:
    outputs = acme.outputs(stack)
    here = [{"Name": "resource-id", "Values": [outputs["vpc_id"]]}]
    (flow_log,) = acme.client("ec2", outputs["account_id"]).describe_flow_logs(Filters=here)["FlowLogs"]
    assert (flow_log["TrafficType"], flow_log["LogDestinationType"]) == ("ALL", "s3")
    assert flow_log["LogDestination"] == acme.outputs("audit")["log_bucket_arn"]


@pytest.mark.parametrize("stack", ["fraud-experimentation", "fraud-production", "data-lake"])
def test_names_are_asked_of_a_firewall_that_fails_closed(acme: Workbench, stack: str) -> None:
    outputs = acme.outputs(stack)
    resolver = acme.client("route53resolver", outputs["account_id"])
    setting = resolver.get_firewall_config(ResourceId=outputs["vpc_id"])["FirewallConfig"]
    assert setting["FirewallFailOpen"] == "DISABLED"
    found = resolver.list_firewall_rule_group_associations()["FirewallRuleGroupAssociations"]
    last = max(found, key=lambda association: association["Priority"])
    assert last["FirewallRuleGroupId"] == acme.outputs("network")["dns_rule_group_id"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One team in the phase that brings the network account, with one set of endpoints for everybody."""
    workbench = Workbench.of_example(tmp_path_factory.mktemp("shared"), teams=("fraud",), phase="repeatable")
    workbench.change_organization(endpoints="shared")
    workbench.sandbox("up")
    try:
        workbench.plinth("up", "organization", "audit", "identity", "network", "fraud", *CALLERS, "--yes")
        yield workbench
    finally:
        workbench.sandbox("down")


def addresses(workbench: Workbench, stack: str) -> str:
    outputs = workbench.outputs(stack)
    (vpc,) = workbench.client("ec2", outputs["account_id"]).describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"]
    return str(vpc["CidrBlock"])


def test_shared_endpoints_a_second_run_changes_nothing(shared: Workbench) -> None:
    report = json.loads(shared.plinth("preview", "network", *CALLERS, "--refresh", "--json").stdout)
    assert report["changes"] == {}


@pytest.mark.requirement("DEV-03")
def test_shared_endpoints_are_all_that_development_leads_to(shared: Workbench) -> None:
    network, outputs = shared.outputs("network"), shared.outputs("fraud-development")
    ec2 = shared.client("ec2", outputs["account_id"])
    assert find_egress(ec2, outputs["vpc_id"]) == {network["transit_gateway_id"]}
    through = [r for r in routes_of(ec2, outputs["vpc_id"]) if "TransitGatewayId" in r]
    assert [route["DestinationCidrBlock"] for route in through] == [addresses(shared, "network")]


@pytest.mark.requirement("DEV-03")
def test_shared_endpoints_stand_in_a_network_that_leads_back_alone(shared: Workbench) -> None:
    network = shared.outputs("network")
    ec2 = shared.client("ec2", network["account_id"])
    assert find_egress(ec2, network["vpc_id"]) == {network["transit_gateway_id"]}


@pytest.mark.requirement("ACC-04", "DEV-03")
def test_shared_endpoints_are_reached_by_networks_that_do_not_reach_each_other(shared: Workbench) -> None:
    network = shared.outputs("network")
    ec2 = shared.client("ec2", network["account_id"])
    attachments = {
        a["VpcId"]: a for a in ec2.describe_transit_gateway_vpc_attachments()["TransitGatewayVpcAttachments"]
    }
    assert {attachment["State"] for attachment in attachments.values()} == {"available"}

    def followers(table: str) -> set[str]:
        answer = ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)
        return {association["ResourceId"] for association in answer["Associations"]}

    def routes(table: str) -> dict[str, str]:
        every = [{"Name": "state", "Values": ["active"]}]
        answer = ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=table, Filters=every)
        return {
            route["DestinationCidrBlock"]: route["TransitGatewayAttachments"][0]["ResourceId"]
            for route in answer["Routes"]
        }

    callers = {stack: shared.outputs(stack)["vpc_id"] for stack in CALLERS}
    assert set(attachments) == {network["vpc_id"], *callers.values()}
    assert followers(network["callers_table_id"]) == set(callers.values())
    assert routes(network["callers_table_id"]) == {addresses(shared, "network"): network["vpc_id"]}
    assert followers(network["endpoints_table_id"]) == {network["vpc_id"]}
    assert routes(network["endpoints_table_id"]) == {addresses(shared, stack): vpc for stack, vpc in callers.items()}


@pytest.mark.requirement("NET-01", "NET-02")
def test_shared_endpoints_are_one_set_whose_names_every_network_knows(shared: Workbench) -> None:
    network, organization = shared.outputs("network"), shared.outputs("organization")["organization_id"]
    endpoints = shared.client("ec2", network["account_id"]).describe_vpc_endpoints()["VpcEndpoints"]
    profiles = shared.client("route53profiles", network["account_id"])
    content = profiles.list_profile_resource_associations(ProfileId=network["endpoint_profile_id"])
    assert len(endpoints) == len(content["ProfileResourceAssociations"]) > 20
    assert [e["ServiceName"] for e in endpoints if organization not in e["PolicyDocument"]] == []
    for stack in CALLERS:
        outputs = shared.outputs(stack)
        known = shared.client("route53profiles", outputs["account_id"]).list_profile_associations()
        assert [(a["ProfileId"], a["ResourceId"]) for a in known["ProfileAssociations"]] == [
            (network["endpoint_profile_id"], outputs["vpc_id"])
        ]
        here = [{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}]
        own = shared.client("ec2", outputs["account_id"]).describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
        assert own
        # But for managed MLflow, which is in the network of whoever has it.
        tracked = shared.settings_of(stack).get("studio", {}).get("tracking")
        found = {e["ServiceName"] for e in own if e["VpcEndpointType"] == "Interface"}
        assert found == ({"aws.sagemaker.eu-west-1.experiments"} if tracked else set())


@pytest.mark.requirement("ACC-03")
def test_shared_endpoints_are_shared_with_the_organization_and_nobody_by_name(shared: Workbench) -> None:
    ram = shared.client("ram", shared.outputs("network")["account_id"])
    (share,) = [s for s in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"] if s["status"] == "ACTIVE"]
    assert share["allowExternalPrincipals"] is False
    answer = ram.get_resource_share_associations(associationType="PRINCIPAL")
    organization = shared.outputs("organization")["organization_id"]
    assert [a["associatedEntity"].rpartition("/")[2] for a in answer["resourceShareAssociations"]] == [organization]
