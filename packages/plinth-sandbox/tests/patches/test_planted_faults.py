"""Faults that were planted into tiny programs, where each is refused, and with which error.

The preview refuses what the vendor's plugin refuses, and reports the property. Emulated AWS refuses the rest with the
service's own error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from plinth_sandbox.provider.entry import entry_of
from plinth_sandbox.provider.properties.check import check_resource
from plinth_sandbox.testing import REGION, EmulatedAws, refusal

ROLE, KEY, QUEUE = "aws:iam/role:Role", "aws:kms/key:Key", "aws:sqs/queue:Queue"
SUBNET, INGRESS = "aws:ec2/subnet:Subnet", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
TRUST: dict[str, Any] = {"assumeRolePolicy": "{}"}
RULE: dict[str, Any] = {"securityGroupId": "sg-1", "ipProtocol": "tcp"}
ZONES = {"availabilityZone": "eu-west-1a", "availabilityZoneId": "euw1-az1"}

REFUSED_IN_THE_PREVIEW: list[tuple[str, str, dict[str, Any], str]] = [
    ("a key usage that does not exist", KEY, {"keyUsage": "SIGNING"}, "keyUsage"),
    ("a role name of 65 characters", ROLE, {**TRUST, "name": "r" * 65}, "name"),
    ("a role name and its prefix", ROLE, {**TRUST, "name": "a", "namePrefix": "b"}, "namePrefix"),
    ("a zone and its id", SUBNET, {"vpcId": "v", "cidrBlock": "10.0.0.0/24", **ZONES}, "availabilityZoneId"),
    ("IPv4 and IPv6 in one rule", INGRESS, {**RULE, "cidrIpv4": "10.0.0.0/8", "cidrIpv6": "::/0"}, "cidrIpv6"),
    ("a network with host bits", INGRESS, {**RULE, "cidrIpv4": "10.0.0.1/8"}, "cidrIpv4"),
    (
        "a lifecycle rule with status On",
        LIFECYCLE,
        {"bucket": "b", "rules": [{"id": "a", "status": "On"}]},
        "rules[0].status",
    ),
    ("log retention of 42 days", "aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 42}, "retentionInDays"),
    ("a queue delay of 9,000 s", QUEUE, {"delaySeconds": 9_000}, "delaySeconds"),
]


@pytest.mark.parametrize(
    ("token", "inputs", "path"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED_IN_THE_PREVIEW]
)
def test_a_planted_fault_is_refused_in_the_preview(token: str, inputs: dict[str, Any], path: str) -> None:
    assert path in [failure.path for failure in check_resource(entry_of(token), inputs)]


class Account:
    """Resources of an account into which faults are planted."""

    def __init__(self, aws: EmulatedAws, account: str) -> None:
        self.aws, self.id = aws, account
        self.missing_role = f"arn:aws:iam::{account}:role/nobody"
        location = {"LocationConstraint": REGION}
        for bucket, locked in (("planted", False), ("planted-locked", True)):
            self("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=locked
            )
        self("iam").create_role(RoleName="planted", AssumeRolePolicyDocument=trust({"Service": "glue.amazonaws.com"}))
        self.vpc = self("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self("ec2").create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self("ec2").create_vpc_endpoint(**self.endpoint())
        self("config").put_configuration_recorder(
            ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{account}:role/planted"}
        )

    def __call__(self, service: str) -> Any:
        return self.aws.client(service, self.id)

    def endpoint(self, **parameters: Any) -> dict[str, Any]:
        return {
            "VpcId": self.vpc,
            "VpcEndpointType": "Interface",
            "ServiceName": f"com.amazonaws.{REGION}.sqs",
            "SubnetIds": [self.subnet],
            **parameters,
        }


@pytest.fixture(scope="module")
def planted(aws: EmulatedAws) -> Account:
    return Account(aws, aws.new_account("planted"))


Plant: TypeAlias = Callable[[Account], Any]


def policy(**elements: Any) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::planted/*", **elements}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def lifecycle(account: Account, **actions: Any) -> Any:
    rule = {"ID": "planted", "Status": "Enabled", "Filter": {"Prefix": ""}, **actions}
    return account("s3").put_bucket_lifecycle_configuration(Bucket="planted", LifecycleConfiguration={"Rules": [rule]})


def two_inline_policies(account: Account) -> None:
    for name in ("first", "second"):
        long = policy(Resource=f"arn:aws:s3:::planted/{'x' * 5_200}")
        account("iam").put_role_policy(RoleName="planted", PolicyName=name, PolicyDocument=long)


def share_with_the_organization(account: Account) -> None:
    organization = account.aws.client("organizations").describe_organization()["Organization"]["Arn"]
    share = {"name": "planted", "allowExternalPrincipals": False, "principals": [organization]}
    account("ram").create_resource_share(**share)


REFUSED_BY_AWS: list[tuple[str, Plant, str]] = [
    (
        "STANDARD_IA after 10 days",
        lambda a: lifecycle(a, Transitions=[{"Days": 10, "StorageClass": "STANDARD_IA"}]),
        "InvalidArgument",
    ),
    (
        "expiry before the transition",
        lambda a: lifecycle(a, Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}], Expiration={"Days": 5}),
        "InvalidArgument",
    ),
    ("a lifecycle rule without an action", lifecycle, "InvalidRequest"),
    (
        "an EventBridge schedule of five fields",
        lambda a: a("events").put_rule(Name="r", ScheduleExpression="cron(0 3 * * *)"),
        "ValidationException",
    ),
    (
        "a Glue schedule at minute 99",
        lambda a: a("glue").create_trigger(
            Name="t", Type="SCHEDULED", Schedule="cron(99 3 * * ? *)", Actions=[{"JobName": "j"}]
        ),
        "InvalidInputException",
    ),
    (
        "a managed policy over 6,144 characters",
        lambda a: a("iam").create_policy(PolicyName="p", PolicyDocument=policy(Sid="x" * 6_144)),
        "LimitExceeded",
    ),
    ("inline policies over 10,240 characters in sum", two_inline_policies, "LimitExceeded"),
    (
        "a key policy that locks everybody out",
        lambda a: a("kms").create_key(Policy=policy(Principal={"AWS": a.id}, Action="kms:Encrypt", Resource="*")),
        "MalformedPolicyDocumentException",
    ),
    (
        "a trust policy for a missing role",
        lambda a: a("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": a.missing_role})),
        "MalformedPolicyDocument",
    ),
    (
        "a bucket policy for a missing role",
        lambda a: a("s3").put_bucket_policy(Bucket="planted", Policy=policy(Principal={"AWS": a.missing_role})),
        "MalformedPolicy",
    ),
    (
        "a boundary that does not exist",
        lambda a: a("iam").put_role_permissions_boundary(
            RoleName="planted", PermissionsBoundary=f"arn:aws:iam::{a.id}:policy/none"
        ),
        "NoSuchEntity",
    ),
    (
        "a bucket policy about another bucket",
        lambda a: a("s3").put_bucket_policy(
            Bucket="planted", Policy=policy(Principal="*", Resource="arn:aws:s3:::another/*")
        ),
        "MalformedPolicy",
    ),
    (
        "a service control policy with Principal",
        lambda a: a.aws.client("organizations").create_policy(
            Name="planted",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=policy(Effect="Deny", Principal="*"),
        ),
        "MalformedPolicyDocumentException",
    ),
    (
        "an endpoint with a missing security group",
        lambda a: a("ec2").create_vpc_endpoint(**a.endpoint(SecurityGroupIds=["sg-0123456789abcdef0"])),
        "InvalidGroup.NotFound",
    ),
    (
        "an endpoint of an unknown service",
        lambda a: a("ec2").create_vpc_endpoint(**a.endpoint(ServiceName=f"com.amazonaws.{REGION}.nosuch")),
        "InvalidServiceName",
    ),
    (
        "a VPC deleted under a live endpoint",
        lambda a: a("ec2").delete_vpc(VpcId=a.vpc),
        "DependencyViolation",
    ),
    (
        "a subnet deleted under a live endpoint",
        lambda a: a("ec2").delete_subnet(SubnetId=a.subnet),
        "DependencyViolation",
    ),
    (
        "configurations delivered to a locked bucket",
        lambda a: a("config").put_delivery_channel(
            DeliveryChannel={"name": "default", "s3BucketName": "planted-locked"}
        ),
        "InsufficientDeliveryPolicyException",
    ),
    (
        "a share with the organization before sharing is enabled",
        share_with_the_organization,
        "UnknownResourceException",
    ),
]


@pytest.mark.parametrize(("plant", "error"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED_BY_AWS])
def test_a_planted_fault_is_refused_by_aws(planted: Account, plant: Plant, error: str) -> None:
    assert refusal(lambda: plant(planted)) == error
