"""Patches for EC2: account settings, security groups, endpoints and flow logs."""

import itertools
import json
import re
from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws, refusal

_numbers = itertools.count(1)


def test_account_settings_of_ec2_are_kept_by_account_and_region(aws: EmulatedAws, account: str) -> None:
    ec2 = aws.client("ec2", account)
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/data")
    ec2.modify_instance_metadata_defaults(
        HttpTokens="required", HttpPutResponseHopLimit=2, InstanceMetadataTags="enabled"
    )
    ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=-1, InstanceMetadataTags="no-preference")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/data"
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"HttpTokens": "required"}
    assert aws.client("ec2").get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.disable_image_block_public_access()
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    assert refusal(ec2.enable_snapshot_block_public_access, State="sometimes") == "InvalidParameterValue"


@pytest.fixture(scope="module")
def lists(aws: EmulatedAws, account: str) -> list[str]:
    """Returns the ids of two prefix lists."""
    ec2 = aws.client("ec2", account)
    made = [
        ec2.create_managed_prefix_list(PrefixListName=name, MaxEntries=1, AddressFamily="IPv4") for name in ("a", "b")
    ]
    return [answer["PrefixList"]["PrefixListId"] for answer in made]


@pytest.fixture(scope="module")
def vpc(aws: EmulatedAws, account: str) -> str:
    return str(aws.client("ec2", account).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def test_a_group_returns_descriptions_of_its_prefix_lists(
    aws: EmulatedAws, account: str, vpc: str, lists: list[str]
) -> None:
    ec2 = aws.client("ec2", account)
    group = ec2.create_security_group(GroupName=f"group-{next(_numbers)}", Description="d", VpcId=vpc)["GroupId"]
    described = zip(lists, ("S3", "DynamoDB"), strict=True)
    listed = [{"PrefixListId": id_, "Description": description} for id_, description in described]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": listed}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert found["PrefixListIds"] == listed


@pytest.mark.parametrize(
    ("permission", "change", "expected"),
    [
        ({"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "d"}]}, {"CidrIpv4": "10.1.0.0/16"}, "CidrIpv4"),
        ({"PrefixListIds": [{"PrefixListId": "first", "Description": "d"}]}, {"PrefixListId": "last"}, "PrefixListId"),
        ({"UserIdGroupPairs": [{"GroupId": "self", "Description": "d"}]}, {"ReferencedGroupId": "self"}, ""),
    ],
)
def test_a_security_group_rule_keeps_its_description_and_can_be_changed(
    aws: EmulatedAws,
    account: str,
    vpc: str,
    lists: list[str],
    permission: dict[str, Any],
    change: dict[str, str],
    expected: str,
) -> None:
    ec2 = aws.client("ec2", account)
    group = ec2.create_security_group(GroupName=f"group-{next(_numbers)}", Description="d", VpcId=vpc)["GroupId"]
    named = {"self": group, "first": lists[0], "last": lists[1]}
    permission = json.loads(re.sub("self|first|last", lambda word: named[word[0]], json.dumps(permission)))
    change = {name: named.get(value, value) for name, value in change.items()}
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ports | permission])
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def found() -> dict[str, Any]:
        (only,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
        return dict(only)

    assert (found()["Description"], found()["GroupOwnerId"]) == ("d", account)
    wanted = {"IpProtocol": "-1", "Description": "e", **change}
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": wanted}]
    )
    assert (found()["Description"], found()["IpProtocol"], found()["FromPort"]) == ("e", "-1", -1)
    assert not expected or found()[expected] == change[expected]


def test_an_endpoint_without_a_type_is_a_gateway_and_adds_routes(aws: EmulatedAws, account: str, vpc: str) -> None:
    ec2 = aws.client("ec2", account)
    first, second = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[first])
    endpoint = made["VpcEndpoint"]["VpcEndpointId"]
    assert made["VpcEndpoint"]["VpcEndpointType"] == "Gateway"
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert (made["VpcEndpoint"]["PrivateDnsEnabled"], found["PrivateDnsEnabled"]) == (False, False)

    def routed() -> set[str]:
        tables = ec2.describe_route_tables(RouteTableIds=[first, second])["RouteTables"]
        return {t["RouteTableId"] for t in tables if any(r.get("GatewayId") == endpoint for r in t["Routes"])}

    assert routed() == {first}
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[second], RemoveRouteTableIds=[first])
    assert routed() == {second}
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert routed() == set()
    assert refusal(ec2.describe_vpc_endpoints, VpcEndpointIds=[endpoint]) == "InvalidVpcEndpointId.NotFound"


