"""Buckets, objects and notifications, whose requests differ from the properties in more than names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.rpc.wire import asset_bytes
from plinth_sandbox.provider.vocabulary import Properties

_TARGETS = {
    "queues": ("QueueConfigurations", "QueueArn", "queueArn"),
    "topics": ("TopicConfigurations", "TopicArn", "topicArn"),
    "lambdaFunctions": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambdaFunctionArn"),
}
"""List member, target member and target property by property."""


def create_bucket(caller: Caller, known: Properties) -> None:
    """Creates a bucket with its tags. The request contains the region except in us-east-1, where S3 refuses it."""
    request = {"Bucket": known["bucket"], "ObjectLockEnabledForBucket": known.get("objectLockEnabled", False)}
    configuration: dict[str, Any] = {}
    if known["@region"] != "us-east-1":
        configuration["LocationConstraint"] = known["@region"]
    if known["tagsAll"]:
        configuration["Tags"] = [{"Key": key, "Value": value} for key, value in known["tagsAll"].items()]
    if configuration:
        request["CreateBucketConfiguration"] = configuration
    if known.get("bucketNamespace"):
        request["BucketNamespace"] = known["bucketNamespace"]
    caller.aws("create_bucket", **request)


def delete_bucket(caller: Caller, known: Properties) -> None:
    """Deletes a bucket. With `forceDestroy`, all object versions and delete markers are deleted first."""
    while known.get("forceDestroy"):
        listed = caller.aws("list_object_versions", Bucket=known["bucket"])
        found = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        if not found:
            break
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        caller.aws("delete_objects", Bucket=known["bucket"], Delete={"Objects": objects, "Quiet": True})
    caller.aws("delete_bucket", Bucket=known["bucket"])


def put_object(caller: Caller, known: Properties) -> None:
    """Puts an object. Text, base64 and assets become the same member of the request."""
    members = {
        "contentType": "ContentType",
        "contentEncoding": "ContentEncoding",
        "contentDisposition": "ContentDisposition",
        "contentLanguage": "ContentLanguage",
        "cacheControl": "CacheControl",
        "metadata": "Metadata",
        "storageClass": "StorageClass",
        "serverSideEncryption": "ServerSideEncryption",
        "kmsKeyId": "SSEKMSKeyId",
        "bucketKeyEnabled": "BucketKeyEnabled",
        "websiteRedirect": "WebsiteRedirectLocation",
        "acl": "ACL",
    }
    request = {member: known[name] for name, member in members.items() if known.get(name) is not None}
    if known.get("tagsAll"):  # each version has its own tags
        request["Tagging"] = urlencode(known["tagsAll"])
    caller.aws("put_object", Bucket=known["bucket"], Key=known["key"], Body=_body(known), **request)


def _body(known: Properties) -> bytes:
    if (source := known.get("source")) is not None:
        return asset_bytes(source)
    if (encoded := known.get("contentBase64")) is not None:
        return base64.b64decode(encoded)
    return str(known.get("content") or "").encode()


def with_filters(request: dict[str, Any]) -> dict[str, Any]:
    """Adds a filter to lifecycle rules without one. The filter matches everything."""
    for rule in request["LifecycleConfiguration"].get("Rules", []):
        if "Prefix" not in rule:
            rule["Filter"] = rule.get("Filter") or {"Prefix": ""}
    return request


def with_lock_enabled(request: dict[str, Any]) -> dict[str, Any]:
    """Adds `Enabled`, the only allowed value, which S3 requires."""
    request["ObjectLockConfiguration"].setdefault("ObjectLockEnabled", "Enabled")
    return request


def put_notification(caller: Caller, known: Properties) -> None:
    """Puts the notifications. Filters are two properties but a list of rules in S3; `eventbridge` is an empty
    member."""
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}} if known.get("eventbridge") else {}
    for name, (member, arn_member, arn_property) in _TARGETS.items():
        if known.get(name):
            configuration[member] = [
                _to_configuration(notification, arn_member, arn_property) for notification in known[name]
            ]
    caller.aws("put_bucket_notification_configuration", Bucket=known["bucket"], NotificationConfiguration=configuration)


def _to_configuration(notification: Mapping[str, Any], arn_member: str, arn_property: str) -> dict[str, Any]:
    rules = [
        {"Name": name, "Value": notification[given]}
        for name, given in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if notification.get(given)
    ]
    return {
        arn_member: notification[arn_property],
        "Events": notification["events"],
        **({"Id": notification["id"]} if "id" in notification else {}),
        **({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}),
    }


def read_notification(caller: Caller, known: Properties) -> Properties | None:
    """Returns the notifications, or None if there are none. S3 always answers for an existing bucket."""
    answer = caller.aws("get_bucket_notification_configuration", Bucket=known["bucket"])
    found: Properties = {"eventbridge": "EventBridgeConfiguration" in answer or None}
    for name, (member, arn_member, arn_property) in _TARGETS.items():
        listed = [_to_notification(configuration, arn_member, arn_property) for configuration in answer.get(member, [])]
        found[name] = listed or None
    return found if any(found.values()) else None


def _to_notification(configuration: Mapping[str, Any], arn_member: str, arn_property: str) -> dict[str, Any]:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = {f"filter{rule['Name'].capitalize()}": rule["Value"] for rule in rules}
    return {
        arn_property: configuration[arn_member],
        "events": configuration["Events"],
        "id": configuration["Id"],
        **filters,
    }
