"""Amazon API Gateway: REST APIs that an OpenAPI document defines."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.apigateway import (
    disable_stage_logs,
    enable_stage_logs,
    patch_api,
    patch_endpoints,
    patch_key,
    patch_plan,
    patch_policy,
    patch_stage,
    put_account,
    put_body,
    put_method_settings,
    read_deployment,
    read_method_settings,
    read_plan,
    read_policy,
    release_plan,
    remove_method_settings,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

REST_API = Resource(
    type="aws:apigateway/restApi:RestApi",
    create=Call("create_rest_api", gives={"id": "id"}),
    address={"restApiId": "{id}"},
    read=Call(
        "get_rest_api",
        gives={
            "endpointConfiguration": "endpointConfiguration.{types: types[0], vpcEndpointIds: vpcEndpointIds || null}"
        },
    ),
    update=[
        Update(put_body, carries=["body"]),
        Update(patch_api, carries=["name", "description"]),
        Update(patch_endpoints, carries=["endpointConfiguration"]),
    ],
    delete="delete_rest_api",
    computed=["policy", "description", "endpointConfiguration", "apiKeySource"],
    derived={
        "arn": "arn:{@partition}:apigateway:{@region}::/restapis/{id}",
        "executionArn": "arn:{@partition}:execute-api:{@region}:{@account}:{id}",
    },
    local=["failOnWarnings", "putRestApiMode"],
    replaces=["endpointConfiguration.types"],
    unread=["body"],
    volatile=["policy"],
    name=Name(longest=1024),
    tags=Tagging(tag="tag_resource", untag="untag_resource", read=None),
)

DEPLOYMENT = Resource(
    type="aws:apigateway/deployment:Deployment",
    create=Call("create_deployment", gives={"id": "id"}, carries=["description"]),
    address={"restApiId": "{restApi}", "deploymentId": "{id}"},
    read=read_deployment,
    delete="delete_deployment",
    local=["triggers"],
    replaces=["triggers"],
    name=None,
)

STAGE = Resource(
    type="aws:apigateway/stage:Stage",
    create="create_stage",
    identifier="ags-{restApi}-{stageName}",
    address={"restApiId": "{restApi}", "stageName": "{stageName}"},
    read="get_stage",
    update=[
        Update(patch_stage, carries=["deployment", "description", "variables", "xrayTracingEnabled"]),
        Update(enable_stage_logs, otherwise=disable_stage_logs, carries=["accessLogSettings"]),
    ],
    delete="delete_stage",
    renames={"deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"},
    derived={
        "arn": "arn:{@partition}:apigateway:{@region}::/restapis/{restApi}/stages/{stageName}",
        "executionArn": "arn:{@partition}:execute-api:{@region}:{@account}:{restApi}/{stageName}",
        "invokeUrl": "https://{restApi}.execute-api.{@region}.amazonaws.com/{stageName}",
    },
    name=None,
    tags=Tagging(read=None),
)

METHOD_SETTINGS = Resource(
    type="aws:apigateway/methodSettings:MethodSettings",
    create=put_method_settings,
    creates=["settings"],
    identifier="{restApi}-{stageName}-{methodPath}",
    read=read_method_settings,
    update=[Update(put_method_settings, carries=["settings"])],
    delete=remove_method_settings,
    defaults={
        "settings.cacheDataEncrypted": True,
        "settings.cacheTtlInSeconds": 300,
        "settings.cachingEnabled": False,
        "settings.dataTraceEnabled": False,
        "settings.loggingLevel": "OFF",
    },
    name=None,
)

ACCOUNT = Resource(
    type="aws:apigateway/account:Account",
    create=put_account,
    creates=["cloudwatchRoleArn"],
    identifier="{@account}",
    read="get_account",
    update=[Update(put_account, carries=["cloudwatchRoleArn"])],
    name=None,
)

REST_API_POLICY = Resource(
    type="aws:apigateway/restApiPolicy:RestApiPolicy",
    create=patch_policy,
    creates=["policy"],
    identifier="{restApiId}",
    read=read_policy,
    update=[Update(patch_policy, carries=["policy"])],
    delete=lambda caller, known: patch_policy(caller, {**known, "policy": ""}),
    name=None,
)

API_KEY = Resource(
    type="aws:apigateway/apiKey:ApiKey",
    create=Call("create_api_key", gives={"id": "id"}),
    address={"apiKey": "{id}"},
    read=Call("get_api_key", {"includeValue": True}),
    update=[Update(patch_key, carries=["customerId", "description", "enabled", "name"])],
    delete="delete_api_key",
    defaults={"enabled": True, "description": "Managed by Pulumi"},
    computed=["value"],
    derived={"arn": "arn:{@partition}:apigateway:{@region}::/apikeys/{id}"},
    name=Name(longest=1024),
    tags=Tagging(read=None),
)

USAGE_PLAN = Resource(
    type="aws:apigateway/usagePlan:UsagePlan",
    create=Call("create_usage_plan", gives={"id": "id"}, carries=["description", "name"]),
    address={"usagePlanId": "{id}"},
    read=read_plan,
    update=[
        Update(
            patch_plan,
            carries=["apiStages", "description", "name", "productCode", "quotaSettings", "throttleSettings"],
        )
    ],
    delete=release_plan,
    derived={"arn": "arn:{@partition}:apigateway:{@region}::/usageplans/{id}"},
    defaults={"quotaSettings.offset": 0},
    name=Name(longest=1024),
    tags=Tagging(read=None),
)

USAGE_PLAN_KEY = Resource(
    type="aws:apigateway/usagePlanKey:UsagePlanKey",
    create="create_usage_plan_key",
    identifier="{usagePlanId}/{keyId}",
    address={"usagePlanId": "{usagePlanId}", "keyId": "{keyId}"},
    read=Call("get_usage_plan_key", gives={"keyType": "type"}),
    delete="delete_usage_plan_key",
    name=None,
)

RESOURCES = [
    ACCOUNT,
    API_KEY,
    DEPLOYMENT,
    METHOD_SETTINGS,
    REST_API,
    REST_API_POLICY,
    STAGE,
    USAGE_PLAN,
    USAGE_PLAN_KEY,
]
