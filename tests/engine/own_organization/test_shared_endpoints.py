"""The organization moves to the next phase and to shared endpoints, and every deployment of the step is killed once."""

from __future__ import annotations

import json

import pytest

from plinth_sandbox.waiting import eventually
from tests.support.inventory import ACCOUNT, compare
from tests.support.kills import Kills
from tests.support.networks import find_egress, routes_of
from tests.support.workbench import Workbench

CALLERS = ["sales-experimentation", "sales-development"]
"""Stacks whose networks use the endpoints. The first one had its own before."""


def suspended(acme: Workbench) -> list[str]:
    """Returns the accounts of the team that has left, which no state contains."""
    organizations = acme.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    (unit,) = (unit["Id"] for unit in units if unit["Name"] == "Suspended")
    return [account["Id"] for account in organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]]


def test_whatever_is_killed_nothing_is_orphaned_and_the_next_run_completes(acme: Workbench) -> None:
    """The last changing call before each kill has taken effect, and nobody heard of it.

    ``make kills`` does the same at a hundred random points.
    """
    kills = Kills(acme)
    acme.change_organization(phase="repeatable", endpoints="shared")
    assert kills.kill("up", "organization", "--yes", calls=4)
    acme.plinth("up", "organization", "identity", "--yes")
    assert kills.kill("up", "network", "sales", "--yes", calls=20, victim="machine")
    acme.plinth("up", "network", "sales", "--yes")
    assert kills.kill("up", "sales-development", "--yes", calls=45)
    assert kills.kill("up", "sales-development", "--yes", calls=20, victim="engine")

    acme.plinth("up", *CALLERS, "--yes")
    compared = compare(acme)
    assert compared.faults == [(ACCOUNT, account) for account in suspended(acme)]
    assert {"aws:organizations/account:Account", "aws:ec2/vpcEndpoint:VpcEndpoint"} <= compared.compared.keys()
    assert {"aws:iam/role:Role", "aws:kms/key:Key", "aws:s3/bucket:Bucket"} <= compared.compared.keys()
    assert acme.pending_operations() == {}
    eventually(lambda: not list(kills.processes()))


def addresses(workbench: Workbench, stack: str) -> str:
    outputs = workbench.outputs(stack)
    (vpc,) = workbench.client("ec2", outputs["account_id"]).describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"]
    return str(vpc["CidrBlock"])


def test_shared_endpoints_a_second_run_changes_nothing(acme: Workbench) -> None:
    report = json.loads(acme.plinth("preview", "network", CALLERS[-1], "--refresh", "--json").stdout)
    assert report["changes"] == {}


@pytest.mark.requirement("DEV-03.a")
def test_shared_endpoints_are_all_that_development_leads_to(acme: Workbench) -> None:
    network, outputs = acme.outputs("network"), acme.outputs("sales-development")
    ec2 = acme.client("ec2", outputs["account_id"])
    assert find_egress(ec2, outputs["vpc_id"]) == {network["transit_gateway_id"]}
    through = [r for r in routes_of(ec2, outputs["vpc_id"]) if "TransitGatewayId" in r]
    assert [route["DestinationCidrBlock"] for route in through] == [addresses(acme, "network")]


@pytest.mark.requirement("DEV-03.a")
def test_shared_endpoints_stand_in_a_network_that_leads_back_alone(acme: Workbench) -> None:
    network = acme.outputs("network")
    ec2 = acme.client("ec2", network["account_id"])
    assert find_egress(ec2, network["vpc_id"]) == {network["transit_gateway_id"]}


@pytest.mark.requirement("ACC-04.c", "DEV-03.a")
def test_shared_endpoints_are_reached_by_networks_that_do_not_reach_each_other(acme: Workbench) -> None:
    network = acme.outputs("network")
    ec2 = acme.client("ec2", network["account_id"])
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

    callers = {stack: acme.outputs(stack)["vpc_id"] for stack in CALLERS}
    assert set(attachments) == {network["vpc_id"], *callers.values()}
    assert followers(network["callers_table_id"]) == set(callers.values())
    assert routes(network["callers_table_id"]) == {addresses(acme, "network"): network["vpc_id"]}
    assert followers(network["endpoints_table_id"]) == {network["vpc_id"]}
    assert routes(network["endpoints_table_id"]) == {addresses(acme, stack): vpc for stack, vpc in callers.items()}


@pytest.mark.requirement("NET-01", "NET-02.b")
def test_shared_endpoints_are_one_set_whose_names_every_network_knows(acme: Workbench) -> None:
    network, organization = acme.outputs("network"), acme.outputs("organization")["organization_id"]
    endpoints = acme.client("ec2", network["account_id"]).describe_vpc_endpoints()["VpcEndpoints"]
    profiles = acme.client("route53profiles", network["account_id"])
    content = profiles.list_profile_resource_associations(ProfileId=network["endpoint_profile_id"])
    assert len(endpoints) == len(content["ProfileResourceAssociations"]) > 20
    assert [e["ServiceName"] for e in endpoints if organization not in e["PolicyDocument"]] == []
    for stack in CALLERS:
        outputs = acme.outputs(stack)
        known = acme.client("route53profiles", outputs["account_id"]).list_profile_associations()
        assert [(a["ProfileId"], a["ResourceId"]) for a in known["ProfileAssociations"]] == [
            (network["endpoint_profile_id"], outputs["vpc_id"])
        ]
        here = [{"Name": "vpc-id", "Values": [outputs["vpc_id"]]}]
        own = acme.client("ec2", outputs["account_id"]).describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
        assert {endpoint["VpcEndpointType"] for endpoint in own} == {"Gateway"}


def test_shared_endpoints_are_shared_with_the_organization_and_nobody_by_name(acme: Workbench) -> None:
    ram = acme.client("ram", acme.outputs("network")["account_id"])
    (share,) = [s for s in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"] if s["status"] == "ACTIVE"]
    assert share["allowExternalPrincipals"] is False
    answer = ram.get_resource_share_associations(associationType="PRINCIPAL")
    organization = acme.outputs("organization")["organization_id"]
    assert [a["associatedEntity"].rpartition("/")[2] for a in answer["resourceShareAssociations"]] == [organization]
