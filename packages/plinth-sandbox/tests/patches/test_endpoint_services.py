"""Endpoint services that accounts offer: who finds them, and what their owners must do before somebody connects."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, EmulatedAws, publish_text, refusal

MISSING = "vpce-svc-0123456789abcdef0"
NAME = "api.tools.acme.example"
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def said(call: Any, **parameters: Any) -> str:
    """Returns the code and the message with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return f"{error.value.response['Error']['Code']}: {error.value.response['Error']['Message']}"


class Owner:
    """An account with an internal Network Load Balancer in two zones."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.account = account
        self.ec2, self.elb = aws.client("ec2", account), aws.client("elbv2", account)
        self.route53 = aws.client("route53", account)
        self.subnets = aws.network(account)["SubnetIds"]
        self.balancer = self.new_balancer("tools")

    def new_balancer(self, name: str, type_: str = "network") -> str:
        created = self.elb.create_load_balancer(Name=name, Type=type_, Scheme="internal", Subnets=self.subnets)
        return str(created["LoadBalancers"][0]["LoadBalancerArn"])

    def service(self, **parameters: Any) -> dict[str, Any]:
        given = {"NetworkLoadBalancerArns": [self.balancer], **parameters}
        created = self.ec2.create_vpc_endpoint_service_configuration(**given)
        return dict(created["ServiceConfiguration"])

    def described(self, service: dict[str, Any]) -> dict[str, Any]:
        listed = self.ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
        return dict(listed["ServiceConfigurations"][0])

    def allow(self, service: dict[str, Any], *principals: str) -> None:
        self.ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=service["ServiceId"], AddAllowedPrincipals=list(principals)
        )

    def publish(self, zone: str, record: str, value: str, **parameters: Any) -> None:
        """Creates a hosted zone with a TXT record."""
        publish_text(self.route53, zone, record, value, **parameters)

    def verify(self, service: dict[str, Any]) -> str:
        self.ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service["ServiceId"])
        return str(self.described(service)["PrivateDnsNameConfiguration"]["State"])

    def verified(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Returns a service with a verified private DNS name."""
        service = self.service(PrivateDnsName=name, **parameters)
        record = service["PrivateDnsNameConfiguration"]
        self.publish(name, f"{record['Name']}.{name}", record["Value"])
        assert self.verify(service) == "verified"
        return service


