"""Samples of API Gateway."""

from __future__ import annotations

import json
from typing import Any

from conformance.plugin import Kept
from conformance.sample import Aws, Sample

PROVIDER_TAG = {"from": "provider"}
ROLE_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)


def _body(*paths: str) -> str:
    operation = {
        "security": [{"signature": []}],
        "responses": {"200": {"description": "well"}},
        "x-amazon-apigateway-integration": {
            "type": "aws",
            "httpMethod": "POST",
            "uri": "arn:aws:apigateway:eu-west-1:athena:action/GetQueryExecution",
            "credentials": "arn:aws:iam::123456789012:role/sample",
            "responses": {"default": {"statusCode": "200"}},
        },
    }
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    signature = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "sample", "version": "1"},
            "paths": {path: {"get": operation} for path in paths},
            "components": {"securitySchemes": {"signature": signature}},
            "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": [allowed]},
        }
    )


def _api(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("apigateway")
    found = client.get_rest_api(restApiId=it.id)
    resources = client.get_resources(restApiId=it.id)["items"]
    asked = {
        one["path"]: client.get_method(restApiId=it.id, resourceId=one["id"], httpMethod="GET")["authorizationType"]
        for one in resources
        if "resourceMethods" in one
    }
    return {
        "name": [found["name"], found["description"]],
        "endpoint": found["endpointConfiguration"]["types"],
        "policy": [f"{it.id}/*" in found["policy"], "execute-api:/" in found["policy"]],
        "paths": asked,
        "tags": found["tags"],
    }


_SEEN = {
    "name": ["sample-{n}", "one"],
    "endpoint": ["PRIVATE"],
    "policy": [True, False],
    "paths": {"/cards": "AWS_IAM"},
    "tags": {**PROVIDER_TAG, "own": "1"},
}
_NEEDED_API = (
    "aws:apigateway/restApi:RestApi",
    {"endpointConfiguration": {"types": "PRIVATE"}, "body": _body("/cards")},
)
_NEEDED_ROLE = ("aws:iam/role:Role", {"name": "api-{n}", "assumeRolePolicy": ROLE_TRUST})
_NEEDED_ACCOUNT = ("aws:apigateway/account:Account", {"cloudwatchRoleArn": "{role.outputs.arn}"})
_NEEDED_DEPLOYMENT = ("aws:apigateway/deployment:Deployment", {"restApi": "{api.id}"})
_NEEDED_STAGE = (
    "aws:apigateway/stage:Stage", {"restApi": "{api.id}", "deployment": "{first.id}", "stageName": "v1"},
)  # fmt: skip
_LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/sample"


def _stage(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("apigateway").get_stage(restApiId=it.outputs["restApi"], stageName="v1")
    return {
        "shows": found["deploymentId"],
        "described": found["description"],
        "logs": found["accessLogSettings"],
        "traced": found["tracingEnabled"],
        "tags": found["tags"],
    }


_STAGE_SEEN = {
    "shows": "{first.id}",
    "described": "one",
    "logs": {"destinationArn": _LOGS, "format": "$context.requestId"},
    "traced": True,
    "tags": {**PROVIDER_TAG, "own": "1"},
}


def _limits(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("apigateway").get_stage(restApiId=it.outputs["restApi"], stageName="v1")["methodSettings"]["*/*"]
    return {name: found[name] for name in ("throttlingRateLimit", "throttlingBurstLimit", "metricsEnabled")}


def _patched(aws: Aws, it: Kept, path: str, value: str) -> None:
    operation = {"op": "replace", "path": path, "value": value}
    aws("apigateway").update_stage(restApiId=it.outputs["restApi"], stageName="v1", patchOperations=[operation])


SAMPLES = [
    Sample(
        type="aws:apigateway/restApi:RestApi",
        inputs={
            "name": "sample-{n}",
            "description": "one",
            "endpointConfiguration": {"types": "PRIVATE"},
            "body": _body("/cards"),
            "tags": {"own": "1"},
        },
        look=_api,
        seen=_SEEN,
        change={
            "name": "other-{n}",
            "description": "two",
            "body": _body("/cards", "/letters"),
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "name": ["other-{n}", "two"],
            "paths": {"/cards": "AWS_IAM", "/letters": "AWS_IAM"},
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"endpointConfiguration": {"types": "REGIONAL"}},
        drift=lambda aws, it: aws("apigateway").update_rest_api(
            restApiId=it.id, patchOperations=[{"op": "replace", "path": "/description", "value": "drifted"}]
        ),
        drifts="description",
        remove=lambda aws, it: aws("apigateway").delete_rest_api(restApiId=it.id),
        not_imported=("body",),
    ),
    Sample(
        type="aws:apigateway/deployment:Deployment",
        needs={"api": _NEEDED_API},
        inputs={"restApi": "{api.id}", "description": "one", "triggers": {"document": "1"}},
        look=lambda aws, it: aws("apigateway").get_deployment(restApiId=it.outputs["restApi"], deploymentId=it.id)[
            "description"
        ],
        seen="one",
        replace={"triggers": {"document": "2"}},
        remove=lambda aws, it: aws("apigateway").delete_deployment(restApiId=it.outputs["restApi"], deploymentId=it.id),
        not_imported=("triggers",),
    ),
    Sample(
        type="aws:apigateway/stage:Stage",
        needs={
            "role": _NEEDED_ROLE,
            "account": _NEEDED_ACCOUNT,
            "api": _NEEDED_API,
            "first": _NEEDED_DEPLOYMENT,
            "second": _NEEDED_DEPLOYMENT,
        },
        inputs={
            "restApi": "{api.id}",
            "deployment": "{first.id}",
            "stageName": "v1",
            "description": "one",
            "xrayTracingEnabled": True,
            "accessLogSettings": {"destinationArn": _LOGS, "format": "$context.requestId"},
            "tags": {"own": "1"},
        },
        look=_stage,
        seen=_STAGE_SEEN,
        change={
            "deployment": "{second.id}",
            "description": "two",
            "accessLogSettings": {"destinationArn": _LOGS, "format": "$context.status"},
            "tags": {"own": "2"},
        },
        seen_changed={
            **_STAGE_SEEN,
            "shows": "{second.id}",
            "described": "two",
            "logs": {"destinationArn": _LOGS, "format": "$context.status"},
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"stageName": "v2"},
        drift=lambda aws, it: _patched(aws, it, "/tracingEnabled", "false"),
        drifts="xrayTracingEnabled",
        remove=lambda aws, it: aws("apigateway").delete_stage(restApiId=it.outputs["restApi"], stageName="v1"),
    ),
    Sample(
        type="aws:apigateway/methodSettings:MethodSettings",
        needs={"api": _NEEDED_API, "first": _NEEDED_DEPLOYMENT, "stage": _NEEDED_STAGE},
        inputs={
            "restApi": "{api.id}",
            "stageName": "{stage.outputs.stageName}",
            "methodPath": "*/*",
            "settings": {"throttlingRateLimit": 10, "throttlingBurstLimit": 20, "metricsEnabled": True},
        },
        look=_limits,
        seen={"throttlingRateLimit": 10.0, "throttlingBurstLimit": 20, "metricsEnabled": True},
        change={"settings": {"throttlingRateLimit": 5, "throttlingBurstLimit": 10, "metricsEnabled": True}},
        seen_changed={"throttlingRateLimit": 5.0, "throttlingBurstLimit": 10, "metricsEnabled": True},
        replace={"methodPath": "cards/GET"},
        drift=lambda aws, it: _patched(aws, it, "/*/*/throttling/rateLimit", "999"),
        drifts="settings",
        remove=lambda aws, it: aws("apigateway").update_stage(
            restApiId=it.outputs["restApi"], stageName="v1", patchOperations=[{"op": "remove", "path": "/*/*"}]
        ),
    ),
    Sample(
        type="aws:apigateway/account:Account",
        needs={"role": _NEEDED_ROLE, "other": ("aws:iam/role:Role", {"assumeRolePolicy": ROLE_TRUST})},
        inputs={"cloudwatchRoleArn": "{role.outputs.arn}"},
        look=lambda aws, it: aws("apigateway").get_account()["cloudwatchRoleArn"],
        seen="{role.outputs.arn}",
        change={"cloudwatchRoleArn": "{other.outputs.arn}"},
        seen_changed="{other.outputs.arn}",
        drift=lambda aws, it: aws("apigateway").update_account(
            patchOperations=[
                {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/x"}
            ]
        ),
        drifts="cloudwatchRoleArn",
    ),
]
