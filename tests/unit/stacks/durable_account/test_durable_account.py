from ipaddress import IPv4Network

import pytest

from settings.derived.endpoint_services import endpoint_services
from settings.types.kinds import WORKING_KINDS
from tests.support.documents import statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
)
from tests.support.routes import find_egress

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
VPC = "aws:ec2/vpc:Vpc"


def cidr(stack):
    return IPv4Network(example_deployment()[stack].one(VPC).inputs["cidrBlock"])


@pytest.mark.requirement("ACC-03.a")
@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_a_durable_account_is_set_up_and_names_no_team(kind):
    recorder = example_deployment()[kind]
    assert len(recorder.all("plinth:security:AccountBaseline")) == 1
    named = str([record.inputs for record in recorder.resources])
    assert not [team for team in ("fraud", "churn") if team in named]


@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_no_subnet_of_a_durable_account_has_a_route_out(kind):
    assert find_egress(example_deployment()[kind]) == []


@pytest.mark.requirement("NET-02.a")
@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_endpoints_of_a_durable_account_serve_its_own_callers_on_resources_of_the_organization(kind):
    organization = example_deployment()["organization"].exports
    for endpoint in example_deployment()[kind].all(ENDPOINT):
        condition = statements(endpoint)["OurCallersOnOurResources"]["Condition"]["StringEquals"]
        assert condition == {
            "aws:PrincipalOrgID": organization["organization_id"],
            "aws:PrincipalAccount": organization["accounts"][kind],
            "aws:ResourceOrgID": organization["organization_id"],
        }


@pytest.mark.requirement("NET-01")
@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_a_durable_account_has_the_endpoints_of_its_kind(kind):
    services = endpoint_services(kind, deliveries=True)
    wanted = {service.service_name.format(region="eu-west-1") for service in services}
    assert {e.inputs["serviceName"] for e in example_deployment()[kind].all(ENDPOINT)} == wanted


@pytest.mark.requirement("NET-06")
@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_a_durable_network_spans_two_zones(kind):
    subnets = example_deployment()[kind].all("aws:ec2/subnet:Subnet")
    assert len({subnet.inputs["availabilityZoneId"] for subnet in subnets}) == 2


def test_networks_of_durable_accounts_overlap_neither_each_other_nor_a_teams():
    stacks = [*WORKING_KINDS, "fraud-development", "churn-experimentation"]
    networks = [cidr(stack) for stack in stacks]
    assert not [(a, b) for i, a in enumerate(networks) for b in networks[:i] if a.overlaps(b)]


@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_the_key_of_a_durable_account_cannot_be_deleted_by_mistake(kind):
    key = example_deployment()[kind].one("aws:kms/key:Key")
    assert key.protect
    assert key.inputs["deletionWindowInDays"] == 30


def test_kinds_that_share_an_account_share_no_name_and_one_of_them_sets_it_up():
    foundation = example_foundation(organization=example_organization(placement="medium"), teams=[])
    deployed = Deployment(foundation)
    records = [record for kind in WORKING_KINDS for record in deployed[kind].resources]
    types = {"aws:iam/role:Role", "aws:iam/policy:Policy", "aws:kms/alias:Alias", "aws:cloudwatch/logGroup:LogGroup"}
    names = [(record.type, record.inputs["name"]) for record in records if record.type in types]
    assert len(names) == len(set(names))
    assert [kind for kind in WORKING_KINDS if deployed[kind].all("plinth:security:AccountBaseline")] == ["tooling"]
