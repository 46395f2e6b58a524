"""Every request is checked against AWS's service model, and refused with the service's own error."""

from __future__ import annotations

import re
from typing import Any

import pytest

from emulator.wire import call_of, changed
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.validation.validator import validate

# moto warns about codes that the models do not declare. AWS's common errors are not declared.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.AwsError.")

ROLE = "arn:aws:iam::111111111111:role/worker"
BUCKET = {"Bucket": "plinth-logs"}


def refusal(call: Call) -> AwsError | None:
    """Returns the error with which a call is refused, if it is."""
    try:
        validate(call)
    except AwsError as error:
        return error
    return None


def refused(call: Call) -> AwsError:
    """Returns the error with which a call is refused, as a client receives it."""
    error = refusal(call)
    assert error is not None
    answer = call.reply(error)
    assert 400 <= answer.status < 500
    assert error.code.encode() in answer.body or error.code in str(answer.headers)
    return error


def versioning(status: str) -> dict[str, Any]:
    return {**BUCKET, "VersioningConfiguration": {"Status": status}}


VALID = [
    ("kms", "create_key", {"KeyUsage": "ENCRYPT_DECRYPT", "Tags": [{"TagKey": "team", "TagValue": "fraud"}]}),
    ("iam", "create_role", {"RoleName": "r" * 64, "AssumeRolePolicyDocument": "{}"}),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "dedicated"}),
    ("accessanalyzer", "create_analyzer", {"analyzerName": "outside", "type": "ACCOUNT"}),
    ("s3", "put_bucket_versioning", versioning("Enabled")),
    ("s3", "put_object", {**BUCKET, "Key": "k", "Body": b"\x00\xff", "ServerSideEncryption": "aws:kms"}),
    ("s3control", "tag_resource", {"AccountId": "1" * 12, "ResourceArn": "arn:aws:s3:::plinth-logs", "Tags": []}),
    ("sagemaker-featurestore-runtime", "get_record", {"FeatureGroupName": "g", "RecordIdentifierValueAsString": "1"}),
    ("sqs", "create_queue", {"QueueName": "steps"}),
    ("logs", "describe_log_groups", {}),
]
"""One valid request per protocol, and requests that only look invalid."""


@pytest.mark.parametrize(("service", "operation", "parameters"), VALID, ids=lambda value: str(value)[:24])
def test_a_valid_request_passes(service: str, operation: str, parameters: dict[str, Any]) -> None:
    assert refusal(call_of(service, operation, **parameters)) is None


REFUSED = [
    # json
    ("kms", "create_key", {"KeyUsage": "SIGNING"}, "ValidationException", "'keyUsage'.*enum value set: .SIGN_VERIFY"),
    (
        "kms",
        "create_alias",
        {"AliasName": "alias/a b", "TargetKeyId": "k"},
        "ValidationException",
        "expression pattern",
    ),
    ("kms", "create_alias", {"TargetKeyId": "k"}, "ValidationException", "null at 'aliasName'.*must not be null"),
    ("kms", "schedule_key_deletion", {"KeyId": "k", "PendingWindowInDays": 31}, "ValidationException", "equal to 30"),
    (
        "logs",
        "put_retention_policy",
        {"logGroupName": "a", "retentionInDays": 42},
        "InvalidParameterException",
        "30, 60",
    ),
    ("logs", "create_log_group", {"logGroupName": "a" * 513}, "InvalidParameterException", "length less than .* 512"),
    ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException", "'logGroupName'"),
    ("glue", "create_database", {"DatabaseInput": {}}, "ValidationException", "null at 'databaseInput.name'"),
    ("organizations", "create_policy", {"Type": "WISH"}, "InvalidInputException", "^4 validation errors"),
    ("dynamodb", "create_table", {"BillingMode": "FREE"}, "ValidationException", "PROVISIONED, PAY_PER_REQUEST"),
    ("sqs", "send_message", {"QueueUrl": "q"}, "MissingParameter", "messageBody"),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"DelaySeconds": "9000"}}, "InvalidAttributeValue", "900"),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"Delay": "1"}}, "InvalidAttributeName", "Map keys must"),
    # query
    ("iam", "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": "{}"}, "ValidationError", "equal to 64"),
    ("iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}, "ValidationError", "'roleName'"),
    ("iam", "create_role", {"RoleName": "r"}, "ValidationError", "'assumeRolePolicyDocument'.*must not be null"),
    ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "s", "DurationSeconds": 9}, "ValidationError", "900"),
    # ec2
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "shared"}, "InvalidParameterValue", "shared"),
    ("ec2", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "vpcId"),
    (
        "ec2",
        "create_flow_logs",
        {"ResourceIds": ["vpc-1"], "ResourceType": "VPC", "MaxAggregationInterval": 90},
        "InvalidParameterValue",
        "maxAggregationInterval.*60, 600",
    ),
    (
        "ec2",
        "authorize_security_group_ingress",
        {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 70000}]},
        "InvalidParameterValue",
        "70000.*ipPermissions.1.member.toPort.*65535",
    ),
    # rest-json
    ("accessanalyzer", "create_analyzer", {"analyzerName": "a", "type": "WORLD"}, "ValidationException", "'type'"),
    ("lambda", "create_function", {"FunctionName": "f", "Role": "worker", "Code": {}}, "ValidationException", "'role'"),
    ("eks", "create_cluster", {"name": "-"}, "InvalidParameterException", "pattern"),
    # rest-xml
    ("s3", "put_bucket_versioning", versioning("On"), "MalformedXML", "published schema"),
    ("s3", "put_object", {**BUCKET, "Key": "k", "ServerSideEncryption": "rot13"}, "InvalidArgument", "rot13"),
    ("route53", "create_hosted_zone", {"Name": "acme.example"}, "InvalidInput", "'callerReference'"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "code", "complaint"), REFUSED)
