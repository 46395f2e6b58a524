"""S3: bucket settings that are returned as they were set, and the secure defaults of new buckets.

moto implements these settings (it keeps versions and sends events) but loses members of them, and takes some requests
for the creation of a bucket. So moto applies the settings, and the patches answer reads.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.s3.models import s3_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patch, Patches
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

Values = dict[str, Any]

_ENCRYPTED = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
    }
}
_CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One subresource of a bucket."""

    put: str
    get: str
    delete: str = ""
    payload: str
    """Member of the request with the setting."""
    wrapped: bool = True
    """Whether the answer contains the setting under the same name, or as top-level members."""
    emulated: bool = True
    """Whether moto implements the setting."""
    initially: Values | None = None
    """Default of a bucket that nobody configured (S3 User Guide: defaults since April 2023)."""
    missing: str = ""
    """Error code if the setting does not exist."""


SETTINGS = [
    Setting(
        put="PutBucketEncryption",
        get="GetBucketEncryption",
        payload="ServerSideEncryptionConfiguration",
        initially=_ENCRYPTED,
    ),
    Setting(
        put="PutBucketLifecycleConfiguration",
        get="GetBucketLifecycleConfiguration",
        delete="DeleteBucketLifecycle",
        payload="LifecycleConfiguration",
        wrapped=False,
        missing="NoSuchLifecycleConfiguration",
    ),
    Setting(
        put="PutBucketNotificationConfiguration",
        get="GetBucketNotificationConfiguration",
        payload="NotificationConfiguration",
        wrapped=False,
        initially={},
    ),
    Setting(
        put="PutBucketOwnershipControls",
        get="GetBucketOwnershipControls",
        delete="DeleteBucketOwnershipControls",
        payload="OwnershipControls",
        initially={"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        missing="OwnershipControlsNotFoundError",
    ),
    Setting(
        put="PutPublicAccessBlock",
        get="GetPublicAccessBlock",
        delete="DeletePublicAccessBlock",
        payload="PublicAccessBlockConfiguration",
        initially={"PublicAccessBlockConfiguration": _CLOSED},
        missing="NoSuchPublicAccessBlockConfiguration",
    ),
    Setting(
        put="PutBucketReplication",
        get="GetBucketReplication",
        delete="DeleteBucketReplication",
        payload="ReplicationConfiguration",
        missing="ReplicationConfigurationNotFoundError",
    ),
    Setting(
        put="PutBucketRequestPayment",
        get="GetBucketRequestPayment",
        payload="RequestPaymentConfiguration",
        wrapped=False,
        emulated=False,
        initially={"Payer": "BucketOwner"},
    ),
    Setting(
        put="PutBucketAbac",
        get="GetBucketAbac",
        payload="AbacStatus",
        emulated=False,
        initially={"AbacStatus": {"Status": "Disabled"}},
    ),
    *(
        Setting(
            put=f"PutBucket{kind}Configuration",
            get=f"GetBucket{kind}Configuration",
            delete=f"DeleteBucket{kind}Configuration",
            payload=f"{kind}Configuration",
            emulated=False,
            missing="NoSuchConfiguration",
        )
        for kind in ("Analytics", "IntelligentTiering", "Metrics")
    ),
]


def _notes(call: Call, memory: Memory) -> Values:
    return memory.notes("s3", str(call.parameters["Bucket"]))


def _key(setting: Setting, call: Call) -> str:
    """Returns the key of a setting. Some settings exist several times on one bucket, each with an id."""
    return f"{setting.get} {call.parameters.get('Id', '')}"


def _require_bucket(call: Call) -> None:
    if find_bucket(str(call.parameters["Bucket"])) is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)


def _put(setting: Setting, exchange: Exchange) -> Answer:
    _require_bucket(exchange.call)
    answer = exchange.below() if setting.emulated else exchange.call.reply({})
    if answer.succeeded:
        given = exchange.call.parameters[setting.payload]
        beside = {
            name: value
            for name, value in exchange.call.parameters.items()
            if name == "TransitionDefaultMinimumObjectSize"
        }
        _notes(exchange.call, exchange.memory)[_key(setting, exchange.call)] = (
            {setting.payload: given} if setting.wrapped else given
        ) | beside
    return answer