class Consumer:
    """An account with a network in two zones."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.account, self.root = account, f"arn:aws:iam::{account}:root"
        self.ec2 = aws.client("ec2", account)
        self.aws = aws
        self.network = aws.network(account)
        self.ec2.modify_vpc_attribute(VpcId=self.network["VpcId"], EnableDnsHostnames={"Value": True})

    def request(self, service: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        given = {**self.network, "ServiceName": service["ServiceName"], "VpcEndpointType": "Interface"}
        return {**given, **parameters}

    def connect(self, service: dict[str, Any], **parameters: Any) -> str:
        made = self.ec2.create_vpc_endpoint(**self.request(service, **parameters))["VpcEndpoint"]
        return str(made["VpcEndpointId"])

    def endpoint(self, identifier: str) -> dict[str, Any]:
        return dict(self.ec2.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"][0])

    def refused(self, service: dict[str, Any], **parameters: Any) -> str:
        return said(self.ec2.create_vpc_endpoint, **self.request(service, **parameters))


@pytest.fixture(scope="module")
def owner(aws: EmulatedAws) -> Owner:
    return Owner(aws, aws.new_account("owner"))


@pytest.fixture(scope="module")
def consumer(aws: EmulatedAws) -> Consumer:
    return Consumer(aws, aws.new_account("consumer"))


def test_a_service_has_a_network_load_balancer_that_exists(owner: Owner) -> None:
    def refused(**parameters: Any) -> str:
        return refusal(owner.ec2.create_vpc_endpoint_service_configuration, **parameters)

    gone, application = f"{owner.balancer}0", owner.new_balancer("web", "application")
    assert refused() == "InvalidParameter"
    assert refused(NetworkLoadBalancerArns=[gone]) == "InvalidNetworkLoadBalancerArn.NotFound"
    assert refused(NetworkLoadBalancerArns=[application]) == "InvalidNetworkLoadBalancerArn.Malformed"
    assert refused(GatewayLoadBalancerArns=[owner.balancer]) == "LoadBalancerNotFound"
    both = {"NetworkLoadBalancerArns": [owner.balancer], "GatewayLoadBalancerArns": [owner.balancer]}
    assert refused(**both) == "InvalidParameter"
    made = owner.service(
        TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": [{"Key": "a", "Value": "b"}]}]
    )
    assert re.fullmatch(r"vpce-svc-[0-9a-f]{17}", made["ServiceId"])
    assert made["ServiceName"] == f"com.amazonaws.vpce.{REGION}.{made['ServiceId']}"
    assert (made["ServiceState"], made["AcceptanceRequired"]) == ("Available", True)
    assert made["AvailabilityZones"] == [f"{REGION}a", f"{REGION}b"]
    assert made["BaseEndpointDnsNames"] == [f"{made['ServiceId']}.{REGION}.vpce.amazonaws.com"]
    assert made["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "PrivateDnsNameConfiguration" not in made
    assert owner.described(made) == made


def test_a_service_is_changed_to_what_exists(owner: Owner) -> None:
    made, other = owner.service(), owner.new_balancer("second")
    modify = owner.ec2.modify_vpc_endpoint_service_configuration
    assert refusal(modify, ServiceId=MISSING, AcceptanceRequired=False) == "InvalidVpcEndpointServiceId.NotFound"
    missing = {"AddNetworkLoadBalancerArns": [f"{other}0"]}
    assert refusal(modify, ServiceId=made["ServiceId"], **missing) == "InvalidNetworkLoadBalancerArn.NotFound"
    modify(
        ServiceId=made["ServiceId"],
        AcceptanceRequired=False,
        AddNetworkLoadBalancerArns=[other],
        RemoveNetworkLoadBalancerArns=[owner.balancer],
    )
    changed = owner.described(made)
    assert (changed["AcceptanceRequired"], changed["NetworkLoadBalancerArns"]) == (False, [other])


def test_services_are_listed_by_filters(owner: Owner) -> None:
    made = owner.service()
    listing = owner.ec2.describe_vpc_endpoint_service_configurations
    found = listing(Filters=[{"Name": "service-name", "Values": [made["ServiceName"]]}])["ServiceConfigurations"]
    assert [service_configuration["ServiceId"] for service_configuration in found] == [made["ServiceId"]]
    assert refusal(listing, Filters=[{"Name": "nosuch", "Values": ["a"]}]) == "InvalidFilter"
    assert refusal(listing, ServiceIds=[MISSING]) == "InvalidVpcEndpointServiceId.NotFound"


def test_a_private_name_waits_for_the_proof_of_its_domain(owner: Owner) -> None:
    made = owner.service(PrivateDnsName=NAME)
    record = made["PrivateDnsNameConfiguration"]
    assert (record["State"], record["Type"]) == ("pendingVerification", "TXT")
    assert re.fullmatch(r"_[a-z0-9]{20}", record["Name"])
    assert re.fullmatch(r"vpce:[A-Za-z0-9]{20}", record["Value"])
    assert owner.verify(made) == "failed"
    owner.publish(NAME, f"{record['Name']}.{NAME}", "vpce:other")
    assert owner.verify(made) == "failed"
    owner.publish(NAME, f"{record['Name']}.{NAME}", record["Value"])
    assert owner.verify(made) == "verified"


def test_a_domain_above_proves_a_private_name_too(owner: Owner, consumer: Consumer) -> None:
    made = owner.service(PrivateDnsName="one.parent.example")
    record = made["PrivateDnsNameConfiguration"]
    owner.publish("parent.example", f"{record['Name']}.parent.example", record["Value"])
    assert owner.verify(made) == "verified"
    bare = owner.service(PrivateDnsName="two.bare.example")
    owner.publish("bare.example", "bare.example", bare["PrivateDnsNameConfiguration"]["Value"])
    assert owner.verify(bare) == "verified"
    hidden = owner.service(PrivateDnsName="three.hidden.example")
    record = hidden["PrivateDnsNameConfiguration"]
    vpc = {"VPCRegion": REGION, "VPCId": consumer.network["VpcId"]}
    private = {"VPC": vpc, "HostedZoneConfig": {"PrivateZone": True}}
    owner.publish("hidden.example", f"{record['Name']}.hidden.example", record["Value"], **private)
    assert owner.verify(hidden) == "failed"


def test_another_private_name_is_proven_anew(owner: Owner) -> None:
    made = owner.verified("first.renamed.example")
    before = owner.described(made)["PrivateDnsNameConfiguration"]
    modify = owner.ec2.modify_vpc_endpoint_service_configuration
    modify(ServiceId=made["ServiceId"], PrivateDnsName="first.renamed.example")
    assert owner.described(made)["PrivateDnsNameConfiguration"] == before
    modify(ServiceId=made["ServiceId"], PrivateDnsName="second.renamed.example")
    after = owner.described(made)["PrivateDnsNameConfiguration"]
    assert after["State"] == "pendingVerification"
    assert (after["Name"], after["Value"]) != (before["Name"], before["Value"])
    modify(ServiceId=made["ServiceId"], RemovePrivateDnsName=True)
    assert "PrivateDnsName" not in owner.described(made)
    start = owner.ec2.start_vpc_endpoint_service_private_dns_verification
    assert refusal(start, ServiceId=made["ServiceId"]) == "InvalidParameter"
    assert refusal(start, ServiceId=MISSING) == "InvalidVpcEndpointServiceId.NotFound"


@pytest.mark.parametrize(
    "principal", ["123456789012", "arn:aws:sts::123456789012:assumed-role/a/b", "arn:aws:iam::12:root", "everyone"]
)
def test_a_permission_names_a_principal(owner: Owner, principal: str) -> None:
    made = owner.service()
    permit = owner.ec2.modify_vpc_endpoint_service_permissions
    assert refusal(permit, ServiceId=made["ServiceId"], AddAllowedPrincipals=[principal]) == "InvalidPrincipal"


def test_permissions_are_added_and_removed(owner: Owner, consumer: Consumer) -> None:
    made, role = owner.service(), f"arn:aws:iam::{consumer.account}:role/deployer"
    permit = owner.ec2.modify_vpc_endpoint_service_permissions
    added = permit(ServiceId=made["ServiceId"], AddAllowedPrincipals=[consumer.root, role, "*"])["AddedPrincipals"]
    assert [principal["PrincipalType"] for principal in added] == ["Account", "Role", "All"]
    assert all(re.fullmatch(r"vpce-svc-perm-[0-9a-f]{17}", principal["ServicePermissionId"]) for principal in added)
    permit(ServiceId=made["ServiceId"], AddAllowedPrincipals=[role], RemoveAllowedPrincipals=[consumer.root, "*"])
    listing = owner.ec2.describe_vpc_endpoint_service_permissions
    assert [
        allowed_principal["Principal"]
        for allowed_principal in listing(ServiceId=made["ServiceId"])["AllowedPrincipals"]
    ] == [role]
    assert refusal(listing, ServiceId=MISSING) == "InvalidVpcEndpointServiceId.NotFound"


def test_only_whom_the_owner_allows_finds_a_service(owner: Owner, consumer: Consumer) -> None:
    made = owner.service()
    name = made["ServiceName"]
    assert consumer.refused(made) == f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist"
    assert refusal(consumer.ec2.describe_vpc_endpoint_services, ServiceNames=[name]) == "InvalidServiceName"
    own = owner.ec2.describe_vpc_endpoint_services(ServiceNames=[name])["ServiceDetails"][0]
    owner.allow(made, f"arn:aws:iam::{consumer.account}:role/other")
    assert "InvalidServiceName" in consumer.refused(made)
    owner.allow(made, f"arn:aws:iam::{consumer.account}:role/OrganizationAccountAccessRole")
    found = consumer.ec2.describe_vpc_endpoint_services(ServiceNames=[name])["ServiceDetails"][0]
    assert {**found, "Tags": []} == {**own, "Tags": []}
    assert (found["Owner"], found["VpcEndpointPolicySupported"]) == (owner.account, False)
    assert name in consumer.ec2.describe_vpc_endpoint_services()["ServiceNames"]
    assert consumer.connect(made)


@pytest.mark.parametrize("everyone", [True, False])
def test_a_service_is_open_to_an_account_or_to_everyone(owner: Owner, consumer: Consumer, everyone: bool) -> None:
    made = owner.service()
    owner.allow(made, "*" if everyone else consumer.root)
    assert consumer.endpoint(consumer.connect(made))["State"] == "pendingAcceptance"
    assert owner.ec2.describe_vpc_endpoint_services(ServiceNames=[made["ServiceName"]])["ServiceNames"]


def test_an_endpoint_fits_its_service(owner: Owner, consumer: Consumer) -> None:
    made = owner.service()
    owner.allow(made, consumer.root)
    name = made["ServiceName"]
    third = {"CidrBlock": "10.0.9.0/24", "AvailabilityZone": f"{REGION}c"}
    foreign = consumer.ec2.create_subnet(VpcId=consumer.network["VpcId"], **third)["Subnet"]["SubnetId"]
    unsupported = (
        f"InvalidParameter: The VPC endpoint service {name} does not support the availability zone of the subnet: "
        f"{foreign}."
    )
    assert consumer.refused(made, SubnetIds=[foreign]) == unsupported
    assert "does not match available service types ([Interface])" in consumer.refused(made, VpcEndpointType="Gateway")
    denied = json.dumps({"Statement": [{**EVERYTHING, "Effect": "Deny"}]})
    full = f"InvalidParameter: Service {name} only supports the full-access endpoint policy."
    assert consumer.refused(made, PolicyDocument=denied) == full
    assert "InvalidPolicyDocument" in consumer.refused(made, PolicyDocument="{")
    endpoint = consumer.connect(made, PolicyDocument=json.dumps({"Statement": [EVERYTHING]}))
    modify = consumer.ec2.modify_vpc_endpoint
    assert said(modify, VpcEndpointId=endpoint, AddSubnetIds=[foreign]) == unsupported
    assert said(modify, VpcEndpointId=endpoint, PolicyDocument=denied) == full
    modify(VpcEndpointId=endpoint, RemoveSubnetIds=consumer.network["SubnetIds"][:1])
    names = [dns_entry["DnsName"] for dns_entry in consumer.endpoint(endpoint)["DnsEntries"]]
    assert re.fullmatch(rf"{endpoint}-[0-9a-f]{{8}}\.{made['ServiceId']}\.{REGION}\.vpce\.amazonaws\.com", names[0])
    assert len(names) == 3


def test_the_owner_accepts_and_rejects_connections(owner: Owner, consumer: Consumer) -> None:
    made = owner.service()
    owner.allow(made, consumer.root)
    first, second = consumer.connect(made), consumer.connect(made)

    def connections(*filters: tuple[str, str]) -> list[dict[str, Any]]:
        wanted = [("service-id", made["ServiceId"]), *filters]
        given = [{"Name": name, "Values": [value]} for name, value in wanted]
        return list(owner.ec2.describe_vpc_endpoint_connections(Filters=given)["VpcEndpointConnections"])

    assert {found["VpcEndpointOwner"] for found in connections()} == {consumer.account}
    assert re.fullmatch(r"vpce-con-[0-9a-f]{17}", connections()[0]["VpcEndpointConnectionId"])
    accept, reject = owner.ec2.accept_vpc_endpoint_connections, owner.ec2.reject_vpc_endpoint_connections
    assert refusal(accept, ServiceId=MISSING, VpcEndpointIds=[first]) == "InvalidVpcEndpointServiceId.NotFound"
    foreign = consumer.ec2.accept_vpc_endpoint_connections
    assert (
        refusal(foreign, ServiceId=made["ServiceId"], VpcEndpointIds=[first]) == "InvalidVpcEndpointServiceId.NotFound"
    )
    missing = "vpce-0123456789abcdef0"
    (failed,) = accept(ServiceId=made["ServiceId"], VpcEndpointIds=[first, missing])["Unsuccessful"]
    assert (failed["ResourceId"], failed["Error"]["Code"]) == (missing, "InvalidVpcEndpointId.NotFound")
    assert consumer.endpoint(first)["State"] == "available"
    reject(ServiceId=made["ServiceId"], VpcEndpointIds=[second])
    assert consumer.endpoint(second)["State"] == "rejected"
    assert [found["VpcEndpointId"] for found in connections(("vpc-endpoint-state", "rejected"))] == [second]
    reject(ServiceId=made["ServiceId"], VpcEndpointIds=[first])
    assert consumer.endpoint(first)["State"] == "rejected"
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[first, second])
    assert connections() == []


def test_a_service_without_acceptance_connects_at_once(owner: Owner, consumer: Consumer) -> None:
    made = owner.service(AcceptanceRequired=False)
    owner.allow(made, consumer.root)
    assert consumer.endpoint(consumer.connect(made))["State"] == "available"


def test_a_private_name_needs_proof_and_acceptance(owner: Owner, consumer: Consumer) -> None:
    unnamed = owner.service()
    owner.allow(unnamed, consumer.root)
    refused = f"InvalidParameter: Private DNS can't be enabled because the service {unnamed['ServiceName']}"
    assert consumer.refused(unnamed, PrivateDnsEnabled=True) == f"{refused} does not provide a private DNS name."
    unproven = owner.service(PrivateDnsName="unproven.example")
    owner.allow(unproven, consumer.root)
    assert "has not verified the private DNS name." in consumer.refused(unproven, PrivateDnsEnabled=True)
    made = owner.verified("accepted.example")
    owner.allow(made, consumer.root)
    waits = (
        "InvalidParameter: Private DNS can only be enabled after the endpoint connection is accepted by the owner of "
        f"{made['ServiceName']}."
    )
    assert consumer.refused(made, PrivateDnsEnabled=True) == waits
    endpoint = consumer.connect(made)
    modify = consumer.ec2.modify_vpc_endpoint
    assert said(modify, VpcEndpointId=endpoint, PrivateDnsEnabled=True) == waits
    assert not consumer.endpoint(endpoint)["PrivateDnsEnabled"]
    owner.ec2.accept_vpc_endpoint_connections(ServiceId=made["ServiceId"], VpcEndpointIds=[endpoint])
    vpc = consumer.network["VpcId"]
    consumer.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    assert "enableDnsHostnames" in said(modify, VpcEndpointId=endpoint, PrivateDnsEnabled=True)
    consumer.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    modify(VpcEndpointId=endpoint, PrivateDnsEnabled=True)
    described = consumer.endpoint(endpoint)
    assert described["PrivateDnsEnabled"]
    assert "accepted.example" in [dns_entry["DnsName"] for dns_entry in described["DnsEntries"]]
    second = consumer.connect(made)
    owner.ec2.accept_vpc_endpoint_connections(ServiceId=made["ServiceId"], VpcEndpointIds=[second])
    conflict = "there is already a conflicting DNS domain for accepted.example in the VPC"
    assert conflict in said(modify, VpcEndpointId=second, PrivateDnsEnabled=True)
    modify(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
    assert "accepted.example" not in [dns_entry["DnsName"] for dns_entry in consumer.endpoint(endpoint)["DnsEntries"]]
    modify(VpcEndpointId=second, PrivateDnsEnabled=True)


def test_a_service_without_acceptance_names_an_endpoint_at_once(owner: Owner, consumer: Consumer) -> None:
    made = owner.verified("at-once.example", AcceptanceRequired=False)
    owner.allow(made, consumer.root)
    described = consumer.endpoint(consumer.connect(made, PrivateDnsEnabled=True))
    assert (described["State"], described["PrivateDnsEnabled"]) == ("available", True)


def test_a_service_outlives_its_connections(owner: Owner, consumer: Consumer) -> None:
    made = owner.service()
    owner.allow(made, consumer.root)
    endpoint, identifier = consumer.connect(made), made["ServiceId"]

    def deleted() -> list[tuple[str, str]]:
        answer = owner.ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[identifier])
        return [(failure["Error"]["Code"], failure["Error"]["Message"]) for failure in answer.get("Unsuccessful", [])]

    existing = ("ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections!")
    assert deleted() == [existing]
    modify = owner.ec2.modify_vpc_endpoint_service_configuration
    away = {"RemoveNetworkLoadBalancerArns": [owner.balancer]}
    assert refusal(modify, ServiceId=identifier, **away) == "ExistingVpcEndpointConnections"
    owner.ec2.accept_vpc_endpoint_connections(ServiceId=identifier, VpcEndpointIds=[endpoint])
    assert deleted() == [existing]
    owner.ec2.reject_vpc_endpoint_connections(ServiceId=identifier, VpcEndpointIds=[endpoint])
    assert deleted() == []
    ((code, _),) = deleted()
    assert code == "InvalidVpcEndpointService.NotFound"


def test_a_load_balancer_outlives_its_service(owner: Owner) -> None:
    balancer = owner.new_balancer("kept")
    made = owner.service(NetworkLoadBalancerArns=[balancer])
    delete = owner.elb.delete_load_balancer
    message = f"Load balancer '{balancer}' cannot be deleted because it is currently associated with another service"
    assert said(delete, LoadBalancerArn=balancer) == f"ResourceInUse: {message}"
    owner.ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])
    delete(LoadBalancerArn=balancer)
