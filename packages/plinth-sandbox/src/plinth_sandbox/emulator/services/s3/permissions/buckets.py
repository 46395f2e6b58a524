"""The permissions that calls of S3 need, including the use of KMS keys.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from plinth_sandbox.emulator.authorization.permissions.needed import Context, Needed, UnknownPermissionsError
from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.kms.permissions import is_customer_managed, key_arn, through_s3
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

RENAMED: Mapping[str, str] = {
    "CreateMultipartUpload": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "SelectObjectContent": "GetObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
}
"""Action by operation, if the two differ."""
_OF_VERSIONS = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
}
"""Action on a version that the request names, by the action on the current one."""
_CREATING = ("CompleteMultipartUpload", "CopyObject", "PutObject")
"""Operations that create an object (context key ``s3:ObjectCreationOperation``)."""
_WRITING = ("CreateMultipartUpload", "UploadPart", "UploadPartCopy", *_CREATING)
_READING = ("GetObject", "HeadObject", "SelectObjectContent")


def needed_by(call: Call) -> Iterator[Needed]:
    """Yields the permissions that a call of S3 needs."""
    given = call.parameters
    if call.name == "ListBuckets":
        yield Needed("s3:ListAllMyBuckets", "*")
        return
    if "Bucket" not in given:
        raise UnknownPermissionsError(f"s3 {call.name} names no bucket")
    bucket, key = str(given["Bucket"]), given.get("Key")
    if call.name == "DeleteObjects":
        for object_ in given["Delete"]["Objects"]:
            yield _one(call, "DeleteObject", _arn(bucket, str(object_["Key"])), object_)
        return
    arn = _arn(bucket, None if key is None else str(key))
    if call.name in ("CopyObject", "UploadPartCopy"):
        yield from _copied(call, arn)
    else:
        action = RENAMED.get(call.name, call.name)
        if action_reference("s3", action) is None:
            raise UnknownPermissionsError(f"s3 {call.name} has no known action")
        yield _one(call, action, arn, given)
    if call.name in _WRITING:
        yield from _beside(call, arn, given)
        yield from _encrypting(call, bucket, arn)
    elif call.name in _READING:
        yield from _decrypting(bucket, str(key), given.get("VersionId"))


def _arn(bucket: str, key: str | None) -> str:
    """Returns the ARN of a bucket or an object. The bucket may be an access point: its alias or its ARN."""
    point = _access_point(bucket)
    if point is not None:
        return point if key is None else f"{point}/object/{key}"
    return f"arn:aws:s3:::{bucket}" if key is None else f"arn:aws:s3:::{bucket}/{key}"


def _access_point(bucket: str) -> str | None:
    if bucket.startswith("arn:"):
        return bucket
    if not bucket.endswith("-s3alias"):
        return None
    from moto.s3control.models import s3control_backends

    from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

    for account, backends in list(s3control_backends.items()):
        for point in backends["aws"].access_points[account].values():
            held = find_bucket(point.bucket) if point.alias == bucket else None
            if held is not None:
                # moto gives all access points the region us-east-1. An access point is in the region of its bucket.
                return f"arn:aws:s3:{held.region_name}:{account}:accesspoint/{point.name}"
    return None


def _one(call: Call, action: str, arn: str, given: Mapping[str, Any]) -> Needed:
    if given.get("VersionId"):
        action = _OF_VERSIONS.get(action, action)
    return Needed(f"s3:{action}", arn, _context(call, arn))


def _context(call: Call, arn: str) -> Context:
    given, context = call.parameters, {}
    members = {
        "BucketNamespace": "s3:x-amz-bucket-namespace",
        "Prefix": "s3:prefix",
        "ACL": "s3:x-amz-acl",
        "ServerSideEncryption": "s3:x-amz-server-side-encryption",
        "IfNoneMatch": "s3:if-none-match",
    }
    for member, key in members.items():
        if given.get(member):
            context[key] = [str(given[member])]
    if call.name in _WRITING:
        context["s3:ObjectCreationOperation"] = ["true" if call.name in _CREATING else "false"]
    if "/" in arn.partition(":::")[2]:
        for name, value in _object_tags(arn).items():
            context[f"s3:ExistingObjectTag/{name}"] = [value]
    if tags := given.get("Tagging"):
        context["s3:RequestObjectTagKeys"] = sorted(_tag_keys(tags))
    return context


def _tag_keys(tags: Any) -> list[str]:
    if isinstance(tags, str):
        return [unquote(pair.partition("=")[0]) for pair in tags.split("&")]
    return [str(tag["Key"]) for tag in tags["TagSet"]]


def _object_tags(arn: str) -> Mapping[str, str]:
    name, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    found = object_of(name, key, None)
    if found is None:
        return {}
    from moto.s3.models import s3_backends

    owner = s3_backends[found.account_id]["aws"]
    return dict(owner.tagger.get_tag_dict_for_resource(found.arn))


def object_of(bucket: str, key: str, version: str | None) -> Any:
    """Returns an object, or None if it does not exist or a delete marker is in its place."""
    from moto.s3.models import FakeDeleteMarker

    owner = find_bucket(bucket)
    if owner is None:
        return None
    versions = owner.keys.getlist(key, [])
    found = (
        next((candidate for candidate in versions if candidate.version_id == version), None)
        if version
        else owner.keys.get(key)
    )
    return None if isinstance(found, FakeDeleteMarker) else found


def _copied(call: Call, arn: str) -> Iterator[Needed]:
    given = call.parameters
    source, _, version = str(given["CopySource"]).lstrip("/").partition("?versionId=")
    bucket, _, key = unquote(source).partition("/")
    read = "GetObjectVersion" if version else "GetObject"
    yield Needed(f"s3:{read}", _arn(bucket, key))
    yield from _decrypting(bucket, key, version or None)
    yield Needed("s3:PutObject", arn, _context(call, arn))
    if call.name == "CopyObject" and given.get("TaggingDirective") != "REPLACE" and _object_tags(_arn(bucket, key)):
        yield Needed("s3:GetObjectTagging", _arn(bucket, key))
        yield Needed("s3:PutObjectTagging", arn)


def _beside(call: Call, arn: str, given: Mapping[str, Any]) -> Iterator[Needed]:
    """Yields the permissions for what a request sets beside the content of the object."""
    members = {
        "ACL": "PutObjectAcl",
        "Tagging": "PutObjectTagging",
        "ObjectLockMode": "PutObjectRetention",
        "ObjectLockLegalHoldStatus": "PutObjectLegalHold",
    }
    for member, action in members.items():
        if given.get(member):
            yield Needed(f"s3:{action}", arn, _context(call, arn))


def _encrypting(call: Call, name: str, arn: str) -> Iterator[Needed]:
    """Yields the use of the KMS key with which an object is written: that of the request, or the bucket's default."""
    bucket = find_bucket(name)
    if bucket is None:
        return
    rule: Mapping[str, Any] = (bucket.encryption or {}).get("Rule", {})
    usual = rule.get("ApplyServerSideEncryptionByDefault", {})
    algorithm = call.parameters.get("ServerSideEncryption") or usual.get("SSEAlgorithm")
    key = call.parameters.get("SSEKMSKeyId") or usual.get("KMSMasterKeyID")
    if algorithm != "aws:kms" or not is_customer_managed(key):
        return
    with_bucket_key = str(call.parameters.get("BucketKeyEnabled") or rule.get("BucketKeyEnabled")).lower() == "true"
    encrypted = arn.partition("/")[0] if with_bucket_key else arn
    key = key_arn(str(key), bucket.account_id, bucket.region_name)
    yield through_s3("GenerateDataKey", key, encrypted, bucket.region_name)
    if "Multipart" in call.name or "Part" in call.name:
        # A multipart upload is decrypted to join its parts.
        yield through_s3("Decrypt", key, encrypted, bucket.region_name)


def _decrypting(name: str, key: str, version: str | None) -> Iterator[Needed]:
    found, bucket = object_of(name, key, version), find_bucket(name)
    if found is None or bucket is None or found.encryption != "aws:kms" or not is_customer_managed(found.kms_key_id):
        return
    arn = f"arn:aws:s3:::{name}" if str(found.bucket_key_enabled).lower() == "true" else f"arn:aws:s3:::{name}/{key}"
    used = key_arn(str(found.kms_key_id), bucket.account_id, bucket.region_name)
    yield through_s3("Decrypt", used, arn, bucket.region_name)