def test_a_request_that_violates_the_model_is_refused_with_the_services_error(
    service: str, operation: str, parameters: dict[str, Any], code: str, complaint: str
) -> None:
    error = refused(call_of(service, operation, **parameters))
    assert error.code == code
    assert re.search(complaint, error.message)


def test_values_in_lists_and_maps_are_reported_with_their_place() -> None:
    tags = [{"TagKey": "a", "TagValue": "b"}, {"TagKey": "", "TagValue": "b"}]
    assert "at 'tags.2.member.tagKey'" in refused(call_of("kms", "create_key", Tags=tags)).message
    scalars = refused(call_of("sagemaker", "delete_tags", ResourceArn="arn:aws:sagemaker:::x", TagKeys=["a", "#"]))
    assert "'[a, #]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [" in scalars.message
    code = {"Code": {"ZipFile": b""}, "FunctionName": "f", "Role": ROLE}
    keys = refused(call_of("lambda", "create_function", **code, Environment={"Variables": {"1": "x"}}))
    assert "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy" in keys.message


def test_a_sensitive_value_is_not_repeated() -> None:
    error = refused(call_of("secretsmanager", "create_secret", Name="n", SecretString="hunter2" * 10000))
    assert "1 validation error detected: Value at 'secretString' failed to satisfy constraint" in error.message


def test_a_value_is_not_repeated_to_clients_of_logs() -> None:
    error = refused(call_of("logs", "describe_log_streams", logGroupIdentifier="arn:aws:logs:::a b"))
    assert "Value at 'logGroupIdentifier' failed to satisfy constraint" in error.message


def test_values_of_an_enumeration_are_listed_in_the_order_of_the_service() -> None:
    error = refused(call_of("dynamodb", "scan", TableName="table", Select="count"))
    listed = "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
    assert f"Value 'count' at 'select' failed to satisfy constraint: Member must satisfy enum value set: {listed}" in (
        error.message
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "body", "code"),
    [
        ("kms", "create_key", {}, b'{"Description": 7}', "SerializationException"),
        ("kms", "create_key", {}, b'{"Tags": "a"}', "SerializationException"),
        ("kms", "create_key", {}, b'{"Tags": [', "SerializationException"),
        ("kms", "schedule_key_deletion", {"KeyId": "k"}, b'{"PendingWindowInDays": 7.5}', "SerializationException"),
        ("kms", "schedule_key_deletion", {"KeyId": "k"}, b'{"PendingWindowInDays": "x"}', "SerializationException"),
        ("accessanalyzer", "create_analyzer", {}, b'{"analyzerName": ["a"]}', "SerializationException"),
        ("s3", "put_bucket_versioning", versioning("Enabled"), b"<Versioning", "MalformedXML"),
        ("iam", "create_role", {}, b"Action=CreateRole&Version=2010-05-08&MaxSessionDuration=x", "MalformedInput"),
        ("ec2", "create_vpc", {}, b"Action=CreateVpc&Version=2016-11-15&Ipv4NetmaskLength=x", "InvalidParameterValue"),
    ],
)
def test_a_request_that_cannot_be_parsed_is_refused(
    service: str, operation: str, parameters: dict[str, Any], body: bytes, code: str
) -> None:
    assert refused(changed(call_of(service, operation, **parameters), body)).code == code
