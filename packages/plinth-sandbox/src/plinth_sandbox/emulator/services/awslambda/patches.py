"""Lambda: settings of functions that moto drops, policies by qualifier, and configurations of asynchronous invocation.

Sources: Lambda API, CreateFunction, UpdateFunctionConfiguration, AddPermission and PutFunctionEventInvokeConfig; Lambda
Developer Guide, "Viewing resource-based IAM policies in Lambda" (read 2026-11-22).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.awslambda.executor.version import function_of

_KEPT = {
    "DeadLetterConfig": "dead_letter_config",
    "EphemeralStorage": "ephemeral_settings",
    "KMSKeyArn": "kms_key_arn",
    "LoggingConfig": "logging_config",
    "TracingConfig": "tracing_config",
}
"""Attribute of moto's function by member, for settings that moto drops at creation or at an update."""
_LEVELS = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


def patch_moto() -> None:
    """Makes moto's functions keep all settings, and moto run none of them."""
    # moto compares reserved concurrency with this quota only if it is set (Lambda quotas: 1,000 concurrent executions).
    os.environ["MOTO_LAMBDA_CONCURRENCY_QUOTA"] = "1000"
    create, update, describe = (
        LambdaFunction.__init__,
        LambdaFunction.update_configuration,
        LambdaFunction.get_configuration,
    )

    def refuse(self: Any, **_: Any) -> Any:
        raise NotEmulatedError(f"an invocation of {self.function_name} by moto")

    # Functions run as processes of the sandbox. What moto invokes itself would fail in a container that nobody has.
    LambdaFunction._invoke_lambda = refuse

    def create_with_all(self: Any, account_id: str, spec: dict[str, Any], *rest: Any, **more: Any) -> None:
        self.dead_letter_config, self.logging_config = {}, {}
        create(self, account_id, spec, *rest, **more)
        _keep(self, spec)

    def update_with_all(self: Any, changes: Mapping[str, Any]) -> Any:
        _keep(self, changes)
        has_network = bool((changes.get("VpcConfig") or {}).get("SubnetIds"))
        update(self, {name: value for name, value in changes.items() if name != "VpcConfig" or has_network})
        return self.get_configuration()

    def describe_all(self: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = describe(self, *rest, **more)
        logs = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}", **self.logging_config}
        found["LoggingConfig"] = {**_LEVELS, **logs} if logs["LogFormat"] == "JSON" else logs
        found["RevisionId"] = self.revision_id
        if self.dead_letter_config.get("TargetArn"):
            found["DeadLetterConfig"] = self.dead_letter_config
        if found.get("VpcConfig"):
            found["VpcConfig"] = {**found["VpcConfig"], "VpcId": _vpc_of(self)}
        found["KMSKeyArn"] = found["KMSKeyArn"] or None
        return {name: value for name, value in found.items() if value is not None}

    LambdaFunction.__init__ = create_with_all
    LambdaFunction.update_configuration = update_with_all
    LambdaFunction.get_configuration = describe_all


def _keep(function: Any, settings: Mapping[str, Any]) -> None:
    function.revision_id = str(mock_random.uuid4())
    for member, attribute in _KEPT.items():
        if member in settings:
            setattr(function, attribute, settings[member] or ("" if member == "KMSKeyArn" else {}))
    size = settings.get("EphemeralStorage") or {}
    if "Size" in size:
        function.ephemeral_storage = size["Size"]
    if "VpcConfig" in settings and not (settings["VpcConfig"] or {}).get("SubnetIds"):
        function._vpc_config = None


def _vpc_of(function: Any) -> str:
    from moto.ec2.models import ec2_backends

    wanted = function._vpc_config["SubnetIds"][0]
    zones = ec2_backends[function.account_id][function.region].subnets.values()
    return next((str(subnet.vpc_id) for zone in zones for subnet in zone.values() if subnet.id == wanted), "")


def _function(exchange: Exchange) -> tuple[Any, str]:
    call, given = exchange.call, exchange.call.parameters
    return function_of(call.account, call.region, str(given["FunctionName"]), str(given.get("Qualifier") or ""))


def _own_arn(function: Any) -> str:
    return f"arn:aws:lambda:{function.region}:{function.account_id}:function:{function.function_name}"


def _add_permission(exchange: Exchange) -> Answer:
    """Adds a statement to the policy of a function, or of one of its versions and aliases."""
    given = exchange.call.parameters
    function, qualifier = _function(exchange)
    arn = _own_arn(function) + (f":{qualifier}" if qualifier else "")
    sid, statements = str(given["StatementId"]), function.policy.statements
    if any(existing["Sid"] == sid and existing["Resource"] == arn for existing in statements):
        message = f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the "
        raise AwsError("ResourceConflictException", f"{message}existing statement.")
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(str(given["Principal"])),
        "Action": given["Action"],
        "Resource": arn,
    }
    if condition := _condition(given):
        statement["Condition"] = condition
    statements.append(statement)
    return exchange.call.reply({"Statement": json.dumps(statement)})


def _principal(given: str) -> Any:
    if given == "*":
        return given
    if given.isdigit():
        return {"AWS": f"arn:aws:iam::{given}:root"}
    return {"AWS" if given.startswith("arn:") else "Service": given}


def _condition(given: Mapping[str, Any]) -> dict[str, Any]:
    equal = {
        "AWS:SourceAccount": given.get("SourceAccount"),
        "aws:PrincipalOrgID": given.get("PrincipalOrgID"),
        "lambda:FunctionUrlAuthType": given.get("FunctionUrlAuthType"),
    }
    found = {key: value for key, value in equal.items() if value}
    condition: dict[str, Any] = {"StringEquals": found} if found else {}
    if given.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": given["SourceArn"]}
    return condition