def test_an_interface_endpoint_changes_its_private_names(aws: EmulatedAws, account: str, vpc: str) -> None:
    ec2 = aws.client("ec2", account)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{REGION}.sts",
        SubnetIds=[subnet],
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]
    named = {"VpcEndpointId": endpoint, "PrivateDnsEnabled": True}
    assert refusal(ec2.modify_vpc_endpoint, **named) == "InvalidParameter"
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_endpoint(**named)
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert found["PrivateDnsEnabled"] is True


def test_a_flow_log_to_a_log_group_by_arn_is_delivered(aws: EmulatedAws, account: str, vpc: str) -> None:
    aws.client("logs", account).create_log_group(logGroupName="/flows")
    ec2 = aws.client("ec2", account)
    destination = f"arn:aws:logs:{REGION}:{account}:log-group:/flows"
    made = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination=destination,
        DeliverLogsPermissionArn=f"arn:aws:iam::{account}:role/flows",
    )["FlowLogIds"]
    (found,) = ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"]
    assert (found["DeliverLogsStatus"], found["LogGroupName"]) == ("SUCCESS", "/flows")
    assert found["LogDestination"] == destination


def test_a_protected_firewall_is_neither_deleted_nor_given_another_policy(
    aws: EmulatedAws, account: str, vpc: str
) -> None:
    firewalls = aws.client("network-firewall", account)
    subnet = aws.client("ec2", account).create_subnet(VpcId=vpc, CidrBlock="10.0.11.0/28")["Subnet"]["SubnetId"]
    actions = ["aws:drop"]
    rules = {"StatelessDefaultActions": actions, "StatelessFragmentDefaultActions": actions}
    first, second = (
        firewalls.create_firewall_policy(FirewallPolicyName=name, FirewallPolicy=rules)["FirewallPolicyResponse"]
        for name in ("first", "second")
    )
    arn = firewalls.create_firewall(
        FirewallName="protected",
        FirewallPolicyArn=first["FirewallPolicyArn"],
        VpcId=vpc,
        SubnetMappings=[{"SubnetId": subnet}],
        DeleteProtection=True,
        FirewallPolicyChangeProtection=True,
    )["Firewall"]["FirewallArn"]
    other = {"FirewallArn": arn, "FirewallPolicyArn": second["FirewallPolicyArn"]}
    assert refusal(firewalls.delete_firewall, FirewallArn=arn) == "InvalidOperationException"
    assert refusal(firewalls.associate_firewall_policy, **other) == "InvalidOperationException"
    found = firewalls.describe_firewall(FirewallArn=arn)["Firewall"]
    assert found["FirewallPolicyArn"] == first["FirewallPolicyArn"]
    assert found["EncryptionConfiguration"] == {"Type": "AWS_OWNED_KMS_KEY"}

    firewalls.update_firewall_policy_change_protection(FirewallArn=arn, FirewallPolicyChangeProtection=False)
    firewalls.associate_firewall_policy(**other)
    firewalls.update_firewall_delete_protection(FirewallArn=arn, DeleteProtection=False)
    firewalls.delete_firewall(FirewallArn=arn)
    assert refusal(firewalls.describe_firewall, FirewallArn=arn) == "ResourceNotFoundException"


def test_a_firewall_is_not_encrypted_with_a_missing_key(aws: EmulatedAws, account: str) -> None:
    firewalls = aws.client("network-firewall", account)
    drop = ["aws:drop"]
    key = aws.client("kms", account).create_key()["KeyMetadata"]["Arn"]

    def policy(name: str, key: str) -> dict[str, Any]:
        return {
            "FirewallPolicyName": name,
            "FirewallPolicy": {"StatelessDefaultActions": drop, "StatelessFragmentDefaultActions": drop},
            "EncryptionConfiguration": {"Type": "CUSTOMER_KMS", "KeyId": key},
        }

    assert refusal(firewalls.create_firewall_policy, **policy("missing", f"{key}0")) == "InvalidRequestException"
    assert refusal(firewalls.describe_firewall_policy, FirewallPolicyName="missing") == "ResourceNotFoundException"
    made = firewalls.create_firewall_policy(**policy("encrypted", key))["FirewallPolicyResponse"]
    assert made["EncryptionConfiguration"]["KeyId"] == key
