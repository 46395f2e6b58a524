"""Operations whose effect is not kept are refused as unsupported, and never answered with made-up results."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction

from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.awslambda import patches as functions
from plinth_sandbox.testing import REGION, EmulatedAws, refusal

UNSUPPORTED = "NotImplementedBySandbox"
RUNS: list[tuple[str, str, dict[str, Any]]] = [
    # Made up by the fallback store before.
    (
        "codecommit",
        "create_pull_request_approval_rule",
        {"pullRequestId": "1", "approvalRuleName": "two", "approvalRuleContent": "{}"},
    ),
    ("sagemaker", "create_presigned_domain_url", {"DomainId": "d-1", "UserProfileName": "ada"}),
    ("macie2", "create_sample_findings", {}),
    # Made up by moto before.
    ("codebuild", "start_build_batch", {"projectName": "p"}),
    ("stepfunctions", "start_execution", {"stateMachineArn": f"arn:aws:states:{REGION}:111111111111:stateMachine:m"}),
    ("glue", "start_crawler", {"Name": "c"}),
    ("athena", "start_query_execution", {"QueryString": "CREATE DATABASE other"}),
    ("athena", "start_query_execution", {"QueryString": "INSERT INTO a SELECT 1"}),
    (
        "ce",
        "get_cost_and_usage",
        {
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["BlendedCost"],
        },
    ),
]


@pytest.fixture(scope="module")
def function(aws: EmulatedAws, account: str) -> str:
    """Returns the ARN of a function that everybody may invoke."""
    lambdas, packed = aws.client("lambda", account), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def answer(event, context): pass")
    role = aws.role("invoked", "lambda", account)
    code = {"ZipFile": packed.getvalue()}
    given = {"Runtime": "python3.11", "Handler": "code.answer", "Role": role, "Code": code}
    made = lambdas.create_function(FunctionName="invoked", **given)
    for service in ("secretsmanager", "logs"):
        invoke = {"Action": "lambda:InvokeFunction", "Principal": f"{service}.amazonaws.com"}
        lambdas.add_permission(FunctionName="invoked", StatementId=service, **invoke)
    return str(made["FunctionArn"])


def test_a_rotation_is_refused_and_leaves_the_secret(aws: EmulatedAws, account: str, function: str) -> None:
    secrets = aws.client("secretsmanager", account)
    secrets.create_secret(Name="rotated", SecretString="value")
    rotated = {"SecretId": "rotated", "RotationRules": {"AutomaticallyAfterDays": 30}}
    assert refusal(secrets.rotate_secret, **rotated) == "InvalidRequestException"
    with pytest.raises(ClientError, match="RotateSecret is not emulated by the sandbox: a rotation with a function"):
        secrets.rotate_secret(RotationLambdaARN=function, **rotated)
    assert secrets.get_secret_value(SecretId="rotated")["SecretString"] == "value"
    assert "RotationLambdaARN" not in secrets.describe_secret(SecretId="rotated")


def test_a_filter_of_a_log_does_not_lead_to_a_function(aws: EmulatedAws, account: str, function: str) -> None:
    logs = aws.client("logs", account)
    logs.create_log_group(logGroupName="filtered")
    given = {"logGroupName": "filtered", "filterName": "all", "filterPattern": "", "destinationArn": function}
    assert refusal(logs.put_subscription_filter, **given) == UNSUPPORTED


def test_moto_runs_no_function_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("__init__", "update_configuration", "get_configuration", "_invoke_lambda"):
        monkeypatch.setattr(LambdaFunction, name, getattr(LambdaFunction, name))  # as before, after the test
    functions.patch_moto()
    function = LambdaFunction.__new__(LambdaFunction)
    function.function_name = "invoked"
    with pytest.raises(NotEmulatedError, match="an invocation of invoked by moto"):
        function.invoke("{}", {}, {})


@pytest.mark.parametrize("service", ["timestream-write", "timestream-query", "dynamodb"])
def test_no_client_is_told_an_endpoint_of_aws(aws: EmulatedAws, account: str, service: str) -> None:
    client = aws.client(service, account)
    assert refusal(client.describe_endpoints) == UNSUPPORTED


def test_a_stack_with_a_resource_that_nobody_creates_is_refused(aws: EmulatedAws, account: str) -> None:
    stacks = aws.client("cloudformation", account)
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-a-stack"}}
    resources = {"Queue": queue, "Alias": {"Type": "AWS::GameLift::Alias"}}
    with pytest.raises(ClientError, match="resources of the types AWS::GameLift::Alias"):
        stacks.create_stack(StackName="partial", TemplateBody=json.dumps({"Resources": resources}))
    body = """
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "of-${AWS::StackName}"}}
      Policy:
        Type: AWS::SQS::QueuePolicy
        Properties: {Queues: [!Ref Queue], PolicyDocument: {Version: "2012-10-17", Statement: [{Sid: "One"}]}}
    """
    stacks.create_stack(StackName="whole", TemplateBody=body)
    assert [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]] == ["whole"]
    sqs = aws.client("sqs", account)
    url = sqs.get_queue_url(QueueName="of-whole")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    assert json.loads(attributes["Policy"])["Statement"] == [{"Sid": "One"}]


@pytest.mark.parametrize(("service", "operation", "parameters"), RUNS)
def test_work_that_the_sandbox_does_not_perform_is_refused(
    aws: EmulatedAws, account: str, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert refusal(getattr(aws.client(service, account), operation), **parameters) == UNSUPPORTED


def test_a_query_that_nobody_started_has_no_results(aws: EmulatedAws, account: str) -> None:
    athena, unknown = aws.client("athena", account), "11111111-1111-1111-1111-111111111111"
    assert refusal(athena.get_query_results, QueryExecutionId=unknown) == "InvalidRequestException"
    assert refusal(athena.get_query_execution, QueryExecutionId=unknown) == "InvalidRequestException"
