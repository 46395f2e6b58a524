"""Lambda: what a function refers to, and the sizes that its package and its environment may have.

Sources: Lambda API, CreateFunction and UpdateFunctionConfiguration; Lambda Developer Guide, "Lambda quotas", "Giving
Lambda functions access to resources in an Amazon VPC" and "Adding a dead-letter queue" (read 2026-11-22).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal, trust_of
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.ec2.subnets import subnets_by_id

_INVALID = "InvalidParameterValueException"
_SERVICE = "lambda.amazonaws.com"
MOST_ENVIRONMENT_BYTES = 4096
MOST_ZIPPED_BYTES = 50 * 1024 * 1024
MOST_UNZIPPED_BYTES = 262_144_000
RESERVED = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
"""Variables that only Lambda sets ("Defined runtime environment variables")."""
_QUEUES = {"sqs": ("sqs:SendMessage", "SendMessage on SQS"), "sns": ("sns:Publish", "Publish on SNS")}


def _create(call: Call) -> None:
    given = call.parameters
    if given.get("PackageType", "Zip") == "Zip" and not (given.get("Runtime") and given.get("Handler")):
        message = "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        raise AwsError(_INVALID, message)
    _check_settings(call, str(given["Role"]))
    _check_code(given.get("Code") or {})


def _update(call: Call) -> None:
    given = call.parameters
    _check_settings(call, str(given.get("Role") or _current_role(call)))


def _update_code(call: Call) -> None:
    _check_code(call.parameters)


def _current_role(call: Call) -> str:
    from plinth_sandbox.emulator.services.awslambda.executor.version import function_of

    function, _ = function_of(call.account, call.region, str(call.parameters["FunctionName"]))
    return str(function.role)


def _check_settings(call: Call, role_arn: str) -> None:
    given = call.parameters
    _check_role(role_arn, call.account)
    _check_environment((given.get("Environment") or {}).get("Variables") or {})
    _check_network(call, given.get("VpcConfig") or {}, role_arn)
    _check_dead_letters((given.get("DeadLetterConfig") or {}).get("TargetArn") or "", role_arn)
    _check_key(str(given.get("KMSKeyArn") or ""))


def _check_role(arn: str, account: str) -> None:
    role = role_of(arn)
    if arn.split(":")[4] != account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
    if role is None or not _may_assume(role):
        raise AwsError(_INVALID, "The role defined for the function cannot be assumed by Lambda.")


def _may_assume(role: Any) -> bool:
    resource = Resource(
        arn=str(role.arn), account=account_of(str(role.account_id)), policy=trust_of(role), needs_policy=True
    )
    principal = Principal(name=_SERVICE, service=_SERVICE)
    return decide(Request(principal=principal, action="sts:AssumeRole", resource=resource)).allowed


def _check_environment(variables: Mapping[str, str]) -> None:
    beginning = "Lambda was unable to configure your environment variables because the environment variables you have"
    used = sorted(RESERVED & set(variables))
    if used:
        message = f"{beginning} provided contains reserved keys that are currently not supported for modification. "
        raise AwsError(_INVALID, f"{message}Reserved keys used in this request: {', '.join(used)}")
    text = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > MOST_ENVIRONMENT_BYTES:
        raise AwsError(_INVALID, f"{beginning} provided exceeded the 4KB limit. String measured: {text}")


def _check_network(call: Call, network: Mapping[str, Any], role_arn: str) -> None:
    from moto.ec2.models import ec2_backends

    subnets, groups = network.get("SubnetIds") or [], network.get("SecurityGroupIds") or []
    if not subnets and not groups:
        return
    if not subnets or not groups:
        raise AwsError(_INVALID, "A VPC configuration needs at least one subnet and one security group.")
    backend = ec2_backends[call.account][call.region]
    known_subnets = subnets_by_id(backend)
    for subnet in subnets:
        if subnet not in known_subnets:
            _refuse_network("DescribeSubnets", "InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    known_groups = {group for inner in backend.groups.values() for group in inner}
    for group in groups:
        if group not in known_groups:
            message = f"The security group '{group}' does not exist"
            _refuse_network("DescribeSecurityGroups", "InvalidGroup.NotFound", message)
    used = [f"subnet/{subnet}" for subnet in subnets] + [f"security-group/{group}" for group in groups]
    for resource in (*used, "network-interface/*"):
        arn = f"arn:aws:ec2:{call.region}:{call.account}:{resource}"
        _require(role_arn, "ec2:CreateNetworkInterface", arn, "CreateNetworkInterface on EC2")


def _refuse_network(operation: str, code: str, message: str) -> None:
    text = f"Error occurred while {operation}. EC2 Error Code: {code}. EC2 Error Message: {message}"
    raise AwsError(_INVALID, text)


def _check_dead_letters(target: str, role_arn: str) -> None:
    if not target:
        return
    service = target.split(":")[2]
    if service not in _QUEUES:
        raise AwsError(_INVALID, f"The target {target} of the dead letter queue must be an SQS queue or an SNS topic.")
    action, words = _QUEUES[service]
    _require(role_arn, action, target, words)


def _require(role_arn: str, action: str, resource: str, words: str) -> None:
    """Raises AwsError unless the policies of the role allow an action. Lambda looks at the role alone."""
    role = role_of(role_arn)
    request = Request(
        principal=role_principal(role, "Lambda"),
        action=action,
        resource=Resource(arn=resource, account=account_of(resource.split(":")[4])),
    )
    try:
        allowed = decide(request).allowed
    except UnsupportedError as error:
        raise AwsError("NotImplementedBySandbox", f"The sandbox cannot judge a policy: {error}") from error
    if not allowed:
        message = f"The provided execution role does not have permissions to call {words}"
        raise AwsError(_INVALID, message)


def _check_key(arn: str) -> None:
    if not arn:
        return
    from moto.kms.models import kms_backends

    _, _, _, region, account, rest = arn.split(":", 5)
    backend = kms_backends[account][region]
    name = rest.removeprefix("key/")
    if name not in backend.keys and backend.get_key_id_from_alias(name) is None:
        raise AwsError(_INVALID, f"Lambda was unable to configure access to your environment variables: {arn}")


def _check_code(code: Mapping[str, Any]) -> None:
    """Checks a package that the request contains. Packages in S3 are checked when they are read."""
    content = code.get("ZipFile")
    if content is None:
        return
    archive = content if isinstance(content, bytes) else bytes(content)
    if len(archive) > MOST_ZIPPED_BYTES:
        message = f"Request must be smaller than {MOST_ZIPPED_BYTES + 20 * 1024 * 1024} bytes for the operation"
        raise AwsError("RequestTooLargeException", message, 413)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
    except zipfile.BadZipFile as error:
        message = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise AwsError(_INVALID, message) from error
    if not entries:
        raise AwsError(_INVALID, "Uploaded file must be a non-empty zip")
    if sum(entry.file_size for entry in entries) > MOST_UNZIPPED_BYTES:
        raise AwsError(_INVALID, f"Unzipped size must be smaller than {MOST_UNZIPPED_BYTES} bytes")


CHECKS: Checks = {
    ("lambda", "CreateFunction"): _create,
    ("lambda", "UpdateFunctionCode"): _update_code,
    ("lambda", "UpdateFunctionConfiguration"): _update,
}
