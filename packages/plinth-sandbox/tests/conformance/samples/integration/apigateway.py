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
        resource["path"]: client.get_method(restApiId=it.id, resourceId=resource["id"], httpMethod="GET")[
            "authorizationType"
        ]
        for resource in resources
        if "resourceMethods" in resource
    }
    return {
        "name": [found["name"], found["description"]],
        "endpoint": found["endpointConfiguration"]["types"] + found["endpointConfiguration"]["vpcEndpointIds"],
        "policy": [f"{it.id}/*" in found["policy"], "execute-api:/" in found["policy"]],
        "paths": asked,
        "tags": found["tags"],
    }


_SEEN = {
    "name": ["sample-{n}", "one"],
    "endpoint": ["PRIVATE", "{first.id}"],
    "policy": [True, False],
    "paths": {"/cards": "AWS_IAM"},
    "tags": {**PROVIDER_TAG, "own": "1"},
}
_NEEDED_API = (
    "aws:apigateway/restApi:RestApi",
    {"endpointConfiguration": {"types": "PRIVATE"}, "body": _body("/cards")},
)
_NEEDED_ENDPOINT = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    {"vpcId": "{vpc.id}", "serviceName": "com.amazonaws.eu-west-1.execute-api", "vpcEndpointType": "Interface"},
)
_NEEDED_ROLE = ("aws:iam/role:Role", {"name": "api-{n}", "assumeRolePolicy": ROLE_TRUST})
_NEEDED_ACCOUNT = ("aws:apigateway/account:Account", {"cloudwatchRoleArn": "{role.outputs.arn}"})
_NEEDED_DEPLOYMENT = ("aws:apigateway/deployment:Deployment", {"restApi": "{api.id}"})
_NEEDED_STAGE = (
    "aws:apigateway/stage:Stage", {"restApi": "{api.id}", "deployment": "{first.id}", "stageName": "v1"},
)  # fmt: skip
_ALLOWED, _REFUSED = (
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}],
    }
    for effect in ("Allow", "Deny")
)
_NEEDED_PLAN = ("aws:apigateway/usagePlan:UsagePlan", {"name": "plan-{n}"})
_NEEDED_KEY = ("aws:apigateway/apiKey:ApiKey", {"name": "key-{n}"})
_OTHER_KEY = ("aws:apigateway/apiKey:ApiKey", {"name": "other-key-{n}"})


def _effect(aws: Aws, it: Kept) -> str:
    text = aws("apigateway").get_rest_api(restApiId=it.id)["policy"]
    return str(json.loads(json.loads(f'"{text}"'))["Statement"][0]["Effect"])


def _remove_plan(aws: Aws, it: Kept) -> None:
    client = aws("apigateway")
    for api_stage in client.get_usage_plan(usagePlanId=it.id)["apiStages"]:
        stage = f"{api_stage['apiId']}:{api_stage['stage']}"
        operations = [{"op": "remove", "path": "/apiStages", "value": stage}]
        client.update_usage_plan(usagePlanId=it.id, patchOperations=operations)
    client.delete_usage_plan(usagePlanId=it.id)


