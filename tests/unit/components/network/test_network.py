from ipaddress import IPv4Network

import pytest
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from components.network.internet_egress import InternetEgress, InternetEgressArgs
from components.network.private_network import PrivateNetwork, PrivateNetworkArgs, SubnetAllocation
from components.network.workload_security_group import DatabaseAccess, WorkloadSecurityGroup, WorkloadSecurityGroupArgs
from components.network.zones import zone_ids
from tests.support.recorder import deploy
from tests.unit.components.identifiers import CIDR, NETWORK, PLACES

SUBNET = "aws:ec2/subnet:Subnet"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def network():
    return PrivateNetwork("network", NETWORK)


def egress():
    args = InternetEgressArgs(
        label="fraud-experimentation",
        vpc_id="vpc-1",
        public_subnet=SubnetAllocation(zone_id="euw1-az1", cidr=IPv4Network("10.1.14.0/25")),
        firewall_subnet=SubnetAllocation(zone_id="euw1-az1", cidr=IPv4Network("10.1.15.128/25")),
        private_cidrs=[place.cidr for place in PLACES],
        private_route_table_id="rtb-private",
        allowed_domains=["pypi.org", ".anaconda.org"],
        log_bucket_name="archive",
        key_arn="arn:aws:kms:eu-west-1:111111111111:key/data",
    )
    return InternetEgress("internet", args)


def workloads(**changes):
    args = {
        "label": "fraud-development",
        "vpc_id": "vpc-1",
        "endpoint_security_group_id": "sg-endpoints",
        "gateways": ["s3"],
        "gateway_prefix_list_ids": ["pl-s3"],
    }
    return WorkloadSecurityGroup("workloads", WorkloadSecurityGroupArgs(**args | changes))


@pytest.mark.requirement("NET-03.a", "NET-06")
def test_subnets_are_private_and_in_their_zones():
    subnets = deploy(network).all(SUBNET)
    assert {s.inputs["availabilityZoneId"]: s.inputs["cidrBlock"] for s in subnets} == {
        "euw1-az1": "10.1.8.0/23",
        "euw1-az2": "10.1.10.0/23",
    }
    assert not any(s.inputs["mapPublicIpOnLaunch"] for s in subnets)


@pytest.mark.requirement("NET-03.a")
def test_a_private_network_has_no_route_of_its_own():
    recorder = deploy(network)
    assert not recorder.all("aws:ec2/route:Route")
    assert all(not table.inputs.get("routes") for table in recorder.all("aws:ec2/routeTable:RouteTable"))


def test_the_default_security_group_and_route_table_are_empty():
    recorder = deploy(network)
    group = recorder.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert (group["vpcId"], group["ingress"], group["egress"]) == ("vpc-network", [], [])
    table = recorder.one("aws:ec2/defaultRouteTable:DefaultRouteTable").inputs
    assert (table["defaultRouteTableId"], table["routes"]) == ("rtb-default-network", [])


def test_every_subnet_has_the_private_route_table():
    associations = deploy(network).all("aws:ec2/routeTableAssociation:RouteTableAssociation")
    assert {a.inputs["subnetId"] for a in associations} == {"network-euw1-az1-id", "network-euw1-az2-id"}
    assert {a.inputs["routeTableId"] for a in associations} == {"network-private-id"}


def test_a_network_in_one_zone_is_refused():
    with pytest.raises(ValueError, match="at least 2 zones"):
        PrivateNetworkArgs(label="small", cidr=CIDR, subnets=PLACES[:1])


def test_a_subnet_outside_its_network_is_refused():
    stray = SubnetAllocation(zone_id="euw1-az2", cidr=IPv4Network("10.2.0.0/24"))
    with pytest.raises(ValueError, match=r"10\.2\.0\.0/24 is not part of the network 10\.1\.8\.0/21"):
        PrivateNetworkArgs(label="stray", cidr=CIDR, subnets=[PLACES[0], stray])


