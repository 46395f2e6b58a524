"""Amazon S3: buckets, the types that configure one aspect of a bucket, objects, and the account's public access
block."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.functions.storage.s3 import (
    create_bucket,
    delete_bucket,
    put_notification,
    put_object,
    read_notification,
    with_filters,
    with_lock_enabled,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

OF_BUCKET: dict[str, Any] = {"identifier": "{bucket}", "address": {"Bucket": "{bucket}"}, "name": None}
"""Settings that all types for one aspect of a bucket share."""

BUCKET = Resource(
    type="aws:s3/bucket:Bucket",
    create=create_bucket,
    creates=["bucketNamespace", "objectLockEnabled", "tags"],
    identifier="{bucket}",
    address={"Bucket": "{bucket}"},
    read=[
        "head_bucket",
        Call(
            "get_object_lock_configuration",
            gives={"objectLockEnabled": "ObjectLockConfiguration.ObjectLockEnabled == 'Enabled'"},
            carries=[],
        ),
    ],
    delete=delete_bucket,
    derived={
        "arn": "arn:{@partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{bucket}.s3.{@region}.amazonaws.com",
    },
    local=["forceDestroy"],
    unread=["bucketNamespace"],
    name=Name("bucket", longest=63, lowercase=True),
    tags=Tagging("put_bucket_tagging", "delete_bucket_tagging", "get_bucket_tagging", whole=True),
)

VERSIONING = Resource(
    type="aws:s3/bucketVersioning:BucketVersioning",
    put="put_bucket_versioning",
    read=Call("get_bucket_versioning", gives={"versioningConfiguration": "@"}),
    exists="Status",
    # Versioning of a bucket cannot be undone, only suspended.
    delete=Call("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
    defaults={"versioningConfiguration.mfaDelete": "Disabled"},
    unread=["expectedBucketOwner", "mfa"],
    **OF_BUCKET,
)

ENCRYPTION = Resource(
    type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    put=Call("put_bucket_encryption", within="ServerSideEncryptionConfiguration"),
    read=Call("get_bucket_encryption", within="ServerSideEncryptionConfiguration"),
    delete="delete_bucket_encryption",
    renames={"kmsMasterKeyId": "KMSMasterKeyID"},
    computed=["rules.blockedEncryptionTypes"],
    unread=["expectedBucketOwner"],
    **OF_BUCKET,
)

LIFECYCLE = Resource(
    type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    put=Call("put_bucket_lifecycle_configuration", within="LifecycleConfiguration", adjust=with_filters),
    read="get_bucket_lifecycle_configuration",
    delete="delete_bucket_lifecycle",
    defaults={"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
    unread=["expectedBucketOwner"],
    **OF_BUCKET,
)

OWNERSHIP = Resource(
    type="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    put=Call("put_bucket_ownership_controls", within="OwnershipControls"),
    read=Call("get_bucket_ownership_controls", within="OwnershipControls"),
    delete="delete_bucket_ownership_controls",
    **OF_BUCKET,
)

PUBLIC_ACCESS_BLOCK = Resource(
    type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    put=Call("put_public_access_block", within="PublicAccessBlockConfiguration"),
    read=Call("get_public_access_block", within="PublicAccessBlockConfiguration"),
    delete="delete_public_access_block",
    local=["skipDestroy"],
    **OF_BUCKET,
)

POLICY = Resource(
    type="aws:s3/bucketPolicy:BucketPolicy",
    put="put_bucket_policy",
    read="get_bucket_policy",
    delete="delete_bucket_policy",
    **OF_BUCKET,
)

ACL = Resource(
    type="aws:s3/bucketAcl:BucketAcl",
    put="put_bucket_acl",
    read=Call("get_bucket_acl", gives={"accessControlPolicy": "{Owner: Owner, Grants: Grants}"}),
    delete=None,  # a bucket always has one
    computed=["accessControlPolicy"],
    volatile=["accessControlPolicy"],
    unread=["acl", "expectedBucketOwner"],
    **OF_BUCKET,
)

_LOGGING = {"TargetBucket": "{targetBucket}", "TargetPrefix": "{targetPrefix}"}

LOGGING = Resource(
    type="aws:s3/bucketLogging:BucketLogging",
    put=Call(
        "put_bucket_logging",
        {"BucketLoggingStatus": {"LoggingEnabled": _LOGGING}},
        carries=["targetBucket", "targetPrefix"],
    ),
    read=Call("get_bucket_logging", within="LoggingEnabled"),
    delete=Call("put_bucket_logging", {"BucketLoggingStatus": {}}),
    **OF_BUCKET,
)

NOTIFICATION = Resource(
    type="aws:s3/bucketNotification:BucketNotification",
    create=put_notification,
    creates=["eventbridge", "queues", "topics", "lambdaFunctions"],
    update=[Update(put_notification, carries=["eventbridge", "queues", "topics", "lambdaFunctions"])],
    read=read_notification,
    delete=Call("put_bucket_notification_configuration", {"NotificationConfiguration": {}}),
    computed=["queues.id", "topics.id", "lambdaFunctions.id"],
    **OF_BUCKET,
)

OBJECT_LOCK = Resource(
    type="aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    put=Call("put_object_lock_configuration", within="ObjectLockConfiguration", adjust=with_lock_enabled),
    read=Call("get_object_lock_configuration", within="ObjectLockConfiguration"),
    exists="ObjectLockConfiguration.Rule",
    delete=Call("put_object_lock_configuration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
    computed=["objectLockEnabled"],
    unread=["expectedBucketOwner", "token"],
    **OF_BUCKET,
)

REPLICATION = Resource(
    type="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    put=Call("put_bucket_replication", within="ReplicationConfiguration"),
    read=Call("get_bucket_replication", within="ReplicationConfiguration"),
    delete="delete_bucket_replication",
    renames={"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"},
    unread=["token"],
    **OF_BUCKET,
)

_OBJECT_INPUTS = [
    *["content", "contentBase64", "source", "sourceHash", "contentType", "contentEncoding", "contentDisposition"],
    *["contentLanguage", "cacheControl", "metadata", "storageClass", "serverSideEncryption", "kmsKeyId"],
    *["bucketKeyEnabled", "websiteRedirect", "acl"],
]

OBJECT = Resource(
    type="aws:s3/bucketObjectv2:BucketObjectv2",
    create=put_object,
    creates=[*_OBJECT_INPUTS, "tags"],
    update=[Update(put_object, carries=_OBJECT_INPUTS)],
    identifier="{bucket}/{key}",
    address={"Bucket": "{bucket}", "Key": "{key}"},
    read="head_object",
    delete="delete_object",
    renames={"kmsKeyId": "SSEKMSKeyId", "websiteRedirect": "WebsiteRedirectLocation"},
    defaults={"storageClass": "STANDARD"},
    computed=["contentType", "serverSideEncryption", "kmsKeyId", "etag", "bucketKeyEnabled"],
    volatile=["etag", "versionId"],
    derived={"arn": "arn:{@partition}:s3:::{bucket}/{key}"},
    local=["forceDestroy"],
    unread=["content", "contentBase64", "source", "sourceHash", "acl"],
    name=None,
    tags=Tagging("put_object_tagging", "delete_object_tagging", "get_object_tagging", whole=True),
)

ACCOUNT_PUBLIC_ACCESS_BLOCK = Resource(
    type="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    service="s3control",
    put=Call("put_public_access_block", {"AccountId": "{@account}"}, within="PublicAccessBlockConfiguration"),
    read=Call("get_public_access_block", within="PublicAccessBlockConfiguration"),
    delete="delete_public_access_block",
    identifier="{@account}",
    address={"AccountId": "{@account}"},
    derived={"accountId": "{@account}"},
    computed=["accountId"],
    local=["accountId"],
    name=None,
)

ACCESS_POINT = Resource(
    type="aws:s3/accessPoint:AccessPoint",
    service="s3control",
    create=Call("create_access_point", {"AccountId": "{@account}"}),
    identifier="{@account}:{name}",
    address={"AccountId": "{@account}", "Name": "{name}"},
    read=[
        Call("get_access_point", gives={"arn": "AccessPointArn"}),
        Call("get_access_point_policy", carries=["policy"]),
    ],
    update=[Update("put_access_point_policy", otherwise="delete_access_point_policy")],
    delete="delete_access_point",
    derived={"accountId": "{@account}"},
    computed=["accountId", "bucketAccountId", "publicAccessBlockConfiguration"],
    local=["accountId"],
    name=Name(longest=50, lowercase=True),
)

RESOURCES = [
    BUCKET,
    VERSIONING,
    ENCRYPTION,
    LIFECYCLE,
    OWNERSHIP,
    PUBLIC_ACCESS_BLOCK,
    POLICY,
    ACL,
    LOGGING,
    NOTIFICATION,
    OBJECT_LOCK,
    REPLICATION,
    OBJECT,
    ACCOUNT_PUBLIC_ACCESS_BLOCK,
    ACCESS_POINT,
]
