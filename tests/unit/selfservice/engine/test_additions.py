import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from selfservice.engine.account_access import Account
from selfservice.engine.additions import Addition, _opened, find_additions, remove_additions
from selfservice.engine.import_discovery import UNKNOWN_VALUE

ACCOUNT = "123456789012"
PROVIDER = "urn:pulumi:fraud::plinth::pulumi:providers:aws::fraud"
DENIAL = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
NOTHING = json.dumps({"Version": "2012-10-17", "Statement": [DENIAL]})
SSH = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


@pytest.fixture
def iam():
    with mock_aws():
        client = boto3.client("iam")
        client.create_role(RoleName="training", AssumeRolePolicyDocument=NOTHING)
        client.put_role_policy(RoleName="training", PolicyName="permissions", PolicyDocument=NOTHING)
        yield client


@pytest.fixture
def ec2():
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-west-1")


@pytest.fixture
def group(ec2):
    """A security group with one ingress rule. EC2 gives a new group an egress rule, which the provider removes."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="workloads", Description="workloads", VpcId=vpc)["GroupId"]
    open_port(ec2, group, 443)
    (egress,) = (rule for rule in rules(ec2, group) if rule["IsEgress"])
    ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[egress["SecurityGroupRuleId"]])
    return group


def open_port(ec2, group, port):
    permission = {**SSH[0], "FromPort": port, "ToPort": port}
    (rule,) = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"]
    return rule["SecurityGroupRuleId"]


def rules(ec2, group):
    return ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]


def resource(type_, id_=None, **inputs):
    name = type_.rpartition(":")[2]
    made = {} if id_ is None else {"id": id_}
    return {"urn": name, "type": type_, "inputs": inputs, "provider": f"{PROVIDER}::1", **made}


PROVIDERS = {
    "urn": PROVIDER,
    "type": "pulumi:providers:aws",
    "inputs": {"region": "eu-west-1", "allowedAccountIds": json.dumps([ACCOUNT])},
}
ROLE = resource("aws:iam/role:Role", "training")
POLICY = resource("aws:iam/rolePolicy:RolePolicy", "training:permissions", role="training", name="permissions")


def additions(*deployed, planned=()):
    return find_additions([PROVIDERS, *deployed], planned)


def test_a_role_as_declared_has_no_additions(iam):
    assert additions(ROLE, POLICY) == []


def test_policies_that_somebody_adds_to_a_role_are_found_and_removed(iam):
    added = iam.create_policy(PolicyName="more", PolicyDocument=NOTHING)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="training", PolicyArn=added)
    iam.put_role_policy(RoleName="training", PolicyName="more", PolicyDocument=NOTHING)
    found = additions(ROLE, POLICY)
    assert [(each.urn, each.what) for each in found] == [("Role", "inline policy more"), ("Role", f"policy {added}")]
    assert remove_additions(found) == {}
    assert additions(ROLE, POLICY) == []
    assert iam.list_role_policies(RoleName="training")["PolicyNames"] == ["permissions"]


def test_a_policy_that_the_program_is_about_to_attach_is_no_addition(iam):
    arn = iam.create_policy(PolicyName="more", PolicyDocument=NOTHING)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="training", PolicyArn=arn)
    attachment = resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="training", policyArn=arn)
    assert additions(ROLE, POLICY, planned=[PROVIDERS, attachment]) == []


def test_a_preview_that_does_not_know_its_provider_uses_the_deployed_one(iam):
    unknown = {**PROVIDERS, "inputs": {"region": "eu-west-1", "assumeRoles": [UNKNOWN_VALUE]}}
    assert additions(ROLE, POLICY, planned=[unknown]) == []


def test_a_role_that_somebody_deleted_has_no_additions(iam):
    assert additions(resource("aws:iam/role:Role", "gone")) == []


def test_a_rule_that_somebody_adds_to_a_group_is_found_and_removed(ec2, group):
    (own,) = rules(ec2, group)
    declared = [resource(GROUP, group), resource(RULE, own["SecurityGroupRuleId"], securityGroupId=group)]
    assert additions(*declared) == []
    added = open_port(ec2, group, 22)
    (found,) = additions(*declared)
    assert (found.urn, found.what) == ("SecurityGroup", f"ingress rule {added}: tcp port 22 from anywhere (0.0.0.0/0)")
    assert remove_additions([found]) == {}
    assert rules(ec2, group) == [own]


def test_inline_rules_are_left_to_the_refresh_and_the_other_direction_is_compared(ec2, group):
    assert additions(resource(GROUP, group, ingress=[{"fromPort": 443}])) == []
    (found,) = additions(resource(GROUP, group, egress=[{"fromPort": 443}]))
    assert found.what.startswith("ingress rule sgr-")


def test_a_refused_listing_is_an_error(iam, monkeypatch):
    """A comparison that AWS refuses must not pass for one that found nothing."""

    def refuse(*_arguments, **_more):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListRolePolicies")

    monkeypatch.setattr(Account, "every", refuse)
    with pytest.raises(ClientError):
        additions(ROLE)


@pytest.mark.parametrize(("code", "is_refused"), [("AccessDenied", True), ("NoSuchEntity", False)])
def test_a_removal_fails_if_aws_refuses_it_and_not_if_somebody_else_was_faster(code, is_refused):
    def remove():
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DetachRolePolicy")

    others = []
    refused = remove_additions(
        [
            Addition(urn="training", what="policy more", remove=remove),
            Addition(urn="serving", what="policy more", remove=lambda: others.append("removed")),
        ]
    )
    assert list(refused) == (["training"] if is_refused else [])
    assert others == ["removed"]
    assert not is_refused or refused["training"].startswith("cannot remove the policy more, which somebody added")


def test_deployers_may_list_what_the_comparison_lists_and_remove_what_it_finds():
    """A refused listing fails the operation, so a deployer that may create roles and groups must be able to compare
    them."""
    listings = {
        "aws:iam/role:Role": {
            *("iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
            *("iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
        },
        GROUP: {"ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"},
    }
    compared = set()
    for kind in CALLS_BY_KIND:
        resources = dict(calls_in([kind]))
        allowed = {action for calls in resources.values() for action in calls.allowed}
        for type_, needed in listings.items():
            if type_ in resources:
                compared.add(type_)
                assert needed <= allowed, kind
    assert compared == set(listings)


@pytest.mark.parametrize(
    ("rule", "opened"),
    [
        ({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv6": "::/0"}, "all traffic from anywhere (::/0)"),
        ({"IpProtocol": "udp", "FromPort": 53, "ToPort": 60, "CidrIpv4": "10.0.0.0/8"}, "udp ports 53 to 60 from 10"),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "PrefixListId": "pl-1"}, "all of tcp from pl-1"),
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "ReferencedGroupInfo": {"GroupId": "sg-1"},
                "IsEgress": True,
            },
            "tcp port 443 to sg-1",
        ),
    ],
)
def test_what_a_rule_opens_is_told(rule, opened):
    assert _opened(rule).startswith(opened)