def test_workloads_connect_only_to_each_other_and_to_endpoints():
    rules = {r.name: r.inputs for r in deploy(workloads).all(EGRESS_RULE)}
    assert set(rules) == {"workloads-to-members", "workloads-to-endpoints", "workloads-to-s3"}
    assert rules["workloads-to-members"]["referencedSecurityGroupId"] == "workloads-id"
    assert rules["workloads-to-endpoints"]["referencedSecurityGroupId"] == "sg-endpoints"
    assert rules["workloads-to-s3"]["prefixListId"] == "pl-s3"
    assert not any("cidrIpv4" in rule for rule in rules.values())


def test_workloads_connect_to_both_own_and_shared_endpoints():
    shared = IPv4Network("10.0.8.0/21")
    rules = {r.name: r.inputs for r in deploy(lambda: workloads(endpoints_cidr=shared)).all(EGRESS_RULE)}
    assert rules["workloads-to-endpoints"]["cidrIpv4"] == "10.0.8.0/21"
    assert rules["workloads-to-own-endpoints"]["referencedSecurityGroupId"] == "sg-endpoints"


def test_workloads_connect_to_a_database_at_its_port_only():
    database = DatabaseAccess(cidr=IPv4Network("10.0.64.0/22"), port=5432)
    rules = deploy(lambda: workloads(database=database)).all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    (rule,) = (resource.inputs for resource in rules if resource.inputs.get("cidrIpv4"))
    assert (rule["cidrIpv4"], rule["ipProtocol"]) == ("10.0.64.0/22", "tcp")
    assert rule["fromPort"] == rule["toPort"] == 5432


def test_workloads_accept_only_each_other():
    (rule,) = deploy(workloads).all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert rule.inputs["referencedSecurityGroupId"] == "workloads-id"
    assert "cidrIpv4" not in rule.inputs


@pytest.mark.requirement("EXP-05.c")
def test_with_internet_egress_workloads_may_only_use_https():
    rules = {r.name: r.inputs for r in deploy(lambda: workloads(internet=True)).all(EGRESS_RULE)}
    rule = rules.pop("workloads-to-internet")
    assert set(rules) == {"workloads-to-members"}
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == ("0.0.0.0/0", 443, 443, "tcp")


EGRESS_TARGETS = ("gatewayId", "natGatewayId", "vpcEndpointId")


def egress_routes():
    """Returns the target of each destination, by route table."""
    tables = {}
    for route in deploy(egress).all("aws:ec2/route:Route"):
        target = next(
            route.inputs[name] for name in ("gatewayId", "natGatewayId", "vpcEndpointId") if name in route.inputs
        )
        tables.setdefault(route.inputs["routeTableId"], {})[route.inputs["destinationCidrBlock"]] = target
    return tables


@pytest.mark.requirement("EXP-05.c")
def test_internet_traffic_is_routed_through_the_firewall_in_both_directions():
    firewall = "vpce-internet-firewall"
    assert egress_routes() == {
        "rtb-private": {"0.0.0.0/0": firewall},
        "internet-firewall-routes-id": {"0.0.0.0/0": "internet-nat-id"},
        "internet-public-routes-id": {
            "0.0.0.0/0": "internet-gateway-id",
            "10.1.8.0/23": firewall,
            "10.1.10.0/23": firewall,
        },
    }


@pytest.mark.requirement("EXP-05.c")
def test_only_the_nat_gateway_has_a_public_address():
    recorder = deploy(egress)
    assert not [s.name for s in recorder.all(SUBNET) if s.inputs["mapPublicIpOnLaunch"]]
    assert len(recorder.all("aws:ec2/eip:Eip")) == len(recorder.all("aws:ec2/natGateway:NatGateway")) == 1


def test_zone_ids_match_those_of_ec2():
    for region, zones in RegionsAndZonesBackend.zones.items():
        if region.startswith(("cn-", "us-gov-")):
            continue
        known = {zone.zone_id for zone in zones}
        count = 2 if region == "us-west-1" else 3
        assert set(zone_ids(region, count)) <= known, region


def test_more_zones_than_a_region_has_are_refused():
    with pytest.raises(ValueError, match="us-west-1 has 2 zones"):
        zone_ids("us-west-1", 3)
