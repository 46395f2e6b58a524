"""Where the networks of the example lead, and with which names and records, read back with boto3."""

from __future__ import annotations

import pytest

from settings.files.loader import load
from settings.types.kinds import ENVIRONMENTS, WORKING_KINDS
from tests.support.networks import find_egress
from tests.support.workbench import Workbench

WITHOUT_INTERNET = ["churn-experimentation", *(f"fraud-{e}" for e in ENVIRONMENTS[1:]), *WORKING_KINDS]


@pytest.mark.requirement("DEV-03.a", "NET-03.a", "PRE-02.b", "PER-03.b")
@pytest.mark.parametrize("stack", WITHOUT_INTERNET)
def test_no_route_leads_out_of_a_network(acme: Workbench, stack: str) -> None:
    outputs = acme.outputs(stack)
    assert find_egress(acme.client("ec2", outputs["account_id"]), outputs["vpc_id"]) == set()


@pytest.mark.requirement("EXP-05.c")
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


@pytest.mark.requirement("NET-02.b")
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
