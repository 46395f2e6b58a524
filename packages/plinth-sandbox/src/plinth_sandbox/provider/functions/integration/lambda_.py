"""AWS Lambda: deployment packages from archives, updates in the vendor's order, and permissions, which are statements
of a policy."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plinth_sandbox.provider.errors import AwsError, ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.rpc.wire import asset_bytes, is_asset
from plinth_sandbox.provider.vocabulary import Properties

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SETTINGS: dict[str, tuple[str, Any]] = {
    "description": ("Description", ""),
    "handler": ("Handler", None),
    "kmsKeyArn": ("KMSKeyArn", ""),
    "layers": ("Layers", []),
    "memorySize": ("MemorySize", None),
    "role": ("Role", None),
    "runtime": ("Runtime", None),
    "timeout": ("Timeout", None),
}
"""Member, and the value that removes a setting, by property."""
_NESTED: dict[str, tuple[str, dict[str, str], Any]] = {
    "deadLetterConfig": ("DeadLetterConfig", {"targetArn": "TargetArn"}, {"TargetArn": ""}),
    "environment": ("Environment", {"variables": "Variables"}, {"Variables": {}}),
    "ephemeralStorage": ("EphemeralStorage", {"size": "Size"}, None),
    "loggingConfig": (
        "LoggingConfig",
        {
            "applicationLogLevel": "ApplicationLogLevel",
            "logFormat": "LogFormat",
            "logGroup": "LogGroup",
            "systemLogLevel": "SystemLogLevel",
        },
        None,
    ),
    "tracingConfig": ("TracingConfig", {"mode": "Mode"}, None),
    "vpcConfig": (
        "VpcConfig",
        {"securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"},
        {"SecurityGroupIds": [], "SubnetIds": []},
    ),
}
"""Member, its members by property, and the value that removes a setting, by property."""

SETTINGS = [*_SETTINGS, *_NESTED]
"""Properties of a function's configuration."""
CODE = ["code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash", "architectures"]
"""Properties of a function's code."""


def create_function(caller: Caller, known: Properties) -> None:
    """Creates a function with its code, settings and tags."""
    caller.aws(
        "create_function",
        FunctionName=known["name"],
        Code=_code(known),
        PackageType=known.get("packageType") or "Zip",
        Publish=bool(known.get("publish")),
        Tags=known.get("tagsAll") or {},
        **({"Architectures": known["architectures"]} if known.get("architectures") else {}),
        **dict(_settings(known, removes=False)),
    )


def update_function(caller: Caller, known: Properties) -> None:
    """Updates the settings and the code, each if it differs, and then publishes a version if the program wants one."""
    name = known["name"]
    before = caller.aws("get_function_configuration", FunctionName=name)
    wanted = dict(_settings(known, removes=True))
    changed = any(_plain(before.get(member)) != _plain(value) for member, value in wanted.items())
    if changed:
        caller.aws("update_function_configuration", FunctionName=name, **wanted)
    code = _code(known)
    digest = base64.b64encode(hashlib.sha256(code["ZipFile"]).digest()).decode() if "ZipFile" in code else None
    if digest != before["CodeSha256"]:
        more = {"Architectures": known["architectures"]} if known.get("architectures") else {}
        caller.aws("update_function_code", FunctionName=name, **code, **more)
        changed = True
    if changed and known.get("publish"):
        caller.aws("publish_version", FunctionName=name)


def read_version(caller: Caller, known: Properties) -> Properties | None:
    """Returns the newest version of a function, which is ``$LATEST`` if none was published. None without a function."""
    versions = caller.aws("list_versions_by_function", FunctionName=known["name"])["Versions"]
    if not versions:
        return None
    newest = versions[-1]["Version"]
    arn = str(versions[0]["FunctionArn"]).removesuffix(":$LATEST")
    path = f"arn:aws:apigateway:{arn.split(':')[3]}:lambda:path/2015-03-31/functions/{arn}"
    return {
        "version": newest,
        "qualifiedArn": f"{arn}:{newest}",
        "invokeArn": f"{path}/invocations",
        "qualifiedInvokeArn": f"{path}:{newest}/invocations",
    }


def set_concurrency(caller: Caller, known: Properties) -> None:
    """Reserves instances. Without a number, or with -1, none are reserved."""
    wanted = known.get("reservedConcurrentExecutions")
    if wanted is None or wanted < 0:
        caller.aws("delete_function_concurrency", FunctionName=known["name"])
    else:
        caller.aws("put_function_concurrency", FunctionName=known["name"], ReservedConcurrentExecutions=wanted)


def _settings(known: Properties, *, removes: bool) -> Iterator[tuple[str, Any]]:
    for name, (member, absent) in _SETTINGS.items():
        value = known.get(name)
        if value is not None or (removes and absent is not None):
            yield member, absent if value is None else value
    for name, (member, inner, nothing) in _NESTED.items():
        given = known.get(name)
        if given:
            yield member, {inner[key]: value for key, value in given.items() if key in inner and value is not None}
        elif removes and nothing is not None:
            yield member, nothing


