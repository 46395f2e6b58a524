import json

import boto3
import pytest
from moto import mock_aws

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import LOOKUPS, Search, is_repeatable
from selfservice.engine.recovery import recovered

HOME = Account(id="123456789012", region="eu-west-1", role_arn=None)
PROVIDER = {
    "urn": "urn:pulumi:fraud::plinth::pulumi:providers:aws::fraud",
    "type": "pulumi:providers:aws",
    "id": "42",
    "inputs": {"region": "eu-west-1", "allowedAccountIds": json.dumps([HOME.id])},
}


def pending(type_, name, inputs):
    resource = {
        "urn": f"urn:pulumi:fraud::plinth::{type_}::{name}",
        "type": type_,
        "custom": True,
        "inputs": inputs,
        "provider": f"{PROVIDER['urn']}::42",
    }
    return {"resource": resource, "type": "creating"}


def deployment(*operations, resources=()):
    return {"resources": [PROVIDER, *resources], "pending_operations": list(operations)}


@pytest.fixture
def aws(monkeypatch):
    # Nothing here starts a machine, and reading every image that there is takes longer than all else.
    monkeypatch.setattr("moto.settings.ec2_load_default_amis", lambda: False)
    monkeypatch.setattr("selfservice.engine.resource_lookup.organization._POLL_SECONDS", 0)
    with mock_aws():
        yield


def test_found_resources_are_added_to_the_state_and_no_operation_stays_pending():
    bucket, role = pending("aws:s3/bucket:Bucket", "b", {"bucket": "acme-b"}), pending("aws:iam/role:Role", "r", {})
    result = recovered(deployment(bucket, role), {bucket["resource"]["urn"]: "acme-b"})
    assert "pending_operations" not in result
    assert [resource["urn"] for resource in result["resources"]] == [PROVIDER["urn"], bucket["resource"]["urn"]]
    assert result["resources"][1]["id"] == "acme-b"


def test_a_resource_that_is_in_the_state_is_not_added_twice():
    bucket = pending("aws:s3/bucket:Bucket", "b", {"bucket": "acme-b"})
    known = {**bucket["resource"], "id": "acme-b"}
    result = recovered(deployment(bucket, resources=[known]), {known["urn"]: "acme-b"})
    assert [resource["urn"] for resource in result["resources"]] == [PROVIDER["urn"], known["urn"]]


def test_what_may_be_wrong_in_the_state_is_refreshed_even_if_the_recovery_is_killed_before_its_refresh():
    bucket = pending("aws:s3/bucket:Bucket", "b", {"bucket": "acme-b"})
    changed, other = ({"urn": f"urn:{name}", "type": "aws:iam/role:Role", "id": name} for name in ("changed", "other"))
    state = deployment(bucket, resources=[changed, other])
    result = recovered(state, {bucket["resource"]["urn"]: "acme-b"}, changing=["urn:changed"])
    marked = [resource["id"] for resource in result["resources"] if resource.get("refreshBeforeUpdate")]
    assert marked == ["changed", "acme-b"]


def test_a_replacement_that_was_created_comes_before_the_replaced_resource_which_is_deleted_later():
    rule = pending("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "r", {"toPort": 443})
    replaced = {**rule["resource"], "id": "sgr-old", "inputs": {"toPort": 80}}
    result = recovered(deployment(rule, resources=[replaced]), {replaced["urn"]: "sgr-new"})
    assert [(r["id"], r.get("delete", False)) for r in result["resources"][1:]] == [
        ("sgr-new", False),
        ("sgr-old", True),
    ]


def test_a_replacement_of_a_deleted_resource_takes_its_place_even_with_the_same_id():
    bucket = pending("aws:s3/bucket:Bucket", "b", {"bucket": "acme-b", "objectLockEnabled": True})
    replaced = {**bucket["resource"], "id": "acme-b", "inputs": {"bucket": "acme-b"}, "pendingReplacement": True}
    state = deployment(bucket, resources=[replaced])
    assert Search(state).find(bucket["resource"]) == "acme-b"
    (_, found) = recovered(state, {replaced["urn"]: "acme-b"})["resources"]
    assert found["inputs"]["objectLockEnabled"] is True
    assert "pendingReplacement" not in found


def test_an_account_is_found_by_its_address_whatever_its_case(aws):
    organizations = boto3.client("organizations", region_name="eu-west-1")
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="Fraud@acme.example", AccountName="x")["CreateAccountStatus"][
        "AccountId"
    ]
    account = pending("aws:organizations/account:Account", "a", {"email": "fraud@acme.example", "name": "acme-fraud"})
    assert Search(deployment()).find(account["resource"]) == created