def _statements(exchange: Exchange) -> tuple[Any, list[dict[str, Any]]]:
    """Returns a function and the statements of one qualifier. Raises AwsError if there are none."""
    function, qualifier = _function(exchange)
    arn = _own_arn(function) + (f":{qualifier}" if qualifier else "")
    found = [statement for statement in function.policy.statements if statement["Resource"] == arn]
    if not found:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")
    return function, found


def _remove_permission(exchange: Exchange) -> Answer:
    function, found = _statements(exchange)
    sid = str(exchange.call.parameters["StatementId"])
    removed = next((statement for statement in found if statement["Sid"] == sid), None)
    if removed is None:
        raise AwsError("ResourceNotFoundException", f"Statement {sid} is not found in resource policy.")
    function.policy.statements.remove(removed)
    return exchange.call.reply({})


def _get_policy(exchange: Exchange) -> Answer:
    function, found = _statements(exchange)
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": found}
    return exchange.call.reply({"Policy": json.dumps(policy), "RevisionId": function.policy.revision})


def _configs(exchange: Exchange) -> tuple[dict[str, Any], str, str]:
    """Returns the configurations of a function by qualifier, the wanted qualifier, and its ARN."""
    function, qualifier = _function(exchange)
    qualifier = qualifier or "$LATEST"
    kept = exchange.memory.notes("event-invoke-configs", function.account_id, function.region, function.function_name)
    return kept, qualifier, f"{_own_arn(function)}:{qualifier}"


def _put_config(exchange: Exchange, *, merges: bool = False) -> Answer:
    kept, qualifier, arn = _configs(exchange)
    given = exchange.call.parameters
    before = _existing(kept, qualifier, arn) if merges else {}
    names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    changes = {name: given[name] for name in names if name in given}
    kept[qualifier] = {**before, **changes, "FunctionArn": arn, "LastModified": time.time()}
    return exchange.call.reply(kept[qualifier])


def _existing(kept: Mapping[str, Any], qualifier: str, arn: str) -> dict[str, Any]:
    if qualifier not in kept:
        raise AwsError("ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig")
    return dict(kept[qualifier])


def _get_config(exchange: Exchange) -> Answer:
    return exchange.call.reply(_existing(*_configs(exchange)))


def _delete_config(exchange: Exchange) -> Answer:
    kept, qualifier, arn = _configs(exchange)
    _existing(kept, qualifier, arn)
    del kept[qualifier]
    return exchange.call.reply({})


def _list_configs(exchange: Exchange) -> Answer:
    return exchange.call.reply({"FunctionEventInvokeConfigs": list(_configs(exchange)[0].values())})


def _delete_function(exchange: Exchange) -> Answer:
    """Deletes a function with its configurations of asynchronous invocation."""
    kept, qualifier, _ = _configs(exchange)
    answer = exchange.below()
    if answer.succeeded and "Qualifier" not in exchange.call.parameters:
        kept.clear()
    elif answer.succeeded:
        kept.pop(qualifier, None)
    return answer


def _delete_alias(exchange: Exchange) -> Answer:
    """Deletes an alias with its permissions."""
    function, _ = _function(exchange)
    arn = f"{_own_arn(function)}:{exchange.call.parameters['Name']}"
    answer = exchange.below()
    if answer.succeeded:
        function.policy.statements[:] = [
            statement for statement in function.policy.statements if statement["Resource"] != arn
        ]
    return answer


def _update_alias(exchange: Exchange) -> Answer:
    """Updates an alias. moto keeps the version only if the request repeats it, and cannot remove weights."""
    given = exchange.call.parameters
    function, _ = _function(exchange)
    backend: Any = _backend(exchange)
    alias = backend.get_alias(str(given["Name"]), function.function_name)
    if "FunctionVersion" in given:
        function_of(function.account_id, function.region, function.function_name, str(given["FunctionVersion"]))
    alias.update(given.get("Description"), given.get("FunctionVersion"), None)
    if "RoutingConfig" in given:
        alias.routing_config = given["RoutingConfig"] or {}
    alias.revision_id = str(mock_random.uuid4())
    return exchange.call.reply({key: value for key, value in alias.to_json().items() if value is not None})


def _backend(exchange: Exchange) -> Any:
    from moto.awslambda.models import lambda_backends

    return lambda_backends[exchange.call.account][exchange.call.region]


def _plain_alias(exchange: Exchange) -> Answer:
    """Answers without a routing configuration if there is none. moto answers null, which no client expects."""

    def clean(result: dict[str, Any]) -> None:
        if not (result.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
            result.pop("RoutingConfig", None)

    return exchange.amend(clean)


_merge: Callable[[Exchange], Answer] = lambda exchange: _put_config(exchange, merges=True)  # noqa: E731

PATCHES: Patches = {
    "AddPermission": _add_permission,
    "CreateAlias": _plain_alias,
    "DeleteAlias": _delete_alias,
    "DeleteFunction": _delete_function,
    "DeleteFunctionEventInvokeConfig": _delete_config,
    "GetAlias": _plain_alias,
    "GetFunctionEventInvokeConfig": _get_config,
    "GetPolicy": _get_policy,
    "ListFunctionEventInvokeConfigs": _list_configs,
    "PutFunctionEventInvokeConfig": _put_config,
    "RemovePermission": _remove_permission,
    "UpdateAlias": _update_alias,
    "UpdateFunctionEventInvokeConfig": _merge,
}
