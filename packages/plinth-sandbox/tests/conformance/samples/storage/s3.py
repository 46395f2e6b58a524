"""Samples of Amazon S3."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

BUCKET = ("aws:s3/bucket:Bucket", {"forceDestroy": True})
ANOTHER = {"bucket": "{other.id}"}
TWO_BUCKETS = {"bucket": BUCKET, "other": BUCKET}


DELIVERY = (
    "aws:s3/bucketPolicy:BucketPolicy",
    {
        "bucket": "{other.id}",
        "policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "logging.s3.amazonaws.com"},
                        "Action": "s3:PutObject",
                        "Resource": "arn:aws:s3:::{other.id}/*",
                    }
                ],
            }
        ),
    },
)
"""Bucket policy of a log target. S3 delivers access logs only if the policy allows it."""

REPLICATION_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
"""Trust policy of the role with which S3 copies objects."""


def _tags(aws: Aws, it: Kept) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in aws("s3").get_bucket_tagging(Bucket=it.id)["TagSet"]}


def _encryption(aws: Aws, it: Kept) -> Any:
    configuration = aws("s3").get_bucket_encryption(Bucket=it.id)["ServerSideEncryptionConfiguration"]
    return configuration["Rules"][0]


def _lifecycle(aws: Aws, it: Kept) -> Any:
    rules = aws("s3").get_bucket_lifecycle_configuration(Bucket=it.id)["Rules"]
    return [
        (rule["ID"], rule["Status"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"], rule["Filter"].get("And"))
        for rule in rules
    ]


def _access(aws: Aws, it: Kept) -> list[str]:
    block = aws("s3").get_public_access_block(Bucket=it.id)["PublicAccessBlockConfiguration"]
    return sorted(name for name, on in block.items() if on)


def _account_access(aws: Aws, it: Kept) -> list[str]:
    block = aws("s3control").get_public_access_block(AccountId=it.id)["PublicAccessBlockConfiguration"]
    return sorted(name for name, on in block.items() if on)


def _retention_days(aws: Aws, it: Kept) -> int:
    configuration = aws("s3").get_object_lock_configuration(Bucket=it.id)["ObjectLockConfiguration"]
    return configuration["Rule"]["DefaultRetention"]["Days"]


def _versions(bucket: str) -> dict[str, Any]:
    return {"bucket": f"{{{bucket}.id}}", "versioningConfiguration": {"status": "Enabled"}}


def _replication(prefix: str) -> dict[str, Any]:
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    return {
        "id": "logs",
        "status": "Enabled",
        "priority": 1,
        "filter": {"prefix": prefix},
        "deleteMarkerReplication": {"status": "Disabled"},
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "destination": {
            "bucket": "arn:aws:s3:::{other.id}",
            "encryptionConfiguration": {"replicaKmsKeyId": key},
        },
    }


def _replicated_prefix(aws: Aws, it: Kept) -> str:
    (rule,) = aws("s3").get_bucket_replication(Bucket=it.id)["ReplicationConfiguration"]["Rules"]
    return str(rule["Filter"]["Prefix"])


def _replicate_less(aws: Aws, it: Kept) -> None:
    configuration = aws("s3").get_bucket_replication(Bucket=it.id)["ReplicationConfiguration"]
    configuration["Rules"][0]["Filter"] = {"Prefix": "less/"}
    aws("s3").put_bucket_replication(Bucket=it.id, ReplicationConfiguration=configuration)


def _policy(effect: str) -> str:
    statement = {
        "Sid": "PlainHttp",
        "Effect": effect,
        "Principal": "*",
        "Action": ["s3:PutObjectAcl"],
        "Resource": ["arn:aws:s3:::{bucket.id}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _lifecycle_rule(days: int, *, identifier: str = "expire") -> dict[str, Any]:
    return {"id": identifier, "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": days}}


def _rule_of_large_objects(days: int) -> dict[str, Any]:
    filter_ = {"and": {"prefix": "builds/", "objectSizeGreaterThan": 1024}}
    return {**_lifecycle_rule(days, identifier="large"), "filter": filter_}


def _drop_lifecycle(aws: Aws, it: Kept) -> None:
    rule = {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket=it.id, LifecycleConfiguration={"Rules": [rule]})


def _read_object(aws: Aws, it: Kept) -> tuple[str, str]:
    answer = aws("s3").get_object(Bucket=it.inputs["bucket"], Key=it.inputs["key"])
    return answer["Body"].read().decode(), answer["ContentType"]


def _open(aws: Aws, it: Kept) -> None:
    aws("s3").put_public_access_block(
        Bucket=it.id, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": True}
    )


def _open_account(aws: Aws, it: Kept) -> None:
    aws("s3control").put_public_access_block(
        AccountId=it.id, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": True}
    )


def _access_point_policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _access_point(aws: Aws, it: Kept) -> str:
    place = {"AccountId": it.outputs["accountId"], "Name": it.outputs["name"]}
    assert aws("s3control").get_access_point(**place)["Bucket"] == it.outputs["bucket"]
    (statement,) = json.loads(aws("s3control").get_access_point_policy(**place)["Policy"])["Statement"]
    return str(statement["Action"])


SAMPLES = [
    Sample(
        type="aws:s3/bucket:Bucket",
        inputs={"bucket": "acme-sample-{n}", "objectLockEnabled": True, "tags": {"own": "1"}},
        look=_tags,
        seen={"own": "1", "from": "provider"},
        change={"tags": {"own": "2"}},
        seen_changed={"own": "2", "from": "provider"},
        replace={"bucket": "acme-sample-{n}-renamed"},
        drift=lambda aws, it: aws("s3").delete_bucket_tagging(Bucket=it.id),
        drifts="tags",
        remove=lambda aws, it: aws("s3").delete_bucket(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketVersioning:BucketVersioning",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "versioningConfiguration": {"status": "Enabled"}},
        look=lambda aws, it: aws("s3").get_bucket_versioning(Bucket=it.id)["Status"],
        seen="Enabled",
        change={"versioningConfiguration": {"status": "Suspended"}},
        seen_changed="Suspended",
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_bucket_versioning(
            Bucket=it.id, VersioningConfiguration={"Status": "Suspended"}
        ),
        drifts="versioningConfiguration",
    ),
    Sample(
        type="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        needs={**TWO_BUCKETS, "key": ("aws:kms/key:Key", {})},
        inputs={
            "bucket": "{bucket.id}",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "{key.outputs.arn}",
                    },
                    "bucketKeyEnabled": True,
                }
            ],
        },
        look=lambda aws, it: _encryption(aws, it)["ApplyServerSideEncryptionByDefault"],
        seen={"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "{key.outputs.arn}"},
        change={"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms:dsse"}}]},
        seen_changed={"SSEAlgorithm": "aws:kms:dsse"},
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_bucket_encryption(
            Bucket=it.id,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
        drifts="rules",
    ),
    Sample(
        type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "rules": [_lifecycle_rule(90), _lifecycle_rule(7, identifier="short")]},
        look=_lifecycle,
        seen=[("expire", "Enabled", 90, None), ("short", "Enabled", 7, None)],
        change={"rules": [_lifecycle_rule(30), _rule_of_large_objects(5)]},
        seen_changed=[
            ("expire", "Enabled", 30, None),
            ("large", "Enabled", 5, {"Prefix": "builds/", "ObjectSizeGreaterThan": 1024}),
        ],
        replace=ANOTHER,
        drift=_drop_lifecycle,
        drifts="rules",
        remove=lambda aws, it: aws("s3").delete_bucket_lifecycle(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "rule": {"objectOwnership": "BucketOwnerPreferred"}},
        look=lambda aws, it: aws("s3").get_bucket_ownership_controls(Bucket=it.id)["OwnershipControls"]["Rules"],
        seen=[{"ObjectOwnership": "BucketOwnerPreferred"}],
        change={"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        seen_changed=[{"ObjectOwnership": "BucketOwnerEnforced"}],
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_bucket_ownership_controls(
            Bucket=it.id, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        drifts="rule",
        remove=lambda aws, it: aws("s3").delete_bucket_ownership_controls(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "blockPublicAcls": True, "restrictPublicBuckets": True},
        look=_access,
        seen=["BlockPublicAcls", "RestrictPublicBuckets"],
        change={"blockPublicAcls": False, "ignorePublicAcls": True},
        seen_changed=["IgnorePublicAcls", "RestrictPublicBuckets"],
        replace=ANOTHER,
        drift=_open,
        drifts="blockPublicAcls",
        remove=lambda aws, it: aws("s3").delete_public_access_block(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketPolicy:BucketPolicy",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "policy": _policy("Deny")},
        look=lambda aws, it: json.loads(aws("s3").get_bucket_policy(Bucket=it.id)["Policy"])["Statement"][0]["Effect"],
        seen="Deny",
        change={"policy": _policy("Allow")},
        seen_changed="Allow",
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_bucket_policy(
            Bucket=it.id, Policy=it.inputs["policy"].replace("Deny", "Allow")
        ),
        drifts="policy",
        remove=lambda aws, it: aws("s3").delete_bucket_policy(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketAcl:BucketAcl",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "acl": "public-read"},
        look=lambda aws, it: sorted(grant["Permission"] for grant in aws("s3").get_bucket_acl(Bucket=it.id)["Grants"]),
        seen=["FULL_CONTROL", "READ"],
        change={"acl": "private"},
        seen_changed=["FULL_CONTROL"],
        replace=ANOTHER,
        not_imported=("acl",),
    ),
    Sample(
        type="aws:s3/bucketLogging:BucketLogging",
        needs={**TWO_BUCKETS, "delivery": DELIVERY},
        inputs={"bucket": "{bucket.id}", "targetBucket": "{other.id}", "targetPrefix": "before/"},
        look=lambda aws, it: aws("s3").get_bucket_logging(Bucket=it.id)["LoggingEnabled"]["TargetPrefix"],
        seen="before/",
        change={"targetPrefix": ""},
        seen_changed="",
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_bucket_logging(
            Bucket=it.id,
            BucketLoggingStatus={
                "LoggingEnabled": {"TargetBucket": it.inputs["targetBucket"], "TargetPrefix": "moved/"}
            },
        ),
        drifts="targetPrefix",
        remove=lambda aws, it: aws("s3").put_bucket_logging(Bucket=it.id, BucketLoggingStatus={}),
    ),
    Sample(
        type="aws:s3/bucketNotification:BucketNotification",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "eventbridge": True},
        look=lambda aws, it: sorted(
            name
            for name in aws("s3").get_bucket_notification_configuration(Bucket=it.id)
            if name.endswith(("Configuration", "Configurations"))
        ),
        seen=["EventBridgeConfiguration"],
        replace=ANOTHER,
        remove=lambda aws, it: aws("s3").put_bucket_notification_configuration(
            Bucket=it.id, NotificationConfiguration={}
        ),
    ),
    Sample(
        type="aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        needs={
            "bucket": ("aws:s3/bucket:Bucket", {"objectLockEnabled": True}),
            "other": ("aws:s3/bucket:Bucket", {"objectLockEnabled": True}),
        },
        inputs={"bucket": "{bucket.id}", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 3}}},
        look=_retention_days,
        seen=3,
        change={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 5}}},
        seen_changed=5,
        replace=ANOTHER,
        drift=lambda aws, it: aws("s3").put_object_lock_configuration(
            Bucket=it.id,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        ),
        drifts="rule",
        remove=lambda aws, it: aws("s3").put_object_lock_configuration(
            Bucket=it.id, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        ),
    ),
    Sample(
        type="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        needs={
            "bucket": BUCKET,
            "other": BUCKET,
            "versions": ("aws:s3/bucketVersioning:BucketVersioning", _versions("bucket")),
            "other_versions": ("aws:s3/bucketVersioning:BucketVersioning", _versions("other")),
            "role": ("aws:iam/role:Role", {"assumeRolePolicy": REPLICATION_TRUST}),
        },
        inputs={
            "bucket": "{bucket.id}",
            "role": "{role.outputs.arn}",
            "rules": [_replication("logs/")],
        },
        look=_replicated_prefix,
        seen="logs/",
        change={"rules": [_replication("AWSLogs/")]},
        seen_changed="AWSLogs/",
        replace=ANOTHER,
        drift=_replicate_less,
        drifts="rules",
        remove=lambda aws, it: aws("s3").delete_bucket_replication(Bucket=it.id),
    ),
    Sample(
        type="aws:s3/bucketObjectv2:BucketObjectv2",
        needs=TWO_BUCKETS,
        inputs={
            "bucket": "{bucket.id}",
            "key": "folder/note.txt",
            "content": "before",
            "contentType": "text/plain",
            "metadata": {"author": "acme"},
            "tags": {"own": "1"},
        },
        look=_read_object,
        seen=("before", "text/plain"),
        change={"content": "after", "contentType": "text/markdown"},
        seen_changed=("after", "text/markdown"),
        replace={"key": "folder/other.txt"},
        drift=lambda aws, it: aws("s3").put_object(
            Bucket=it.inputs["bucket"], Key=it.inputs["key"], Body=b"before", ContentType="text/plain"
        ),
        drifts="metadata",
        remove=lambda aws, it: aws("s3").delete_object(Bucket=it.inputs["bucket"], Key=it.inputs["key"]),
        not_imported=("content",),
    ),
    Sample(
        type="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        inputs={"blockPublicAcls": True, "blockPublicPolicy": True},
        look=_account_access,
        seen=["BlockPublicAcls", "BlockPublicPolicy"],
        change={"blockPublicPolicy": None, "ignorePublicAcls": True},
        seen_changed=["BlockPublicAcls", "IgnorePublicAcls"],
        drift=_open_account,
        drifts="blockPublicAcls",
        remove=lambda aws, it: aws("s3control").delete_public_access_block(AccountId=it.id),
    ),
    Sample(
        type="aws:s3/accessPoint:AccessPoint",
        needs=TWO_BUCKETS,
        inputs={"bucket": "{bucket.id}", "name": "readers-{n}", "policy": _access_point_policy("s3:GetObject")},
        look=_access_point,
        seen="s3:GetObject",
        change={"policy": _access_point_policy("s3:ListBucket")},
        seen_changed="s3:ListBucket",
        replace={"name": "others-{n}"},
        drift=lambda aws, it: aws("s3control").put_access_point_policy(
            AccountId=it.outputs["accountId"],
            Name=it.outputs["name"],
            Policy=_access_point_policy("s3:*"),
        ),
        drifts="policy",
        remove=lambda aws, it: aws("s3control").delete_access_point(
            AccountId=it.outputs["accountId"], Name=it.outputs["name"]
        ),
    ),
]
