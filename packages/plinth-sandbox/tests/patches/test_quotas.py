"""Requests beyond the quotas of an account are refused, and increases of quotas are requested."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.quotas.table import BY_CODE, QUOTAS
from plinth_sandbox.testing import REGION, EmulatedAws, refusal
from trails import admitting_trails

NAMES = (f"one-{number}" for number in count())


def raise_to(aws: EmulatedAws, account: str, code: str, value: int) -> None:
    quota = BY_CODE[code]
    client = aws.client("service-quotas", account, region=quota.region or REGION)
    client.request_service_quota_increase(ServiceCode=quota.service, QuotaCode=code, DesiredValue=value)


def until_refused(make: Callable[[int], Any], *, at_most: int = 60) -> tuple[int, str]:
    """Returns how often it succeeds, and the code and text of the error that ends it."""
    for number in range(at_most):
        try:
            make(number)
        except ClientError as error:
            return number, f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    pytest.fail(f"nothing was refused {at_most} times")


@pytest.fixture
def account(aws: EmulatedAws) -> str:
    """Returns an account of one test, because others would use up its quotas."""
    return aws.new_account(next(NAMES))


@pytest.fixture
def ec2(aws: EmulatedAws, account: str) -> Any:
    return aws.client("ec2", account)


def test_the_default_vpc_counts_as_one_of_five(aws: EmulatedAws, account: str, ec2: Any) -> None:
    def make(number: int) -> None:
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")

    assert until_refused(make) == (4, "VpcLimitExceeded: The maximum number of VPCs has been reached.")
    raise_to(aws, account, "L-F678F1CE", 7)
    assert until_refused(make)[0] == 2
    (default,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert len(aws.client("ec2", account, region="us-east-1").describe_vpcs()["Vpcs"]) == 1
    assert default["VpcId"]


def test_addresses_and_nat_gateways_are_limited(aws: EmulatedAws, account: str, ec2: Any) -> None:
    refused = "AddressLimitExceeded: The maximum number of addresses has been reached."
    assert until_refused(lambda _: ec2.allocate_address(Domain="vpc")) == (5, refused)
    raise_to(aws, account, "L-0263D0A3", 9)
    first, second, *_ = (subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"])
    addresses = [address["AllocationId"] for address in ec2.describe_addresses()["Addresses"]]
    addresses += [ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2)]

    def gateway(number: int) -> None:
        ec2.create_nat_gateway(SubnetId=first, AllocationId=addresses[number])

    refused = "NatGatewayLimitExceeded: The maximum number of NAT Gateways has been reached."
    assert until_refused(gateway) == (5, refused)
    ec2.create_nat_gateway(SubnetId=second, AllocationId=addresses[6])


def test_internet_gateways_are_raised_with_vpcs(aws: EmulatedAws, account: str, ec2: Any) -> None:
    made, said = until_refused(lambda _: ec2.create_internet_gateway())
    assert said.startswith("InternetGatewayLimitExceeded")
    raise_to(aws, account, "L-F678F1CE", 6)
    ec2.create_internet_gateway()
    assert made <= 5


def test_gateway_endpoints_are_limited_in_the_region_and_others_in_their_vpc(
    aws: EmulatedAws, account: str, ec2: Any
) -> None:
    raise_to(aws, account, "L-F678F1CE", 20)
    vpcs = [ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in range(12)]

    def gateway(number: int) -> None:
        service = ("s3", "dynamodb")[number % 2]
        ec2.create_vpc_endpoint(VpcId=vpcs[number // 2], ServiceName=f"com.amazonaws.{REGION}.{service}")

    refused = "VpcEndpointLimitExceeded: The maximum number of VPC endpoints has been reached."
    assert until_refused(gateway) == (20, refused)
    vpc = vpcs[0]
    interface = {"VpcId": vpc, "ServiceName": f"com.amazonaws.{REGION}.sts", "VpcEndpointType": "Interface"}
    assert until_refused(lambda _: ec2.create_vpc_endpoint(**interface, PrivateDnsEnabled=False)) == (50, refused)
    ec2.create_vpc_endpoint(**{**interface, "VpcId": vpcs[1]}, PrivateDnsEnabled=False)


def test_an_eleventh_policy_of_log_groups_is_refused(aws: EmulatedAws, account: str) -> None:
    logs = aws.client("logs", account)
    policy = '{"Version": "2012-10-17", "Statement": []}'
    made, said = until_refused(lambda _: logs.put_resource_policy(policyName=next(NAMES), policyDocument=policy))
    assert (made, said) == (10, "LimitExceededException: Resource limit exceeded.")


def test_firewalls_policies_and_groups_of_rules_are_limited(aws: EmulatedAws, account: str) -> None:
    firewall = aws.client("network-firewall", account)
    actions = {"StatelessDefaultActions": ["aws:pass"], "StatelessFragmentDefaultActions": ["aws:pass"]}
    made, said = until_refused(
        lambda _: firewall.create_firewall_policy(FirewallPolicyName=next(NAMES), FirewallPolicy=actions)
    )
    assert (made, said.partition(":")[0]) == (20, "LimitExceededException")
    rules = {"RulesSource": {"RulesString": "pass tcp any any -> any any (sid: 1;)"}}

    def group(_: int) -> None:
        firewall.create_rule_group(RuleGroupName=next(NAMES), Type="STATEFUL", Capacity=1, RuleGroup=rules)

    assert until_refused(group)[0] == 50


@pytest.mark.parametrize(
    ("type_", "most"),
    [("ml.g5.xlarge", 0), ("ml.p4d.24xlarge", 0)],
)
def test_a_new_account_trains_on_no_accelerators(aws: EmulatedAws, account: str, type_: str, most: int) -> None:
    said = until_refused(lambda _: train(aws, account, type_))[1]
    assert said.startswith(
        f"ResourceLimitExceeded: The account-level service limit '{type_} for training job usage' is {most} Instances, "
        "with current utilization of 0 Instances and a request delta of 1 Instances."
    )


def test_a_granted_instance_trains(aws: EmulatedAws, account: str) -> None:
    raise_to(aws, account, "L-B6D80D9C", 1)
    train(aws, account, "ml.g5.xlarge")
    assert len(aws.client("sagemaker", account).list_training_jobs()["TrainingJobSummaries"]) == 1


def test_an_invalid_request_beyond_a_quota_is_invalid(aws: EmulatedAws, account: str) -> None:
    """AWS looks at quotas last."""
    train = aws.client("sagemaker", account).create_training_job
    request = training_job(account, "ml.p4d.24xlarge")
    assert refusal(train, **{**request, "RoleArn": f"arn:aws:iam::{account}:role/none"}) == "ValidationException"


def train(aws: EmulatedAws, account: str, type_: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    with contextlib.suppress(ClientError):  # it exists
        aws.client("iam", account).create_role(RoleName="trainer", AssumeRolePolicyDocument=document)
    aws.client("sagemaker", account).create_training_job(**training_job(account, type_))


def training_job(account: str, type_: str) -> dict[str, Any]:
    return {
        "TrainingJobName": next(NAMES),
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": f"arn:aws:iam::{account}:role/trainer",
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {"InstanceType": type_, "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def test_a_sixth_trail_is_refused(aws: EmulatedAws, account: str) -> None:
    trails = aws.client("cloudtrail", account)
    aws.client("s3", account).create_bucket(
        Bucket=f"trails-{account}", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    aws.client("s3", account).put_bucket_policy(
        Bucket=f"trails-{account}", Policy=admitting_trails(f"trails-{account}")
    )
    made, said = until_refused(lambda _: trails.create_trail(Name=next(NAMES), S3BucketName=f"trails-{account}"))
    assert (made, said.partition(":")[0]) == (5, "MaximumNumberOfTrailsExceededException")


def test_quotas_are_listed_with_their_defaults_and_their_requests(aws: EmulatedAws, account: str) -> None:
    quotas = aws.client("service-quotas", account)
    asked = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    requested = quotas.request_service_quota_increase(**asked, DesiredValue=6)["RequestedQuota"]
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 6
    assert quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 5
    (listed,) = quotas.list_requested_service_quota_change_history_by_quota(**asked)["RequestedQuotas"]
    assert (listed["Id"], listed["Status"]) == (requested["Id"], "APPROVED")
    assert not quotas.list_requested_service_quota_change_history(ServiceCode="ec2")["RequestedQuotas"]
    assert refusal(quotas.list_service_quotas, ServiceCode="nothing") == "NoSuchResourceException"
    fixed = {"ServiceCode": "vpc", "QuotaCode": "L-3248932A"}
    assert refusal(quotas.request_service_quota_increase, **fixed, DesiredValue=30_000) == "IllegalArgumentException"


def test_each_quota_has_one_code_and_one_name() -> None:
    assert len(BY_CODE) == len(QUOTAS) == len({(quota.service, quota.name) for quota in QUOTAS})