def test_an_account_that_the_state_knows_under_another_name_is_not_taken_twice(aws):
    organizations = boto3.client("organizations", region_name="eu-west-1")
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="f@acme.example", AccountName="x")["CreateAccountStatus"]["AccountId"]
    account = pending("aws:organizations/account:Account", "a", {"email": "f@acme.example", "name": "x"})
    known = {"urn": "urn:other", "type": "aws:organizations/account:Account", "id": created}
    assert Search(deployment(resources=[known])).find(account["resource"]) is None


def test_an_account_that_does_not_exist_is_not_found(aws):
    boto3.client("organizations", region_name="eu-west-1").create_organization(FeatureSet="ALL")
    account = pending("aws:organizations/account:Account", "a", {"email": "nobody@acme.example", "name": "x"})
    assert Search(deployment()).find(account["resource"]) is None


def test_a_unit_is_found_under_its_own_parent_alone(aws):
    organizations = boto3.client("organizations", region_name="eu-west-1")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    parent = organizations.create_organizational_unit(ParentId=root, Name="fraud")["OrganizationalUnit"]["Id"]
    child = organizations.create_organizational_unit(ParentId=parent, Name="fraud")["OrganizationalUnit"]["Id"]
    unit = pending(
        "aws:organizations/organizationalUnit:OrganizationalUnit", "u", {"name": "fraud", "parentId": parent}
    )
    assert Search(deployment()).find(unit["resource"]) == child


def test_a_network_is_found_by_range_and_name(aws):
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    ec2.create_vpc(CidrBlock="10.1.0.0/20")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "fraud"}]}]
    created = ec2.create_vpc(CidrBlock="10.1.0.0/20", TagSpecifications=tags)["Vpc"]["VpcId"]
    vpc = pending("aws:ec2/vpc:Vpc", "v", {"cidrBlock": "10.1.0.0/20", "tags": {"Name": "fraud"}})
    assert Search(deployment()).find(vpc["resource"]) == created


ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


@pytest.fixture
def network(aws):
    """A network with an endpoint of another name, and inputs of an endpoint that nobody tagged yet."""
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/20")["Vpc"]["VpcId"]
    sought = {"VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-1.sts", "VpcEndpointType": "Interface"}
    ec2.create_vpc_endpoint(**sought, TagSpecifications=[tagged("vpc-endpoint", "theirs")])
    ec2.create_vpc_endpoint(**{**sought, "ServiceName": "com.amazonaws.eu-west-1.kms"})
    inputs = {name[0].lower() + name[1:]: value for name, value in sought.items()}
    return ec2, sought, {**inputs, "tags": {"Name": "ours"}}


