"""Inputs are checked before any operation, and every error names its property."""

from __future__ import annotations

import re

import pytest

from plinth_sandbox.provider.entry import entry_of
from plinth_sandbox.provider.errors import UnknownTypeError
from plinth_sandbox.provider.properties.check import check_resource
from plinth_sandbox.provider.rpc.wire import UNKNOWN

KEY = "aws:kms/key:Key"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def faults(token: str, inputs: dict[str, object]) -> dict[str, str]:
    return {failure.path: failure.reason for failure in check_resource(entry_of(token), inputs)}


def test_inputs_of_the_right_names_and_types_pass():
    assert faults(KEY, {"description": "a", "enableKeyRotation": True, "deletionWindowInDays": 7, "tags": {}}) == {}


def test_a_misspelt_property_is_refused_with_a_suggestion():
    assert faults(KEY, {"descripton": "a"}) == {"descripton": "no such property (did you mean description?)"}


def test_a_missing_required_property_is_refused():
    assert faults("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b"}) == {
        "policy": "missing: this property is required"
    }


def test_errors_in_nested_properties_have_their_path():
    rules = [{"applyServerSideEncryptionByDefault": {"kmsMasterKeyId": 7}}, {"bucketKeyEnabled": "yes"}]
    assert faults(ENCRYPTION, {"bucket": "b", "rules": rules}) == {
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "missing: this property is required",
        "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId": "expected string, got number",
        "rules[1].bucketKeyEnabled": "expected boolean, got string",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"deletionWindowInDays": "7"}, "expected integer, got string"),
        ({"deletionWindowInDays": True}, "expected integer, got boolean"),
        ({"deletionWindowInDays": 7.5}, "expected integer, got number"),
        ({"enableKeyRotation": 1}, "expected boolean, got number"),
        ({"description": ["a"]}, "expected string, got list"),
        ({"tags": "a"}, "expected map of string, got string"),
    ],
)
def test_a_value_of_another_type_is_refused(value: dict[str, object], expected: str):
    assert list(faults(KEY, value).values()) == [expected]


def test_a_value_in_a_map_of_another_type_is_refused_by_its_key():
    assert faults(KEY, {"tags": {"a": 1}}) == {"tags.a": "expected string, got number"}