def _plain(value: Any) -> Any:
    """Returns a setting without what AWS adds to it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in sorted(value.items()) if item and key != "VpcId"} or None
    if isinstance(value, list):
        return [item["Arn"] if isinstance(item, Mapping) else item for item in value] or None
    return value or None


def _code(known: Properties) -> dict[str, Any]:
    if (archive := known.get("code")) is not None:
        return {"ZipFile": zipped(archive)}
    if not known.get("s3Bucket"):
        raise ProviderError("aws:lambda/function:Function: one of `code` and `s3Bucket` is required")
    members = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}
    return {member: known[name] for name, member in members.items() if known.get(name)}


def zipped(archive: Mapping[str, Any]) -> bytes:
    """Returns an archive as a zip file: a zip file as it is, a folder or a set of assets packed. Equal content gives
    equal bytes, because times are left out. Raises ProviderError."""
    if (path := archive.get("path")) is not None and not Path(path).is_dir():
        return Path(path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content, mode in sorted(_files(archive)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, mode << 16
            opened.writestr(entry, content)
    return buffer.getvalue()


def _files(archive: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bytes, int]]:
    """Yields name, content and mode of each file."""
    if (path := archive.get("path")) is not None:
        root = Path(path)
        if not root.is_dir():
            with zipfile.ZipFile(root) as opened:
                yield from ((prefix + name, opened.read(name), 0o644) for name in opened.namelist())
            return
        for file in root.rglob("*"):
            if file.is_file():
                yield prefix + file.relative_to(root).as_posix(), file.read_bytes(), file.stat().st_mode & 0o777
    elif (assets := archive.get("assets")) is not None:
        for name, asset in assets.items():
            if is_asset(asset) and (asset.get("assets") is not None or _is_archive(asset)):
                yield from _files(asset, f"{prefix}{name}/")
            else:
                yield prefix + name, asset_bytes(asset), 0o644
    else:
        raise ProviderError("only archives with a path or with assets are supported")


def _is_archive(asset: Mapping[str, Any]) -> bool:
    path = asset.get("path")
    return path is not None and Path(path).is_dir()


_CONDITIONS = {
    "sourceArn": ("ArnLike", "AWS:SourceArn", "SourceArn"),
    "sourceAccount": ("StringEquals", "AWS:SourceAccount", "SourceAccount"),
    "principalOrgId": ("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID"),
    "functionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
}
"""Operator and key of the condition, and the member of the request, by property."""


def add_permission(caller: Caller, known: Properties) -> None:
    members = {name: member for name, (_, _, member) in _CONDITIONS.items()}
    members |= {"action": "Action", "principal": "Principal", "statementId": "StatementId", "qualifier": "Qualifier"}
    given = {member: known[name] for name, member in members.items() if known.get(name) is not None}
    caller.aws("add_permission", FunctionName=known["function"], **given)


def read_permission(caller: Caller, known: Properties) -> Properties | None:
    """Returns a statement of the function's policy, or None without one. An import does not know the qualifier."""
    qualifiers = [known["qualifier"]] if known.get("qualifier") else _qualifiers(caller, known["function"])
    for qualifier in qualifiers:
        for found in _statements(caller, known["function"], qualifier):
            if found["Sid"] == known["statementId"]:
                named = {"qualifier": qualifier} if qualifier else {}
                return {"function": known["function"], **named, **_permission(found, known.get("principal"))}
    return None


def _qualifiers(caller: Caller, function: str) -> list[str | None]:
    versions = caller.aws("list_versions_by_function", FunctionName=function)["Versions"]
    aliases = caller.aws("list_aliases", FunctionName=function)["Aliases"] if versions else []
    return [None, *(version["Version"] for version in versions), *(alias["Name"] for alias in aliases)]


def _statements(caller: Caller, function: str, qualifier: str | None) -> list[dict[str, Any]]:
    """Returns the statements about one qualifier, which are none without a policy."""
    where = {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}
    try:
        policy = caller.aws("get_policy", **where)["Policy"]
    except AwsError as error:
        if error.means_absent():
            return []
        raise
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def _permission(found: Mapping[str, Any], principal: str | None) -> Properties:
    conditions = found.get("Condition") or {}
    read = {
        name: conditions.get(operator, {}).get(key)
        for name, (operator, key, _) in _CONDITIONS.items()
        if conditions.get(operator, {}).get(key) is not None
    }
    return {
        "statementId": found["Sid"],
        "action": found["Action"],
        "principal": _principal(found["Principal"], principal),
        **read,
    }


def _principal(found: Any, known: str | None) -> str:
    if isinstance(found, str):
        return found
    name = str(next(iter(found.values())))
    # AWS writes an account as the ARN of its root.
    is_same = known is not None and name == f"arn:aws:iam::{known}:root"
    return str(known) if is_same else name
