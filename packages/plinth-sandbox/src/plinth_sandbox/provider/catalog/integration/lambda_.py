"""AWS Lambda: functions, their versions and aliases, who may invoke them, and asynchronous invocation."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.functions.integration.lambda_ import (
    CODE,
    SETTINGS,
    add_permission,
    create_function,
    read_permission,
    read_version,
    set_concurrency,
    update_function,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

_INVOKE = "arn:{@partition}:apigateway:{@region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def _with_weights(request: dict[str, Any]) -> dict[str, Any]:
    """Removes the weights of an alias if the program has none."""
    return {**request, "RoutingConfig": request.get("RoutingConfig") or {"AdditionalVersionWeights": {}}}


FUNCTION = Resource(
    type="aws:lambda/function:Function",
    create=create_function,
    creates=["name", "packageType", "publish", "tags", *SETTINGS, *CODE],
    identifier="{name}",
    address={"FunctionName": "{name}"},
    read=[
        read_version,
        Call(
            "get_function",
            within="Configuration",
            gives={
                "arn": "Configuration.FunctionArn",
                "layers": "Configuration.Layers[].Arn",
                "reservedConcurrentExecutions": "Concurrency.ReservedConcurrentExecutions",
                "sourceCodeSize": "Configuration.CodeSize",
            },
        ),
    ],
    update=[
        Update(update_function, carries=[*SETTINGS, *CODE, "publish"]),
        Update(set_concurrency, carries=["reservedConcurrentExecutions"]),
    ],
    delete="delete_function",
    renames={"name": "FunctionName"},
    defaults={
        "memorySize": 128,
        "timeout": 3,
        "packageType": "Zip",
        "publish": False,
        "vpcConfig.ipv6AllowedForDualStack": False,
    },
    computed=[
        "architectures",
        "codeSha256",
        "ephemeralStorage",
        "loggingConfig",
        "loggingConfig.applicationLogLevel",
        "loggingConfig.logGroup",
        "loggingConfig.systemLogLevel",
        "snapStart",
        "tracingConfig",
        "vpcConfig.vpcId",
    ],
    unread=["code", "publish", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"],
    local=["replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "skipDestroy"],
    volatile=[
        "codeSha256",
        "lastModified",
        "qualifiedArn",
        "qualifiedInvokeArn",
        "sourceCodeSize",
        "version",
    ],
    ordered=["layers"],
    exclusive=[["code", "s3Bucket"]],
    name=Name(longest=64),
    tags=Tagging(read="list_tags"),
)

ALIAS = Resource(
    type="aws:lambda/alias:Alias",
    create="create_alias",
    identifier="{functionName}/{name}",
    address={"FunctionName": "{functionName}", "Name": "{name}"},
    read="get_alias",
    update=[Update(Call("update_alias", adjust=_with_weights))],
    delete="delete_alias",
    renames={"arn": "AliasArn", "additionalVersionWeights": "AdditionalVersionWeights"},
    derived={"invokeArn": _INVOKE},
    name=Name(longest=128),
)

PERMISSION = Resource(
    type="aws:lambda/permission:Permission",
    create=add_permission,
    creates=[
        "action",
        "function",
        "functionUrlAuthType",
        "principal",
        "principalOrgId",
        "qualifier",
        "sourceAccount",
        "sourceArn",
        "statementId",
    ],
    identifier="{function}/{statementId}",
    address={"FunctionName": "{function}", "StatementId": "{statementId}", "Qualifier": "{qualifier}"},
    read=read_permission,
    delete="remove_permission",
    name=Name("statementId", longest=100),
)

EVENT_INVOKE_CONFIG = Resource(
    type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    put="put_function_event_invoke_config",
    identifier="{functionName}",
    address={"FunctionName": "{functionName}", "Qualifier": "{qualifier}"},
    read="get_function_event_invoke_config",
    delete="delete_function_event_invoke_config",
    defaults={"maximumRetryAttempts": 2},
    name=None,
)

RESOURCES = [ALIAS, EVENT_INVOKE_CONFIG, FUNCTION, PERMISSION]
