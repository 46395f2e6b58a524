"""Faults in requests to 21 services, listed from the services' own documentation before the sandbox knew them.

Each is refused with the service's error, and a request beside it that is right succeeds.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from plinth_sandbox.testing import IMAGE_OF_AWS, REGION, EmulatedAws, refusal

PYTHON = {"Runtime": "python3.11", "Handler": "code.answer"}
RULE = {"ScheduleExpression": "rate(1 day)"}
PASS = {"Type": "Pass", "End": True}
WHERE = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
UNTAGGED: dict[str, Any] = {
    "rulePriority": 1,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}
SUBNET, UNKNOWN_PARAMETER = "subnet-0123456789abcdef0", "Parameters.None"
BUILD: dict[str, Any] = {
    "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
    "artifacts": {"type": "NO_ARTIFACTS"},
    "environment": {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
    },
}


class Site:
    """Resources of an account into which faults are planted."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws, self.account = aws, aws.new_account("faults")
        self.nobody = f"arn:aws:iam::{self.account}:role/nobody"
        services = ("lambda", "events", "sagemaker", "states", "codebuild", "scheduler")
        self.roles = {service: aws.role(f"of-{service}", service, self.account) for service in services}
        ec2 = self("ec2")
        self.vpcs = [ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in (60, 61)]
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{n}.0.0/24")["Subnet"]["SubnetId"]
            for n, vpc in zip((60, 61), self.vpcs, strict=True)
        ]
        self.groups = [
            ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"] for vpc in self.vpcs
        ]
        self.table = ec2.create_route_table(VpcId=self.vpcs[0])["RouteTable"]["RouteTableId"]
        self("s3").create_bucket(Bucket=f"faults-{self.account}", **WHERE)
        self.queue = self.arn("sqs", "faults")
        self("sqs").create_queue(QueueName="faults")
        self("sqs").create_queue(QueueName="faults.fifo", Attributes={"FifoQueue": "true"})
        self.topic = self("sns").create_topic(Name="faults")["TopicArn"]
        self("events").put_rule(Name="faults", **RULE)
        self("events").put_targets(Rule="faults", Targets=[{"Id": "1", "Arn": self.queue}])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("code.py", "def answer(event, context): pass")
        self.code = {"ZipFile": packed.getvalue()}
        self("lambda").create_function(FunctionName="f", Role=self.roles["lambda"], Code=self.code, **PYTHON)
        self.machine = self.arn("states", "stateMachine:faults")
        self.api = self("apigateway").create_rest_api(name="faults")["id"]
        self.root = self("apigateway").get_resources(restApiId=self.api)["items"][0]["id"]
        self("ecr").create_repository(repositoryName="faults")
        self("glue").create_database(DatabaseInput={"Name": "faults"})

    def __call__(self, service: str) -> Any:
        return self.aws.client(service, self.account)

    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.account}:{name}"

    def function(self, **given: Any) -> dict[str, Any]:
        return {"FunctionName": "new", "Role": self.roles["lambda"], "Code": self.code, **PYTHON, **given}

    def schedule(self, **given: Any) -> dict[str, Any]:
        target = {"Arn": self.queue, "RoleArn": self.roles["scheduler"]}
        return {"Name": "new", **RULE, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, **given}

    def states(self, definition: Any) -> dict[str, Any]:
        text = definition if isinstance(definition, str) else json.dumps(definition)
        return {"name": "new", "definition": text, "roleArn": self.roles["states"]}

    def steps(self, *steps: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": list(steps)})
        given = {"PipelineName": "new", "PipelineDefinition": text, "ClientRequestToken": "t" * 32}
        return {**given, "RoleArn": self.roles["sagemaker"]}

    def project(self, subnet: str, group: str, role: str = "") -> dict[str, Any]:
        network = {"vpcId": self.vpcs[0], "subnets": [subnet], "securityGroupIds": [group]}
        return {"name": "new", "serviceRole": role or self.roles["codebuild"], "vpcConfig": network, **BUILD}

    def endpoint(self, subnet: str, group: str) -> dict[str, Any]:
        name = f"com.amazonaws.{REGION}.sts"
        given = {"VpcId": self.vpcs[0], "ServiceName": name, "VpcEndpointType": "Interface"}
        return {**given, "SubnetIds": [subnet], "SecurityGroupIds": [group]}

    def notification(self, queue: str) -> dict[str, Any]:
        wanted = [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]
        return {"Bucket": f"faults-{self.account}", "NotificationConfiguration": {"QueueConfigurations": wanted}}


@pytest.fixture(scope="module")
def site(aws: EmulatedAws) -> Site:
    return Site(aws)


def step(name: str, **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": "x"}, **members}


def states(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def target(**members: Any) -> dict[str, Any]:
    return {"Rule": "faults", "Targets": [{"Id": "2", **members}]}


Ask: TypeAlias = tuple[str, str, Callable[[Site], dict[str, Any]], str]
INVALID = "InvalidParameterValueException"
FAULTS: dict[str, Ask] = {
    "function: missing role": ("lambda", "create_function", lambda s: s.function(Role=s.nobody), INVALID),
    "function: role of another service": (
        "lambda", "create_function", lambda s: s.function(Role=s.roles["events"]), INVALID),
    "function: missing code": ("lambda", "create_function", lambda s: s.function(
        Code={"S3Bucket": f"faults-{s.account}", "S3Key": "none.zip"}), INVALID),
    "function: missing image": ("lambda", "create_function", lambda s: {
        "FunctionName": "new", "Role": s.roles["lambda"], "PackageType": "Image",
        "Code": {"ImageUri": f"{s.account}.dkr.ecr.{REGION}.amazonaws.com/none:1"}}, INVALID),
    "function: missing subnet": ("lambda", "create_function", lambda s: s.function(
        VpcConfig={"SubnetIds": [SUBNET], "SecurityGroupIds": [s.groups[0]]}), INVALID),
    "function: dead letters to a missing queue": ("lambda", "create_function", lambda s: s.function(
        DeadLetterConfig={"TargetArn": s.arn("sqs", "none")}), INVALID),
    "function: failures to a missing queue": ("lambda", "put_function_event_invoke_config", lambda s: {
        "FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": s.arn("sqs", "none")}}}, INVALID),
    "function: alias of a missing version": ("lambda", "create_alias", lambda _: {
        "FunctionName": "f", "Name": "x", "FunctionVersion": "9"}, "ResourceNotFoundException"),
    "function: reserved variable": ("lambda", "create_function", lambda s: s.function(
        Environment={"Variables": {"AWS_REGION": "x"}}), INVALID),
    "event: target of a missing rule": ("events", "put_targets", lambda s: {
        "Rule": "none", "Targets": [{"Id": "1", "Arn": s.queue}]}, "ResourceNotFoundException"),
    "event: state machine without a role": (
        "events", "put_targets", lambda s: target(Arn=s.machine), "ValidationException"),
    "event: queue in order without a group": (
        "events", "put_targets", lambda s: target(Arn=s.arn("sqs", "faults.fifo")), "ValidationException"),
    "event: two inputs": ("events", "put_targets", lambda s: target(
        Arn=s.queue, Input="{}", InputPath="$.a"), "ValidationException"),
    "event: input that is no JSON": (
        "events", "put_targets", lambda s: target(Arn=s.queue, Input="{"), "ValidationException"),
    "event: rule of a missing bus": ("events", "put_rule", lambda _: {
        "Name": "x", "EventBusName": "none", "EventPattern": '{"source": ["a"]}'}, "ResourceNotFoundException"),
    "event: pattern of no list": ("events", "put_rule", lambda _: {
        "Name": "x", "EventPattern": '{"source": "a"}'}, "InvalidEventPatternException"),
    "event: rule of nothing": ("events", "put_rule", lambda _: {"Name": "x"}, "ValidationException"),
    "event: deleted rule with targets": ("events", "delete_rule", lambda _: {"Name": "faults"}, "ValidationException"),
    "schedule: missing role": ("scheduler", "create_schedule", lambda s: s.schedule(
        Target={"Arn": s.queue, "RoleArn": s.nobody}), "ValidationException"),
    "schedule: role of another service": ("scheduler", "create_schedule", lambda s: s.schedule(
        Target={"Arn": s.queue, "RoleArn": s.roles["lambda"]}), "ValidationException"),
    "schedule: missing group": (
        "scheduler", "create_schedule", lambda s: s.schedule(GroupName="none"), "ResourceNotFoundException"),
    "schedule: window that is off": ("scheduler", "create_schedule", lambda s: s.schedule(
        FlexibleTimeWindow={"Mode": "OFF", "MaximumWindowInMinutes": 5}), "ValidationException"),
    "schedule: window without a length": ("scheduler", "create_schedule", lambda s: s.schedule(
        FlexibleTimeWindow={"Mode": "FLEXIBLE"}), "ValidationException"),
    **{f"state machine: {name}": ("stepfunctions", "create_state_machine", lambda s, wanted=wanted: s.states(wanted),
                                  "InvalidDefinition") for name, wanted in {
        "no JSON": "{",
        "no start": {"States": {"A": PASS}},
        "unknown start": {"StartAt": "Z", "States": {"A": PASS}},
        "unknown target": states(A={"Type": "Pass", "Next": "B"}),
        "unknown type": states(A={"Type": "Jump", "End": True}),
        "neither next nor end": states(A={"Type": "Pass"}),
        "next and end": states(A={**PASS, "Next": "B"}, B=PASS),
        "unreachable state": states(A=PASS, B=PASS),
        "choice without choices": states(A={"Type": "Choice"}),
        "task without a resource": states(A={"Type": "Task", "End": True}),
        "map without a processor": states(A={"Type": "Map", "End": True}),
        "branch without states": states(A={"Type": "Parallel", "End": True, "Branches": [{"StartAt": "B"}]}),
    }.items()},
    **{f"pipeline: {name}": ("sagemaker", "create_pipeline", lambda s, wanted=wanted: s.steps(*wanted),
                             "ValidationException") for name, wanted in {
        "unknown step": [step("A", DependsOn=["Z"])],
        "circle": [step("A", DependsOn=["B"]), step("B", DependsOn=["A"])],
        "two steps of one name": [step("A"), step("A")],
        "unknown type": [step("A", Type="Dance")],
        "unknown parameter": [step("A", Arguments={"ErrorMessage": {"Get": UNKNOWN_PARAMETER}})],
        "step without a type": [{"Name": "A"}],
    }.items()},
    "pipeline: no JSON": ("sagemaker", "create_pipeline", lambda s: {
        **s.steps(), "PipelineDefinition": "{"}, "ValidationException"),
    "model: missing data": ("sagemaker", "create_model", lambda s: {
        "ModelName": "new", "ExecutionRoleArn": s.roles["sagemaker"], "PrimaryContainer": {
            "Image": IMAGE_OF_AWS,
            "ModelDataUrl": f"s3://faults-{s.account}/none.tar.gz"}}, "ValidationException"),
    "model: missing image": ("sagemaker", "create_model", lambda s: {
        "ModelName": "new", "ExecutionRoleArn": s.roles["sagemaker"], "PrimaryContainer": {
            "Image": f"{s.account}.dkr.ecr.{REGION}.amazonaws.com/none:1"}}, "ValidationException"),
    "model: image outside ECR": ("sagemaker", "create_model", lambda s: {
        "ModelName": "new", "ExecutionRoleArn": s.roles["sagemaker"], "PrimaryContainer": {
            "Image": "docker.io/library/python:3.12"}}, "ValidationException"),
    "model: version of a missing image": ("sagemaker", "create_image_version", lambda s: {
        "ImageName": "none", "BaseImage": f"{s.account}.dkr.ecr.{REGION}.amazonaws.com/a:1", "ClientToken": "a"},
        "ResourceNotFound"),
    "build: missing role": ("codebuild", "create_project", lambda s: s.project(
        s.subnets[0], s.groups[0], s.nobody), "InvalidInputException"),
    "build: role of another service": ("codebuild", "create_project", lambda s: s.project(
        s.subnets[0], s.groups[0], s.roles["lambda"]), "InvalidInputException"),
    "build: missing subnet": (
        "codebuild", "create_project", lambda s: s.project(SUBNET, s.groups[0]), "InvalidInputException"),
    "build: group of another VPC": (
        "codebuild", "create_project", lambda s: s.project(s.subnets[0], s.groups[1]), "InvalidInputException"),
    "API: authorizer of nobody": ("apigateway", "put_method", lambda s: {
        "restApiId": s.api, "resourceId": s.root, "httpMethod": "GET", "authorizationType": "CUSTOM"},
        "BadRequestException"),
    "API: unknown model": ("apigateway", "put_method", lambda s: {
        "restApiId": s.api, "resourceId": s.root, "httpMethod": "POST", "authorizationType": "NONE",
        "requestModels": {"application/json": "None"}}, "BadRequestException"),
    "API: deployment without methods": (
        "apigateway", "create_deployment", lambda s: {"restApiId": s.api}, "BadRequestException"),
    "API: integration of a missing method": ("apigateway", "put_integration", lambda s: {
        "restApiId": s.api, "resourceId": s.root, "httpMethod": "PUT", "type": "MOCK"}, "NotFoundException"),
    "API: plan of a missing stage": ("apigateway", "create_usage_plan", lambda s: {
        "name": "new", "apiStages": [{"apiId": s.api, "stage": "none"}]}, "NotFoundException"),
    "queue: in order by its name": ("sqs", "create_queue", lambda _: {
        "QueueName": "plain", "Attributes": {"FifoQueue": "true"}}, "InvalidParameterValue"),
    "topic: queue without an ARN": ("sns", "subscribe", lambda s: {
        "TopicArn": s.topic, "Protocol": "sqs", "Endpoint": "faults"}, "InvalidParameter"),
    "topic: filter that is no JSON": ("sns", "subscribe", lambda s: {
        "TopicArn": s.topic, "Protocol": "sqs", "Endpoint": s.queue, "Attributes": {"FilterPolicy": "{"}},
        "InvalidParameter"),
    "topic: address that is none": ("sns", "subscribe", lambda s: {
        "TopicArn": s.topic, "Protocol": "email", "Endpoint": "nobody"}, "InvalidParameter"),
    "bucket: notification to a closed queue": (
        "s3", "put_bucket_notification_configuration", lambda s: s.notification(s.queue), "InvalidArgument"),
    "bucket: notification to a missing queue": ("s3", "put_bucket_notification_configuration", lambda s:
        s.notification(s.arn("sqs", "none")), "InvalidArgument"),
    "log: filter of a missing group": ("logs", "put_metric_filter", lambda _: {
        "logGroupName": "none", "filterName": "f", "filterPattern": "", "metricTransformations": [
            {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]}, "ResourceNotFoundException"),
    "lake: grant on a missing table": ("lakeformation", "grant_permissions", lambda s: {
        "Principal": {"DataLakePrincipalIdentifier": s.roles["lambda"]}, "Permissions": ["SELECT"],
        "Resource": {"Table": {"DatabaseName": "faults", "Name": "none"}}}, "EntityNotFoundException"),
    "lake: grant to nobody": ("lakeformation", "grant_permissions", lambda s: {
        "Principal": {"DataLakePrincipalIdentifier": s.nobody}, "Permissions": ["DESCRIBE"],
        "Resource": {"Database": {"Name": "faults"}}}, "InvalidInputException"),
    "network: route to a missing gateway": ("ec2", "create_route", lambda s: {
        "RouteTableId": s.table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-0123456789abcdef0"},
        "InvalidGatewayID.NotFound"),
    "network: table for a subnet of another VPC": ("ec2", "associate_route_table", lambda s: {
        "RouteTableId": s.table, "SubnetId": s.subnets[1]}, "InvalidParameterValue"),
    "network: group in a missing VPC": ("ec2", "create_security_group", lambda _: {
        "GroupName": "h", "Description": "d", "VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound"),
    "network: endpoint with a group of another VPC": (
        "ec2", "create_vpc_endpoint", lambda s: s.endpoint(s.subnets[0], s.groups[1]), "InvalidParameter"),
    "network: endpoint with a subnet of another VPC": (
        "ec2", "create_vpc_endpoint", lambda s: s.endpoint(s.subnets[1], s.groups[0]), "InvalidParameter"),
    "images: two rules of one priority": ("ecr", "put_lifecycle_policy", lambda _: {
        "repositoryName": "faults", "lifecyclePolicyText": json.dumps({"rules": [UNTAGGED, UNTAGGED]})},
        "InvalidParameterException"),
    "images: policy that is no JSON": ("ecr", "set_repository_policy", lambda _: {
        "repositoryName": "faults", "policyText": "{"}, "InvalidParameterException"),
    "table: key without a type": ("dynamodb", "create_table", lambda _: {
        "TableName": "new", "KeySchema": [{"AttributeName": "z", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}, "ValidationException"),
    "catalog: table of a missing database": ("glue", "create_table", lambda _: {
        "DatabaseName": "none", "TableInput": {"Name": "t"}}, "EntityNotFoundException"),
    "key: alias of a missing key": ("kms", "create_alias", lambda _: {
        "AliasName": "alias/x", "TargetKeyId": "11111111-1111-1111-1111-111111111111"}, "NotFoundException"),
    "role: missing boundary": ("iam", "put_role_permissions_boundary", lambda s: {
        "RoleName": "of-lambda", "PermissionsBoundary": f"arn:aws:iam::{s.account}:policy/none"}, "NoSuchEntity"),
    "role: deleted with its policies": ("iam", "delete_role", lambda _: {"RoleName": "of-lambda"}, "DeleteConflict"),
    "cluster: missing role": ("eks", "create_cluster", lambda s: {
        "name": "new", "roleArn": s.nobody, "resourcesVpcConfig": {"subnetIds": s.subnets}},
        "InvalidParameterException"),
    "cluster: one zone": ("eks", "create_cluster", lambda s: {
        "name": "new", "roleArn": s.roles["lambda"], "resourcesVpcConfig": {"subnetIds": s.subnets[:1]}},
        "InvalidParameterException"),
    "trail: missing bucket": ("cloudtrail", "create_trail", lambda _: {
        "Name": "new", "S3BucketName": "of-no-trail"}, "S3BucketDoesNotExistException"),
    "trail: closed bucket": ("cloudtrail", "create_trail", lambda s: {
        "Name": "new", "S3BucketName": f"faults-{s.account}"}, "InsufficientS3BucketPolicyException"),
    "configuration: channel before a recorder": ("config", "put_delivery_channel", lambda s: {
        "DeliveryChannel": {"name": "default", "s3BucketName": f"faults-{s.account}"}},
        "NoAvailableConfigurationRecorderException"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_the_error_of_the_service(site: Site, fault: str) -> None:
    service, operation, given, code = FAULTS[fault]
    assert refusal(getattr(site(service), operation), **given(site)) == code


RIGHT: dict[str, tuple[str, str, Callable[[Site], dict[str, Any]]]] = {
    "function": ("lambda", "create_function", lambda s: s.function(DeadLetterConfig={"TargetArn": s.queue})),
    "schedule": ("scheduler", "create_schedule", lambda s: s.schedule(
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5})),
    "state machine": ("stepfunctions", "create_state_machine", lambda s: s.states(states(
        A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "B"}], "Default": "C"},
        B={"Type": "Map", "Next": "C", "ItemProcessor": states(D={"Type": "Wait", "Seconds": 1, "End": True})},
        C={"Type": "Succeed"}))),
    "pipeline": ("sagemaker", "create_pipeline", lambda s: s.steps(step("A"), step("B", DependsOn=["A"]))),
    "build": ("codebuild", "create_project", lambda s: s.project(s.subnets[0], s.groups[0])),
    "endpoint": ("ec2", "create_vpc_endpoint", lambda s: s.endpoint(s.subnets[0], s.groups[0])),
    "subscription": ("sns", "subscribe", lambda s: {
        "TopicArn": s.topic, "Protocol": "email", "Endpoint": "ana@acme.example"}),
}  # fmt: skip


@pytest.mark.parametrize("request_", RIGHT)
def test_the_same_request_without_the_fault_succeeds(site: Site, request_: str) -> None:
    service, operation, given = RIGHT[request_]
    answer = getattr(site(service), operation)(**given(site))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] in (200, 201)


def test_a_queue_that_admits_the_bucket_is_notified(site: Site) -> None:
    admitted = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": site.arn("sqs", "admitting"),
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::faults-{site.account}"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [admitted]})
    site("sqs").create_queue(QueueName="admitting", Attributes={"Policy": policy})
    site("s3").put_bucket_notification_configuration(**site.notification(site.arn("sqs", "admitting")))
    kept = site("s3").get_bucket_notification_configuration(Bucket=f"faults-{site.account}")
    assert [queue_configuration["QueueArn"] for queue_configuration in kept["QueueConfigurations"]] == [
        site.arn("sqs", "admitting")
    ]
