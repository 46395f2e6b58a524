"""Samples of AWS Lambda."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
_TRUSTED = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
_ALLOWED = {"Effect": "Allow", "Action": ["sqs:SendMessage", "ec2:CreateNetworkInterface"], "Resource": "*"}
_ROLE = ("aws:iam/role:Role", {"name": "function-{n}", "assumeRolePolicy": _TRUSTED})
_OTHER_ROLE = ("aws:iam/role:Role", {"name": "other-function-{n}", "assumeRolePolicy": _TRUSTED})
_POLICY = (
    "aws:iam/rolePolicy:RolePolicy",
    {"role": "{role.id}", "policy": json.dumps({"Version": "2012-10-17", "Statement": [_ALLOWED]})},
)


def archive(text: str) -> dict[str, Any]:
    """Returns an archive with one module, as the engine sends it."""
    signature = "4dabf18193072939515e22adb298388d"
    asset = {signature: "c44067f5952c0a294b673a41bacd8c17", "text": text}
    return {signature: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {"index.py": asset}}


_RETURNS_ONE, _RETURNS_TWO = (archive(f"def handler(event, context): return {number}") for number in (1, 2))
_FUNCTION = (
    "aws:lambda/function:Function",
    {
        "name": "needed-{n}",
        "role": "{role.outputs.arn}",
        "runtime": "python3.12",
        "handler": "index.handler",
        "code": _RETURNS_ONE,
        "publish": True,
        "timeout": 60,
    },
)


def _function(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("lambda")
    found = client.get_function(FunctionName=it.id)
    settings = found["Configuration"]
    answer = client.invoke(FunctionName=it.id, Payload=b"{}")
    return {
        "answer": json.loads(answer["Payload"].read()),
        "role": settings["Role"],
        "limits": [settings["Timeout"], settings["MemorySize"], settings["EphemeralStorage"]["Size"]],
        "variables": settings.get("Environment", {}).get("Variables"),
        "key": settings.get("KMSKeyArn"),
        "network": settings["VpcConfig"]["SubnetIds"] if "VpcConfig" in settings else None,
        "dead": settings.get("DeadLetterConfig"),
        "logs": settings["LoggingConfig"]["LogFormat"],
        "traced": settings["TracingConfig"]["Mode"],
        "reserved": found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        "described": settings["Description"],
        "tags": client.list_tags(Resource=settings["FunctionArn"])["Tags"],
    }


_SEEN = {
    "answer": 1,
    "role": "{role.outputs.arn}",
    "limits": [60, 256, 1024],
    "variables": {"OWN": "1"},
    "key": "{key.outputs.arn}",
    "network": ["{subnet.id}"],
    "dead": {"TargetArn": "{queue.outputs.arn}"},
    "logs": "JSON",
    "traced": "Active",
    "reserved": 5,
    "described": "one",
    "tags": {"from": "provider", "own": "1"},
}


def _permission(aws: Aws, it: Kept) -> dict[str, Any]:
    function = it.outputs["function"]
    policy = json.loads(aws("lambda").get_policy(FunctionName=function, Qualifier="1")["Policy"])
    (found,) = policy["Statement"]
    return {name: found[name] for name in ("Sid", "Principal", "Action", "Condition")}


def _alias(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("lambda").get_alias(FunctionName=it.outputs["functionName"], Name=it.outputs["name"])
    weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    return {"version": found["FunctionVersion"], "described": found["Description"], "weights": weights}


def _config(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("lambda").get_function_event_invoke_config(FunctionName=it.outputs["functionName"])
    return {
        "retries": found["MaximumRetryAttempts"],
        "age": found["MaximumEventAgeInSeconds"],
        "failed": found["DestinationConfig"]["OnFailure"],
    }


SAMPLES = [
    Sample(
        type="aws:lambda/function:Function",
        needs={
            "role": _ROLE,
            "policy": _POLICY,
            "other": _OTHER_ROLE,
            "key": ("aws:kms/key:Key", {}),
            "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.1.0.0/24"}),
            "subnet": ("aws:ec2/subnet:Subnet", {"vpcId": "{vpc.id}", "cidrBlock": "10.1.0.0/28"}),
            "group": ("aws:ec2/securityGroup:SecurityGroup", {"vpcId": "{vpc.id}"}),
            "queue": ("aws:sqs/queue:Queue", {"name": "dead-{n}"}),
        },
        inputs={
            "name": "sample-{n}",
            "role": "{role.outputs.arn}",
            "runtime": "python3.12",
            "handler": "index.handler",
            "code": _RETURNS_ONE,
            "description": "one",
            "timeout": 60,
            "memorySize": 256,
            "ephemeralStorage": {"size": 1024},
            "environment": {"variables": {"OWN": "1"}},
            "kmsKeyArn": "{key.outputs.arn}",
            "vpcConfig": {"subnetIds": ["{subnet.id}"], "securityGroupIds": ["{group.id}"]},
            "deadLetterConfig": {"targetArn": "{queue.outputs.arn}"},
            "loggingConfig": {"logFormat": "JSON"},
            "tracingConfig": {"mode": "Active"},
            "reservedConcurrentExecutions": 5,
            "publish": True,
            "tags": {"own": "1"},
        },
        look=_function,
        seen=_SEEN,
        change={
            "role": "{other.outputs.arn}",
            "code": _RETURNS_TWO,
            "description": "two",
            "timeout": 90,
            "environment": None,
            "kmsKeyArn": None,
            "vpcConfig": None,
            "deadLetterConfig": None,
            "reservedConcurrentExecutions": None,
            "tracingConfig": {"mode": "PassThrough"},
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "answer": 2,
            "role": "{other.outputs.arn}",
            "limits": [90, 256, 1024],
            "variables": None,
            "key": None,
            "network": None,
            "dead": None,
            "traced": "PassThrough",
            "reserved": None,
            "described": "two",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample-{n}-renamed"},
        drift=lambda aws, it: aws("lambda").update_function_configuration(FunctionName=it.id, MemorySize=512),
        drifts="memorySize",
        remove=lambda aws, it: aws("lambda").delete_function(FunctionName=it.id),
        not_imported=("code", "publish"),
    ),
    Sample(
        type="aws:lambda/permission:Permission",
        needs={"role": _ROLE, "function": _FUNCTION},
        inputs={
            "statementId": "events-{n}",
            "function": "{function.outputs.name}",
            "qualifier": "{function.outputs.version}",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
            "sourceArn": "arn:aws:events:eu-west-1:123456789012:rule/daily",
            "sourceAccount": "123456789012",
        },
        look=_permission,
        seen={
            "Sid": "events-{n}",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Condition": {
                "ArnLike": {"AWS:SourceArn": "arn:aws:events:eu-west-1:123456789012:rule/daily"},
                "StringEquals": {"AWS:SourceAccount": "123456789012"},
            },
        },
        replace={"principal": "s3.amazonaws.com"},
        remove=lambda aws, it: aws("lambda").remove_permission(
            FunctionName=it.outputs["function"], Qualifier="1", StatementId=it.outputs["statementId"]
        ),
    ),
    Sample(
        type="aws:lambda/alias:Alias",
        needs={"role": _ROLE, "function": _FUNCTION},
        inputs={
            "name": "live",
            "functionName": "{function.outputs.name}",
            "functionVersion": "$LATEST",
            "description": "one",
        },
        look=_alias,
        seen={"version": "$LATEST", "described": "one", "weights": None},
        change={"functionVersion": "1", "description": "two"},
        seen_changed={"version": "1", "described": "two", "weights": None},
        replace={"name": "other"},
        drift=lambda aws, it: aws("lambda").update_alias(
            FunctionName=it.outputs["functionName"], Name="live", Description="drifted"
        ),
        drifts="description",
        remove=lambda aws, it: aws("lambda").delete_alias(FunctionName=it.outputs["functionName"], Name="live"),
    ),
    Sample(
        type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        needs={"role": _ROLE, "function": _FUNCTION, "queue": ("aws:sqs/queue:Queue", {"name": "failed-{n}"})},
        inputs={
            "functionName": "{function.outputs.name}",
            "maximumRetryAttempts": 1,
            "maximumEventAgeInSeconds": 600,
            "destinationConfig": {"onFailure": {"destination": "{queue.outputs.arn}"}},
        },
        look=_config,
        seen={"retries": 1, "age": 600, "failed": {"Destination": "{queue.outputs.arn}"}},
        change={"maximumRetryAttempts": 0},
        seen_changed={"retries": 0, "age": 600, "failed": {"Destination": "{queue.outputs.arn}"}},
        drift=lambda aws, it: aws("lambda").update_function_event_invoke_config(
            FunctionName=it.outputs["functionName"], MaximumEventAgeInSeconds=700
        ),
        drifts="maximumEventAgeInSeconds",
        remove=lambda aws, it: aws("lambda").delete_function_event_invoke_config(
            FunctionName=it.outputs["functionName"]
        ),
    ),
]