ROLE = {"assumeRolePolicy": "{}"}
SUBNET = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}
RULE = {"securityGroupId": "sg-1", "ipProtocol": "tcp"}
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
MEASURED = {"name": "a", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1}
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (KEY, {"keyUsage": "SIGNING"}, "keyUsage", "value 'SIGNING' .*enum value set: .SIGN_VERIFY"),
        (KEY, {"tags": {"": "a"}, "description": "d" * 8193}, "description", "length 8193 .* equal to 8192"),
        ("aws:iam/role:Role", {**ROLE, "name": "r" * 65}, "name", "length 65 .*less than or equal to 64"),
        ("aws:iam/role:Role", {**ROLE, "name": "a b"}, "name", "regular expression pattern"),
        ("aws:iam/role:Role", {**ROLE, "maxSessionDuration": 60}, "maxSessionDuration", "'60' .*equal to 3600"),
        (LIFECYCLE, {"bucket": "b", "rules": [{"id": "a", "status": "On"}]}, "rules[0].status", "Enabled, Disabled"),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "a", "retentionInDays": 42}, "retentionInDays", "'42' .*30, 60"),
        ("aws:sqs/queue:Queue", {"name": "a", "delaySeconds": 9000}, "delaySeconds", "'9000' .*less than .* 900"),
        (ALARM, {**MEASURED, "period": 45}, "period", "'45' .*10, 20, 30. or a multiple of 60"),
        (
            ALARM,
            {**MEASURED, "period": 60, "treatMissingData": "ignored"},
            "treatMissingData",
            "breaching, notBreaching",
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "shared"}, "instanceTenancy", "dedicated"),
    ],
)
def test_a_value_that_the_service_model_forbids_is_refused(
    token: str, inputs: dict[str, object], path: str, reason: str
):
    found = faults(token, inputs)
    assert list(found) == [path]
    assert re.search(reason, found[path])


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        ("aws:iam/role:Role", {**ROLE, "name": "a", "namePrefix": "b"}, "namePrefix", "conflicts with name"),
        (
            "aws:ec2/subnet:Subnet",
            {**SUBNET, "availabilityZone": "eu-west-1a", "availabilityZoneId": "euw1-az1"},
            "availabilityZoneId",
            "conflicts with availabilityZone",
        ),
        (INGRESS, {**RULE, "cidrIpv4": "10.0.0.0/8", "cidrIpv6": "::/0"}, "cidrIpv6", "conflicts with cidrIpv4"),
        (INGRESS, RULE, "cidrIpv4", "missing: set exactly one of cidrIpv4, cidrIpv6, prefixListId and"),
        (INGRESS, {**RULE, "cidrIpv4": "10.0.0.1/8"}, "cidrIpv4", "'10.0.0.1/8' has host bits: write 10.0.0.0/8"),
        (INGRESS, {**RULE, "cidrIpv4": "10.0.0.0"}, "cidrIpv4", "no prefix length; .* write 10.0.0.0/32"),
        (INGRESS, {**RULE, "cidrIpv6": "everyone"}, "cidrIpv6", "'everyone' is not a network"),
        (
            GROUP,
            {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["10.0.0.0/8", "10.1.0.1/16"]}]},
            "ingress[0].cidrBlocks[1]",
            "write 10.1.0.0/16",
        ),
    ],
)
def test_inputs_that_the_vendor_refuses_are_refused(token: str, inputs: dict[str, object], path: str, reason: str):
    found = faults(token, inputs)
    assert list(found) == [path]
    assert re.search(reason, found[path])


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:iam/role:Role", {**ROLE, "namePrefix": "a", "name": "a1", "__defaults": ["name"]}),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "a", "retentionInDays": 0}),
        ("aws:ec2/subnet:Subnet", {**SUBNET, "availabilityZone": UNKNOWN, "availabilityZoneId": UNKNOWN}),
        (INGRESS, {**RULE, "cidrIpv4": UNKNOWN}),
        (KEY, {"tags": {"cidr": "10.0.0.1/8"}}),
        (ALARM, {**MEASURED, "period": 300, "treatMissingData": UNKNOWN}),
    ],
)
def test_inputs_that_only_look_invalid_pass(token: str, inputs: dict[str, object]):
    assert faults(token, inputs) == {}


def test_no_error_contains_a_value_because_it_may_be_secret():
    assert all("hunter2" not in reason for reason in faults(KEY, {"deletionWindowInDays": "hunter2"}).values())
    assert all("hunter2" not in reason for reason in faults(KEY, {"description": "hunter2" * 2000}).values())


def test_unknown_values_pass_the_check():
    assert faults(KEY, {"deletionWindowInDays": UNKNOWN, "tags": {"a": UNKNOWN}}) == {}


def test_a_property_that_the_vendor_knows_and_the_provider_catalog_does_not_says_where_to_add_it():
    reason = faults("aws:s3/bucket:Bucket", {"website": {"indexDocument": "index.html"}})["website"]
    assert "add it to the entry in s3.py of plinth_sandbox.provider.catalog" in reason


def test_a_type_that_the_provider_catalog_does_not_have_says_where_to_add_it():
    with pytest.raises(UnknownTypeError, match=r"s3\.py of plinth_sandbox\.provider\.catalog,"):
        entry_of("aws:s3/bucketMetric:BucketMetric")
    with pytest.raises(UnknownTypeError, match=r"emr\.py of plinth_sandbox\.provider\.catalog,"):
        entry_of("aws:emr/cluster:Cluster")
