"""The conventions and templates of the provider catalog."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from plinth_sandbox.provider.errors import AwsError
from plinth_sandbox.provider.functions.sagemaker.jobs import with_warm_pool_alone
from plinth_sandbox.provider.operations.operation import Operation, shape_at
from plinth_sandbox.provider.operations.session import service_model
from plinth_sandbox.provider.properties import shapes
from plinth_sandbox.provider.properties.property_types import parse as parse_type
from plinth_sandbox.provider.rpc.configuration import Configuration
from plinth_sandbox.provider.tagging import effective, own, visible
from plinth_sandbox.provider.templates import ABSENT, fill, parse, references
from plinth_sandbox.provider.vocabulary import Call

TAG_PAIRS = [{"TagKey": "a", "TagValue": "1"}]
DIMENSION_PAIRS = [{"Name": "a", "Value": "1"}]


def request(service: str, operation: str) -> Any:
    return service_model(service).operation_model(operation).input_shape


def there_and_back(service: str, operation: str, member: str, expression: Any, value: Any) -> tuple[Any, Any]:
    expected = parse_type(expression)
    sent = shapes.to_member(value, expected, request(service, operation).members[member], {})
    return sent, shapes.to_property(sent, expected, {})


@pytest.mark.parametrize(
    ("service", "operation", "member", "expression", "value", "sent"),
    [
        ("kms", "CreateKey", "Tags", {"*": "string"}, {"a": "1"}, TAG_PAIRS),
        ("cloudwatch", "PutMetricAlarm", "Dimensions", {"*": "string"}, {"a": "1"}, DIMENSION_PAIRS),
        ("ec2", "ModifyVpcAttribute", "EnableDnsSupport", "boolean", False, {"Value": False}),
        ("sqs", "CreateQueue", "Attributes", {"*": "string"}, {"DelaySeconds": "5"}, {"DelaySeconds": "5"}),
        ("kms", "ScheduleKeyDeletion", "PendingWindowInDays", "string", "7", 7),
        ("sns", "SetTopicAttributes", "AttributeValue", "boolean", True, "true"),
        ("ec2", "CreateVpcEndpoint", "SubnetIds", ["string"], ["a", "b"], ["a", "b"]),
        (
            "s3",
            "PutBucketOwnershipControls",
            "OwnershipControls",
            {"rule": {"objectOwnership": "string"}},
            {"rule": {"objectOwnership": "ObjectWriter"}},
            {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ),
        (
            "s3",
            "PutBucketEncryption",
            "ServerSideEncryptionConfiguration",
            {"rules": [{"blockedEncryptionTypes": ["string"], "bucketKeyEnabled": "boolean"}]},
            {"rules": [{"blockedEncryptionTypes": ["SSE-C"], "bucketKeyEnabled": True}]},
            {"Rules": [{"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}, "BucketKeyEnabled": True}]},
        ),
    ],
)
def test_a_property_becomes_what_the_request_declares_and_comes_back(
    service: str, operation: str, member: str, expression: Any, value: Any, sent: Any
):
    assert there_and_back(service, operation, member, expression, value) == (sent, value)


def test_names_match_ignoring_case_and_plural_and_renames_take_precedence():
    assert shapes.match("kmsKeyId", ["KMSKeyId", "Key"], {}) == "KMSKeyId"
    assert shapes.match("rule", ["Rules"], {}) == "Rules"
    assert shapes.match("policies", ["Policy"], {}) == "Policy"
    assert shapes.match("isEnabled", ["Enabled", "IsEnabled"], {"isEnabled": "Enabled"}) == "Enabled"
    assert shapes.match("address", ["Addres"], {}) is None


def test_a_member_does_not_fill_a_plural_if_it_has_a_property_of_its_own():
    properties = parse_type({"rule": {"id": "string"}, "rules": [{"id": "string"}], "codes": ["string"]})
    answer = {"Rule": {"Id": "a"}, "Code": ["b"]}
    assert shapes.to_properties(answer, properties, {}) == {"rule": {"id": "a"}, "codes": ["b"]}
    several = {"Rules": [{"Id": "a"}]}
    assert shapes.to_properties(several, properties, {}) == {"rules": [{"id": "a"}]}
    assert shapes.to_properties(answer, properties, {"rules": "Rule"})["rules"] == [{"id": "a"}]


def test_an_update_of_a_training_job_changes_only_the_warm_pool():
    named = {"TrainingJobName": "train", "RemoteDebugConfig": {"EnableRemoteDebug": False}}
    waiting = {**named, "ResourceConfig": {"KeepAlivePeriodInSeconds": 600}}
    assert with_warm_pool_alone({**named, "ResourceConfig": {}}) == named
    assert with_warm_pool_alone(waiting) == waiting


def test_a_list_member_contains_the_properties_in_its_one_element():
    properties = parse_type(
        {"rule!": "string", "targetId": "string", "retryPolicy": {"maximumRetryAttempts": "integer"}}
    )
    call = Call("put_targets", within="Targets")
    operation = Operation(call, service="events", properties=properties, renames={"targetId": "Id"}, address={})
    known = {"rule": "approved", "targetId": "train", "retryPolicy": {"maximumRetryAttempts": 2}}
    target = {"Id": "train", "RetryPolicy": {"MaximumRetryAttempts": 2}}
    assert operation.arguments(known) == {"Rule": "approved", "Targets": [target]}
    assert list(operation.not_sent("retryPolicy", {"patience": 1})) == ["retryPolicy.patience"]


def test_a_nested_property_that_the_request_cannot_hold_is_found_by_its_path():
    expected = parse_type({"rules": [{"bucketKeyEnabled": "boolean", "colour": "string"}]})
    shape = request("s3", "PutBucketEncryption").members["ServerSideEncryptionConfiguration"]
    value = {"rules": [{"bucketKeyEnabled": True}, {"colour": "red"}]}
    assert list(shapes.unmatched(value, expected, shape, {}, "p")) == ["p.rules[1].colour"]


def test_the_shape_at_a_path_is_derived_from_the_model():
    answer = service_model("ec2").operation_model("DescribeVpcs").output_shape
    assert "CidrBlock" in shape_at("Vpcs[0]", answer).members
    aliases = service_model("kms").operation_model("ListAliases").output_shape
    assert "TargetKeyId" in shape_at("Aliases[?AliasName=='{name}'] | [0]", aliases).members
    assert shape_at("Nothing.at.all", answer) is None


def test_templates_give_values_of_any_type_and_text_around_them_makes_a_string():
    known = {"ids": ["a", "b"], "count": 3, "nested": {"name": "n"}, "@account": "1"}
    assert fill("{ids}", known) == ["a", "b"]
    assert fill("arn:{@account}:{nested.name}/{count}", known) == "arn:1:n/3"
    assert fill({"Filters": [{"Values": ["{count}"]}], "All": True}, known) == {
        "Filters": [{"Values": [3]}],
        "All": True,
    }


def test_arguments_without_a_value_are_left_out_and_empty_literals_stay():
    assert fill({"A": "{missing}", "B": ["{missing}"], "C": {}, "D": "x"}, {}) == {"C": {}, "D": "x"}
    assert fill("arn:{missing}", {}) is ABSENT
    assert fill({"Filters": [{"Name": "a", "Values": ["{missing}"]}], "All": True}, {}) == {"All": True}
    assert fill({"A": {"B": "{missing}"}}, {}) is ABSENT


@given(st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), st.from_regex(r"[a-z0-9/-]{1,12}", fullmatch=True))
def test_an_id_is_parsed_into_its_properties(role: str, name: str):
    template = "{role}:{name}"
    assert parse(template, str(fill(template, {"role": role, "name": name}))) == {"role": role, "name": name}


def test_an_id_is_parsed_despite_separators_inside_a_property():
    template = "{service}/{/resource}/{dimension}"
    parts = {"service": "sagemaker", "resource": "endpoint/scores/variant/all", "dimension": "sagemaker:variant:Count"}
    assert fill(template, parts) == "sagemaker/endpoint/scores/variant/all/sagemaker:variant:Count"
    assert parse(template, str(fill(template, parts))) == parts
    assert set(references(template)) == set(parts)


def test_a_template_lists_the_properties_that_it_needs():
    template = {"A": "{+subnetIds}", "B": ["{vpc.id}", "{@region}"], "C": 1}
    assert set(references(template)) == {"subnetIds", "vpc", "@region"}


def test_default_tags_belong_to_the_resource_only_if_it_repeats_them():
    configuration = Configuration("eu-west-1", default_tags={"team": "fraud", "cost": "1"})
    assert effective(configuration, {"cost": "2"}) == {"team": "fraud", "cost": "2"}
    found = {"team": "fraud", "cost": "2", "more": "3"}
    assert own(configuration, found, {"cost": "2"}) == {"cost": "2", "more": "3"}
    assert own(configuration, found, {"team": "fraud"}) == found


def test_tags_of_aws_and_ignored_tags_are_invisible():
    configuration = Configuration("eu-west-1", ignored_tag_keys=frozenset({"x"}), ignored_tag_prefixes=("k8s/",))
    assert visible(configuration, {"aws:cloudformation": "1", "x": "2", "k8s/a": "3", "own": "4"}) == {"own": "4"}


def aws_error(code: str, text: str = "") -> AwsError:
    response = {"Error": {"Code": code, "Message": text}}
    return AwsError("aws:kms/key:Key", "kms", ClientError(response, "CreateKey"))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["NoSuchBucket", "InvalidVpcID.NotFound", "NotFoundException", "404", "NoSuchEntity"])
def test_not_found_codes_mean_that_the_resource_does_not_exist(code: str):
    assert aws_error(code).means_absent()


def test_other_codes_mean_it_only_if_the_entry_lists_them():
    error = aws_error("ValidationException", text="no domain d-1")
    assert not error.means_absent()
    assert error.means_absent("ValidationException: no domain")