def _get(setting: Setting, exchange: Exchange) -> Answer:
    _require_bucket(exchange.call)
    values = _notes(exchange.call, exchange.memory).get(_key(setting, exchange.call), setting.initially)
    if values is None:
        raise AwsError(setting.missing, f"The bucket has no such configuration ({setting.payload}).", status=404)
    return exchange.call.reply(values)


def _delete(setting: Setting, exchange: Exchange) -> Answer:
    _require_bucket(exchange.call)
    if setting.emulated:
        exchange.below()
    _notes(exchange.call, exchange.memory)[_key(setting, exchange.call)] = None
    return Answer(204)


def _reset_encryption(exchange: Exchange) -> Answer:
    """Resets the encryption to AWS's default. Every bucket is encrypted."""
    _require_bucket(exchange.call)
    exchange.below()
    _notes(exchange.call, exchange.memory).pop("GetBucketEncryption ", None)
    return Answer(204)


def _list(kind: str, exchange: Exchange) -> Answer:
    _require_bucket(exchange.call)
    prefix = f"GetBucket{kind}Configuration "
    kept = [
        value
        for key, value in sorted(_notes(exchange.call, exchange.memory).items())
        if key.startswith(prefix) and value
    ]
    return exchange.call.reply(
        {"IsTruncated": False, f"{kind}ConfigurationList": [value[f"{kind}Configuration"] for value in kept]}
    )


def _create(exchange: Exchange) -> Answer:
    name, configuration = (
        str(exchange.call.parameters["Bucket"]),
        exchange.call.parameters.get("CreateBucketConfiguration") or {},
    )
    _check_name(name, exchange.call)
    answer = exchange.below()
    if answer.succeeded:
        notes = exchange.memory.notes("s3", name)
        notes.clear()
        ownership = exchange.call.parameters.get("ObjectOwnership")
        if ownership:
            notes["GetBucketOwnershipControls "] = {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}
        tags = {tag["Key"]: tag["Value"] for tag in configuration.get("Tags", [])}
        if tags:
            s3_backends[exchange.call.account]["aws"].put_bucket_tagging(name, tags)
    return answer


def _check_name(name: str, call: Call) -> None:
    """Checks a bucket name (S3 User Guide, "General purpose bucket naming rules" and "account regional namespaces")."""
    regional = call.parameters.get("BucketNamespace") == "account-regional"
    suffix = f"-{call.account}-{call.region}-an"
    plain = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) and ".." not in name
    if not plain or name.startswith("xn--") or name.endswith("-s3alias"):
        raise AwsError("InvalidBucketName", f"The specified bucket is not valid: {name}", status=400)
    if regional and not name.endswith(suffix):
        raise AwsError(
            "InvalidBucketName", f"A bucket of the account's own namespace ends with {suffix}: {name}", status=400
        )
    if not regional and name.endswith("-an"):
        raise AwsError("InvalidBucketName", f"Names in -an belong to account-regional namespaces: {name}", status=400)


def _put_policy(exchange: Exchange) -> Answer:
    policy = exchange.call.parameters["Policy"]
    try:
        json.loads(policy)
    except ValueError as error:
        raise AwsError(
            "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'", status=400
        ) from error
    return exchange.below()


def _patches() -> Patches:
    patches: dict[str, Patch] = {
        "CreateBucket": _create,
        "DeleteBucketEncryption": _reset_encryption,
        "PutBucketPolicy": _put_policy,
    }
    for setting in SETTINGS:
        patches |= {setting.put: partial(_put, setting), setting.get: partial(_get, setting)}
        if setting.delete:
            patches[setting.delete] = partial(_delete, setting)
    for kind in ("Analytics", "IntelligentTiering", "Metrics"):
        patches[f"ListBucket{kind}Configurations"] = partial(_list, kind)
    return patches


PATCHES: Patches = _patches()
