"""Amazon API Gateway: REST APIs that an OpenAPI document defines."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.apigateway import (
    disable_stage_logs,
    enable_stage_logs,
    patch_api,
    patch_stage,
    put_account,
    put_body,
    put_method_settings,
    read_deployment,
    read_method_settings,
    remove_method_settings,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

REST_API = Resource(
    type="aws:apigateway/restApi:RestApi",
    create=Call("create_rest_api", gives={"id": "id"}),
    address={"restApiId": "{id}"},
    read=Call("get_rest_api", gives={"endpointConfiguration": "endpointConfiguration.{types: types[0]}"}),
    update=[Update(put_body, carries=["body"]), Update(patch_api, carries=["name", "description"])],
    delete="delete_rest_api",
    computed=["policy", "description", "endpointConfiguration", "apiKeySource"],
    derived={
        "arn": "arn:{@partition}:apigateway:{@region}::/restapis/{id}",
        "executionArn": "arn:{@partition}:execute-api:{@region}:{@account}:{id}",
    },
    local=["failOnWarnings", "putRestApiMode"],
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
        Update(patch_stage, carries=["deployment", "description", "xrayTracingEnabled"]),
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

RESOURCES = [ACCOUNT, DEPLOYMENT, METHOD_SETTINGS, REST_API, STAGE]
