"""The permissions that a call needs, by its operation and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from plinth_sandbox.emulator.authorization.permissions.actions import needed_by
from plinth_sandbox.emulator.authorization.permissions.needed import Needed
from plinth_sandbox.emulator.authorization.permissions.reference import FILE, extract, written
from plinth_sandbox.emulator.call import understand
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.testing import MANAGEMENT, REGION


class _PreparedError(Exception):
    """The request is complete and is not sent."""


def permissions(service: str, operation: str, **parameters: Any) -> list[Needed]:
    """Returns what a call of boto3 needs."""
    client: Any = boto3.client(  # type: ignore[call-overload] # the service is known when it is called
        service,
        region_name=REGION,
        endpoint_url="http://127.0.0.1",
        aws_access_key_id="AKIATEST",
        aws_secret_access_key="secret",
        config=Config(s3={"addressing_style": "path"}),
    )
    sent: list[Request] = []

    def keep(request: AWSPreparedRequest, **_: object) -> None:
        headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        target = re.sub(r"^http://[^/]*", "", str(request.url))  # the host of S3 Control begins with the account
        sent.append(Request(str(request.method), target, headers, body))
        raise _PreparedError

    client.meta.events.register("before-send", keep)
    with pytest.raises(_PreparedError):
        getattr(client, operation)(**parameters)
    return needed_by(understand(sent[0]))


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{MANAGEMENT}:{resource}"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "ssm",
            "list_tags_for_resource",
            {"ResourceType": "Parameter", "ResourceId": "/plinth/relaxed-rules/fraud"},
            {"ssm:ListTagsForResource": arn("ssm", "parameter/plinth/relaxed-rules/fraud")},
        ),
        (
            "s3control",
            "get_access_point",
            {"AccountId": MANAGEMENT, "Name": "drop"},
            {"s3:GetAccessPoint": arn("s3", "accesspoint/drop")},
        ),
        ("s3control", "list_access_points", {"AccountId": MANAGEMENT}, {"s3:ListAccessPoints": "*"}),
        (
            "s3control",
            "get_public_access_block",
            {"AccountId": MANAGEMENT},
            {"s3:GetAccountPublicAccessBlock": "*"},
        ),
        (
            "budgets",
            "describe_budget",
            {"AccountId": MANAGEMENT, "BudgetName": "fraud"},
            {"budgets:ViewBudget": f"arn:aws:budgets::{MANAGEMENT}:budget/fraud"},
        ),
        (
            "codepipeline",
            "start_pipeline_execution",
            {"name": "scoring"},
            {"codepipeline:StartPipelineExecution": arn("codepipeline", "scoring")},
        ),
        (
            "codepipeline",
            "put_approval_result",
            {
                "pipelineName": "scoring",
                "stageName": "Approve",
                "actionName": "Decide",
                "token": "00000000-0000-0000-0000-000000000000",
                "result": {"summary": "", "status": "Approved"},
            },
            {"codepipeline:PutApprovalResult": arn("codepipeline", "scoring/Approve/Decide")},
        ),
        (
            "codepipeline",
            "list_action_executions",
            {"pipelineName": "scoring"},
            {"codepipeline:ListActionExecutions": arn("codepipeline", "scoring")},
        ),
        (
            "s3",
            "get_object",
            {"Bucket": "b", "Key": "a/k", "VersionId": "1"},
            {"s3:GetObjectVersion": "arn:aws:s3:::b/a/k"},
        ),
        ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "a/"}, {"s3:ListBucket": "arn:aws:s3:::b"}),
        ("s3", "get_bucket_encryption", {"Bucket": "b"}, {"s3:GetEncryptionConfiguration": "arn:aws:s3:::b"}),
        (
            "s3",
            "copy_object",
            {"Bucket": "b", "Key": "to", "CopySource": "a/from"},
            {"s3:GetObject": "arn:aws:s3:::a/from", "s3:PutObject": "arn:aws:s3:::b/to"},
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": f"http://127.0.0.1/{MANAGEMENT}/q", "MessageBody": "m"},
            {"sqs:SendMessage": arn("sqs", "q")},
        ),
        ("codebuild", "stop_build", {"id": "p:1"}, {"codebuild:StopBuild": arn("codebuild", "project/p")}),
        ("ecr", "list_images", {"repositoryName": "a/b"}, {"ecr:ListImages": arn("ecr", "repository/a/b")}),
        ("ssm", "get_parameter", {"Name": "/a/b"}, {"ssm:GetParameter": arn("ssm", "parameter/a/b")}),
        ("kms", "decrypt", {"CiphertextBlob": b"c", "KeyId": "k"}, {"kms:Decrypt": arn("kms", "key/k")}),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": []}, {"cloudwatch:PutMetricData": "*"}),
        ("events", "put_events", {"Entries": [{}]}, {"events:PutEvents": arn("events", "event-bus/default")}),
        (
            "logs",
            "create_log_stream",
            {"logGroupName": "/g", "logStreamName": "s"},
            {"logs:CreateLogStream": arn("logs", "log-group:/g:log-stream:s")},
        ),
        (
            "sagemaker",
            "create_pipeline",
            {
                "PipelineName": "p",
                "ClientRequestToken": "t" * 32,
                "RoleArn": f"arn:aws:iam::{MANAGEMENT}:role/a/r",
                "Tags": [{"Key": "k", "Value": "v"}],
            },
            {
                "sagemaker:CreatePipeline": arn("sagemaker", "pipeline/p"),
                "sagemaker:AddTags": arn("sagemaker", "pipeline/p"),
                "iam:PassRole": f"arn:aws:iam::{MANAGEMENT}:role/a/r",
            },
        ),
        (
            "sagemaker",
            "update_pipeline",
            {"PipelineName": "p", "RoleArn": f"arn:aws:iam::{MANAGEMENT}:role/a/r"},
            {
                "sagemaker:UpdatePipeline": arn("sagemaker", "pipeline/p"),
                "iam:PassRole": f"arn:aws:iam::{MANAGEMENT}:role/a/r",
            },
        ),
        (
            "sagemaker",
            "update_model_package",
            {"ModelPackageArn": arn("sagemaker", "model-package/g/1"), "ModelApprovalStatus": "Approved"},
            {"sagemaker:UpdateModelPackage": arn("sagemaker", "model-package/g/1")},
        ),
        (
            "sagemaker",
            "stop_pipeline_execution",
            {"PipelineExecutionArn": arn("sagemaker", "pipeline/p/execution/e"), "ClientRequestToken": "t" * 32},
            {"sagemaker:StopPipelineExecution": arn("sagemaker", "pipeline/p/execution/e")},
        ),
        (
            "sagemaker-featurestore-runtime",
            "get_record",
            {"FeatureGroupName": "g", "RecordIdentifierValueAsString": "1"},
            {"sagemaker:GetRecord": arn("sagemaker", "feature-group/g")},
        ),
        (
            "apigateway",
            "create_rest_api",
            {"name": "a", "policy": "{}"},
            {
                "apigateway:POST": f"arn:aws:apigateway:{REGION}::/restapis",
                "apigateway:UpdateRestApiPolicy": f"arn:aws:apigateway:{REGION}::/restapis",
            },
        ),
        (
            "apigateway",
            "put_rest_api",
            {"restApiId": "a1", "body": b'{"x-amazon-apigateway-policy": {}}'},
            {
                "apigateway:PUT": f"arn:aws:apigateway:{REGION}::/restapis/a1",
                "apigateway:UpdateRestApiPolicy": f"arn:aws:apigateway:{REGION}::/restapis/a1",
            },
        ),
        (
            "apigateway",
            "update_stage",
            {"restApiId": "a1", "stageName": "live", "patchOperations": [{"op": "replace", "path": "/description"}]},
            {"apigateway:PATCH": f"arn:aws:apigateway:{REGION}::/restapis/a1/stages/live"},
        ),
        (
            "application-autoscaling",
            "register_scalable_target",
            {
                "ServiceNamespace": "sagemaker",
                "ResourceId": "endpoint/e/variant/v",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            },
            {
                "application-autoscaling:RegisterScalableTarget": arn(
                    "application-autoscaling", "scalable-target/*"
                )
            },
        ),
        ("sts", "get_caller_identity", {}, {}),
    ],
)  # fmt: skip
def test_a_call_needs_its_action_on_the_resources_that_it_names(
    service: str, operation: str, parameters: dict[str, Any], expected: Mapping[str, str]
) -> None:
    assert {needed.action: needed.arn for needed in permissions(service, operation, **parameters)} == expected


def test_a_table_is_authorized_with_its_database_and_catalog() -> None:
    found = permissions("glue", "get_table", DatabaseName="d", Name="t", CatalogId="111122223333")
    where = f"arn:aws:glue:{REGION}:111122223333"
    assert [needed.arn for needed in found] == [f"{where}:catalog", f"{where}:database/d", f"{where}:table/d/t"]


def test_the_parameters_of_a_job_become_context_keys() -> None:
    network = {"VpcConfig": {"Subnets": ["s-1", "s-2"], "SecurityGroupIds": ["g-1"]}}
    (needed, _) = permissions(
        "sagemaker",
        "create_training_job",
        TrainingJobName="j",
        RoleArn=f"arn:aws:iam::{MANAGEMENT}:role/r",
        AlgorithmSpecification={"TrainingImage": "i", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://b/", "KmsKeyId": "k"},
        ResourceConfig={"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        EnableNetworkIsolation=True,
        **network,
    )
    assert needed.context == {
        "sagemaker:InstanceTypes": ["ml.m5.large"],
        "sagemaker:MaxRuntimeInSeconds": ["60"],
        "sagemaker:NetworkIsolation": ["true"],
        "sagemaker:OutputKmsKey": [arn("kms", "key/k")],
        "sagemaker:VpcSecurityGroupIds": ["g-1"],
        "sagemaker:VpcSubnets": ["s-1", "s-2"],
    }


def test_the_targets_of_a_rule_become_a_context_key() -> None:
    targets = [{"Id": name, "Arn": arn("lambda", f"function:{name}")} for name in ("one", "two")]
    (needed,) = permissions("events", "put_targets", Rule="r", Targets=targets)
    assert needed.arn == arn("events", "rule/r")
    assert needed.context == {"events:TargetArn": [arn("lambda", "function:one"), arn("lambda", "function:two")]}


def test_the_sources_of_events_become_a_context_key() -> None:
    entries = [{"Source": source, "DetailType": "d", "Detail": "{}"} for source in ("one", "two", "one")]
    (needed,) = permissions("events", "put_events", Entries=entries)
    assert needed.arn == arn("events", "event-bus/default")
    assert needed.context == {"events:source": ["one", "two"]}


def test_what_a_start_of_a_build_overrides_becomes_context_keys() -> None:
    request = {
        "projectName": "p",
        "buildspecOverride": "version: 0.2",
        "imageOverride": "aws/codebuild/standard:7.0",
        "privilegedModeOverride": False,
        "serviceRoleOverride": arn("iam", "role/r"),
        "sourceLocationOverride": "https://git/a",
        "environmentVariablesOverride": [{"name": "TAG", "value": "1"}, {"name": "BASH_ENV", "value": "x"}],
    }
    (needed, _) = permissions("codebuild", "start_build", **request)
    assert needed.context == {
        "codebuild:source.buildspec": ["true"],
        "codebuild:environment.image": ["aws/codebuild/standard:7.0"],
        "codebuild:environment.privilegedMode": ["false"],
        "codebuild:serviceRole": [arn("iam", "role/r")],
        "codebuild:source.location": ["https://git/a"],
        "codebuild:environment.environmentVariables.name": ["TAG", "BASH_ENV"],
        "codebuild:environment.environmentVariables/TAG.value": ["1"],
        "codebuild:environment.environmentVariables/BASH_ENV.value": ["x"],
    }
    (plain,) = permissions("codebuild", "start_build", projectName="p", sourceVersion="1a2b3c4")
    assert plain.context == {}


def test_the_keys_of_a_transform_job_become_context_keys() -> None:
    (needed,) = permissions(
        "sagemaker",
        "create_transform_job",
        TransformJobName="j",
        ModelName="m",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/i"}}},
        TransformOutput={"S3OutputPath": "s3://b/o", "KmsKeyId": "k"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeKmsKeyId": "v"},
    )
    assert needed.arn == arn("sagemaker", "transform-job/j")
    assert needed.context == {
        "sagemaker:InstanceTypes": ["ml.m5.large"],
        "sagemaker:OutputKmsKey": [arn("kms", "key/k")],
        "sagemaker:VolumeKmsKey": [arn("kms", "key/v")],
    }


def test_the_extract_of_the_service_authorization_reference_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == written(extract()), "run the module that writes it"


ENDPOINT, NETWORK = "vpce-0123456789abcdef0", "vpc-0123456789abcdef0"
SERVICE = "vpce-svc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        (
            "create_tags",
            {"Resources": [ENDPOINT, NETWORK], "Tags": [{"Key": "team", "Value": "fraud"}]},
            {f"vpc-endpoint/{ENDPOINT}", f"vpc/{NETWORK}"},
        ),
        (
            "create_vpc_endpoint",
            {"VpcId": NETWORK, "ServiceName": "com.amazonaws.eu-west-1.sts"},
            {f"vpc/{NETWORK}", "vpc-endpoint/*"},
        ),
        ("create_vpc", {"CidrBlock": "10.0.0.0/16"}, {"vpc/*"}),
        (
            "create_vpc_endpoint_service_configuration",
            {"NetworkLoadBalancerArns": [arn("elasticloadbalancing", "loadbalancer/net/a/1")]},
            {"vpc-endpoint-service/*"},
        ),
        (
            "accept_vpc_endpoint_connections",
            {"ServiceId": SERVICE, "VpcEndpointIds": [ENDPOINT]},
            {f"vpc-endpoint-service/{SERVICE}"},
        ),
        (
            "modify_vpc_endpoint_service_permissions",
            {"ServiceId": SERVICE, "AddAllowedPrincipals": ["*"]},
            {f"vpc-endpoint-service/{SERVICE}"},
        ),
        (
            "start_vpc_endpoint_service_private_dns_verification",
            {"ServiceId": SERVICE},
            {f"vpc-endpoint-service/{SERVICE}"},
        ),
        (
            "describe_vpc_endpoint_service_permissions",
            {"ServiceId": SERVICE},
            {f"vpc-endpoint-service/{SERVICE}"},
        ),
        ("delete_vpc_endpoints", {"VpcEndpointIds": [ENDPOINT]}, {f"vpc-endpoint/{ENDPOINT}"}),
    ],
)
def test_a_call_of_ec2_needs_its_permission_on_what_it_names_and_creates(
    operation: str, parameters: Mapping[str, Any], expected: set[str]
) -> None:
    found = permissions("ec2", operation, **parameters)
    assert {needed.arn for needed in found} == {arn("ec2", resource) for resource in expected}


def test_a_reading_call_of_ec2_has_no_resource() -> None:
    assert [needed.arn for needed in permissions("ec2", "describe_vpcs", VpcIds=[NETWORK])] == ["*"]


def test_only_an_endpoint_has_the_condition_keys_of_its_service() -> None:
    name = "com.amazonaws.eu-west-1.sts"
    found = permissions("ec2", "create_vpc_endpoint", VpcId=NETWORK, ServiceName=name)
    assert {needed.arn: dict(needed.context) for needed in found} == {
        arn("ec2", f"vpc/{NETWORK}"): {},
        arn("ec2", "vpc-endpoint/*"): {
            "ec2:VpceServiceName": [name],
            "ec2:VpceServiceRegion": [REGION],
            "ec2:VpceServiceOwner": ["amazon"],
        },
    }


@pytest.mark.parametrize("operation", ["create", "modify"])
def test_a_service_has_the_condition_key_of_its_private_name(operation: str) -> None:
    given: dict[str, Any] = {"PrivateDnsName": "tools.acme.example"}
    given |= {"ServiceId": SERVICE} if operation == "modify" else {}
    (needed,) = permissions("ec2", f"{operation}_vpc_endpoint_service_configuration", **given)
    assert needed.context == {"ec2:VpceServicePrivateDnsName": ["tools.acme.example"]}
