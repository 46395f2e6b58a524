"""Rules of security groups that EC2 refuses."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import EmulatedAws, refusal

_numbers = itertools.count(1)
UDP = {"IpProtocol": "udp", "FromPort": 1, "ToPort": 2}
ADDRESS = {"CidrIpv4": "192.0.2.0/24"}


@pytest.fixture(scope="module")
def ec2(aws: EmulatedAws, account: str) -> Any:
    return aws.client("ec2", account)


@pytest.fixture(scope="module")
def group_in(ec2: Any) -> Callable[[], str]:
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]

    def made() -> str:
        name = f"checked-{next(_numbers)}"
        return str(ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"])

    return made


def opened(ec2: Any, group: str, address: str) -> str:
    """Returns the id of a new rule for an address."""
    permission = {**UDP, "IpRanges": [{"CidrIp": address}]}
    (rule,) = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"]
    return str(rule["SecurityGroupRuleId"])


@pytest.mark.parametrize(
    ("wanted", "code", "text"),
    [
        ({"FromPort": 1, "ToPort": 2, **ADDRESS}, "InvalidParameterValue", "Invalid value 'null' for protocol."),
        ({"IpProtocol": "udp", "ToPort": 2, **ADDRESS}, "InvalidParameterValue", "Must specify both from and to ports"),
        (UDP, "MissingParameter", "exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId"),
        ({**UDP, **ADDRESS, "CidrIpv6": "::/0"}, "InvalidParameterCombination", "Only one of cidrIp, cidrIpv6"),
        ({**UDP, "CidrIpv4": "192.0.2.0/33"}, "InvalidParameterValue", "CIDR block 192.0.2.0/33 is malformed"),
        ({**UDP, "CidrIpv6": "::/0"}, "InvalidParameterValue", "may not specify CidrIpv6 for an existing IPv4 CIDR"),
        ({**UDP, "ReferencedGroupId": "sg-0"}, "InvalidGroup.NotFound", "'sg-0' does not exist"),
        ({**UDP, "PrefixListId": "pl-0"}, "InvalidPrefixListID.NotFound", "'pl-0' does not exist"),
        ({**UDP, "CidrIpv4": "198.51.100.0/24"}, "InvalidPermission.Duplicate", "already exists"),
    ],
)
def test_a_rule_does_not_become_what_ec2_refuses(
    ec2: Any, group_in: Callable[[], str], wanted: dict[str, Any], code: str, text: str
) -> None:
    group = group_in()
    rule = opened(ec2, group, "203.0.113.0/24")
    opened(ec2, group, "198.51.100.0/24")
    before = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    with pytest.raises(ClientError, match=text) as refused:
        ec2.modify_security_group_rules(
            GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": wanted}]
        )
    assert refused.value.response["Error"]["Code"] == code
    assert ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"] == before


@pytest.mark.parametrize(
    ("permission", "code"),
    [
        ({"FromPort": 1, "ToPort": 2}, "InvalidParameterValue"),
        ({"IpProtocol": "tcp", "ToPort": 2}, "InvalidParameterValue"),
        ({"IpProtocol": "tcp", "FromPort": 3, "ToPort": 2}, "InvalidParameterValue"),
        ({"IpProtocol": "6", "FromPort": -1, "ToPort": 2}, "InvalidPermission.Malformed"),
        ({"IpProtocol": "UDP", "FromPort": 1, "ToPort": 65_536}, "InvalidParameterValue"),
    ],
)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_new_rule_has_a_protocol_and_the_ports_that_it_needs(
    ec2: Any, group_in: Callable[[], str], permission: dict[str, Any], code: str, direction: str
) -> None:
    group = group_in()
    authorize = getattr(ec2, f"authorize_security_group_{direction}")
    given = {**permission, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    assert refusal(authorize, GroupId=group, IpPermissions=[given]) == code
    authorize(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}])


def test_a_new_rule_names_no_unknown_prefix_list(ec2: Any, group_in: Callable[[], str]) -> None:
    given = {**UDP, "PrefixListIds": [{"PrefixListId": "pl-0"}]}
    authorize = ec2.authorize_security_group_egress
    assert refusal(authorize, GroupId=group_in(), IpPermissions=[given]) == "InvalidPrefixListID.NotFound"