def tagged(kind, name):
    return {"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}


def test_an_endpoint_without_tags_is_found_by_network_and_service(network):
    ec2, sought, inputs = network
    endpoint = pending(ENDPOINT, "e", inputs)["resource"]
    assert Search(deployment()).find(endpoint) is None
    created = ec2.create_vpc_endpoint(**sought)["VpcEndpoint"]["VpcEndpointId"]
    assert Search(deployment()).find(endpoint) == created


def test_an_endpoint_with_the_name_is_preferred_to_one_without_tags(network):
    ec2, sought, inputs = network
    ec2.create_vpc_endpoint(**sought)
    specification = tagged("vpc-endpoint", "ours")
    created = ec2.create_vpc_endpoint(**sought, TagSpecifications=[specification])["VpcEndpoint"]["VpcEndpointId"]
    assert Search(deployment()).find(pending(ENDPOINT, "e", inputs)["resource"]) == created


@pytest.mark.parametrize("state", ["failed", "Deleted", "deleting"])
def test_a_gateway_that_failed_or_is_deleted_is_not_found(state):
    class Gateways:
        id, region, role_arn = HOME.id, HOME.region, None

        def every(self, *_, **__):
            return [{"NatGatewayId": "nat-1", "State": state}, {"NatGatewayId": "nat-2", "State": "available"}]

    assert LOOKUPS["aws:ec2/natGateway:NatGateway"]({"subnetId": "subnet-1"}, Gateways()) == "nat-2"


def test_a_key_is_found_by_its_description_unless_an_alias_claims_it(aws):
    kms = boto3.client("kms", region_name="eu-west-1")
    used = kms.create_key(Description="data of fraud")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/other", TargetKeyId=used)
    created = kms.create_key(Description="data of fraud")["KeyMetadata"]["KeyId"]
    key = pending("aws:kms/key:Key", "k", {"description": "data of fraud"})
    assert Search(deployment()).find(key["resource"]) == created


@pytest.mark.parametrize("type_", [type_ for type_ in LOOKUPS if type_.startswith("aws:ec2/")])
def test_every_network_entry_asks_ec2_a_question_it_understands(aws, type_):
    inputs = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24", "name": "n", "serviceName": "s", "subnetId": "subnet-1"}
    route = {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"}
    assert LOOKUPS[type_]({**inputs, **route, "tags": {"Name": "n"}}, HOME) is None


def test_a_route_is_found_by_its_table_and_destination(aws):
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/20")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    here, elsewhere = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    ec2.create_route(RouteTableId=here, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    def found(table):
        inputs = {"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0"}
        return Search(deployment()).find(pending("aws:ec2/route:Route", "r", inputs)["resource"])

    assert found(here) == f"{here}_0.0.0.0/0"
    assert found(elsewhere) is None


def test_an_account_in_the_making_is_waited_for(aws):
    answers = [[{"AccountName": "acme-fraud"}], [{"AccountName": "other"}]]

    class Organizations:
        id, region, role_arn = HOME.id, HOME.region, None

        def every(self, _service, operation, *_, **__):
            if operation == "list_create_account_status":
                return answers.pop(0)
            return [{"Id": "222222222222", "Email": "f@acme.example", "Status": "ACTIVE"}] if len(answers) == 0 else []

    find = LOOKUPS["aws:organizations/account:Account"]
    assert find({"email": "f@acme.example", "name": "acme-fraud"}, Organizations()) == "222222222222"


def test_a_rule_of_a_security_group_is_found_by_all_that_it_says(aws):
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/20")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    rules = {}
    for port in (80, 443):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.1.0.0/20"}]}
        answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        rules[port] = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    inputs = {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.1.0.0/20"}
    ingress = pending("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "r", inputs)
    egress = pending("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "r", inputs)
    assert Search(deployment()).find(ingress["resource"]) == rules[443]
    assert Search(deployment()).find(egress["resource"]) is None


def test_a_subnets_association_is_found_among_those_of_its_table(aws):
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/20")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{n}.0/24")["Subnet"]["SubnetId"] for n in range(2)]
    made = [ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"] for subnet in subnets]
    inputs = {"routeTableId": table, "subnetId": subnets[1]}
    association = pending("aws:ec2/routeTableAssociation:RouteTableAssociation", "a", inputs)
    assert Search(deployment()).find(association["resource"]) == made[1]


def test_a_resource_type_with_repeatable_creation_has_no_lookup():
    assert is_repeatable(pending("aws:s3/bucketPolicy:BucketPolicy", "p", {})["resource"])
    assert not is_repeatable(pending("aws:organizations/account:Account", "a", {})["resource"])


def test_the_account_is_the_one_of_the_provider_with_its_role():
    role = "arn:aws:iam::123456789012:role/OrganizationAccountAccessRole"
    inputs = {**PROVIDER["inputs"], "assumeRoles": json.dumps([{"roleArn": role, "sessionName": "plinth"}])}
    state = {"resources": [{**PROVIDER, "inputs": inputs}]}
    account = Search(state).account_of(pending("aws:s3/bucket:Bucket", "b", {})["resource"])
    assert account == Account(id=HOME.id, region="eu-west-1", role_arn=role)