def _key(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("apigateway").get_api_key(apiKey=it.id, includeValue=True)
    return {name: found.get(name) for name in ("name", "description", "enabled", "value", "tags")}


def _plan(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("apigateway").get_usage_plan(usagePlanId=it.id)
    return {name: found.get(name) for name in ("name", "description", "apiStages", "quota", "throttle", "tags")}


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
        needs={
            "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.1.0.0/24"}),
            "first": _NEEDED_ENDPOINT,
            "second": _NEEDED_ENDPOINT,
        },
        inputs={
            "name": "sample-{n}",
            "description": "one",
            "endpointConfiguration": {"types": "PRIVATE", "vpcEndpointIds": ["{first.id}"]},
            "body": _body("/cards"),
            "tags": {"own": "1"},
        },
        look=_api,
        seen=_SEEN,
        change={
            "name": "other-{n}",
            "description": "two",
            "endpointConfiguration": {"types": "PRIVATE", "vpcEndpointIds": ["{second.id}"]},
            "body": _body("/cards", "/letters"),
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN,
            "name": ["other-{n}", "two"],
            "endpoint": ["PRIVATE", "{second.id}"],
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
    Sample(
        type="aws:apigateway/restApiPolicy:RestApiPolicy",
        needs={"api": ("aws:apigateway/restApi:RestApi", {"name": "with-policy-{n}"})},
        inputs={"restApiId": "{api.id}", "policy": json.dumps(_ALLOWED)},
        look=_effect,
        seen="Allow",
        change={"policy": json.dumps(_REFUSED)},
        seen_changed="Deny",
        remove=lambda aws, it: aws("apigateway").update_rest_api(
            restApiId=it.id, patchOperations=[{"op": "replace", "path": "/policy", "value": ""}]
        ),
    ),
    Sample(
        type="aws:apigateway/apiKey:ApiKey",
        inputs={
            "name": "sample-{n}",
            "description": "one",
            "value": "a-secret-of-twenty-letters-{n}",
            "tags": {"own": "1"},
        },
        look=_key,
        seen={
            "name": "sample-{n}",
            "description": "one",
            "enabled": True,
            "value": "a-secret-of-twenty-letters-{n}",
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        change={"description": "two", "enabled": False, "tags": {"own": "2"}},
        seen_changed={
            "name": "sample-{n}",
            "description": "two",
            "enabled": False,
            "value": "a-secret-of-twenty-letters-{n}",
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"value": "another-secret-of-many-letters-{n}"},
        drift=lambda aws, it: aws("apigateway").update_api_key(
            apiKey=it.id, patchOperations=[{"op": "replace", "path": "/description", "value": "drifted"}]
        ),
        drifts="description",
        remove=lambda aws, it: aws("apigateway").delete_api_key(apiKey=it.id),
    ),
    Sample(
        type="aws:apigateway/usagePlan:UsagePlan",
        needs={"api": _NEEDED_API, "first": _NEEDED_DEPLOYMENT, "stage": _NEEDED_STAGE},
        inputs={
            "name": "sample-{n}",
            "description": "one",
            "apiStages": [{"apiId": "{api.id}", "stage": "{stage.outputs.stageName}"}],
            "quotaSettings": {"limit": 100, "period": "DAY"},
            "throttleSettings": {"rateLimit": 10, "burstLimit": 20},
            "tags": {"own": "1"},
        },
        look=_plan,
        seen={
            "name": "sample-{n}",
            "description": "one",
            "apiStages": [{"apiId": "{api.id}", "stage": "v1"}],
            "quota": {"limit": 100, "period": "DAY"},
            "throttle": {"rateLimit": 10.0, "burstLimit": 20},
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        change={"description": "two", "apiStages": None, "quotaSettings": None, "tags": {"own": "2"}},
        seen_changed={
            "name": "sample-{n}",
            "description": "two",
            "apiStages": [],
            "quota": None,
            "throttle": {"rateLimit": 10.0, "burstLimit": 20},
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        drift=lambda aws, it: aws("apigateway").update_usage_plan(
            usagePlanId=it.id, patchOperations=[{"op": "replace", "path": "/description", "value": "drifted"}]
        ),
        drifts="description",
        remove=_remove_plan,
    ),
    Sample(
        type="aws:apigateway/usagePlanKey:UsagePlanKey",
        needs={"plan": _NEEDED_PLAN, "key": _NEEDED_KEY, "other": _OTHER_KEY},
        inputs={"usagePlanId": "{plan.id}", "keyId": "{key.id}", "keyType": "API_KEY"},
        look=lambda aws, it: aws("apigateway").get_usage_plan_key(
            usagePlanId=it.outputs["usagePlanId"], keyId=it.outputs["keyId"]
        )["type"],
        seen="API_KEY",
        replace={"keyId": "{other.id}"},
        remove=lambda aws, it: aws("apigateway").delete_usage_plan_key(
            usagePlanId=it.outputs["usagePlanId"], keyId=it.outputs["keyId"]
        ),
    ),
]
