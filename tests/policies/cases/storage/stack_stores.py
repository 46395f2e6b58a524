"""Cases of policies/security/rules/storage/stack_stores.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Member, Situation, StackCase, but, document

BUCKET_RESOURCES_TYPES = {
    "public access block": ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
    "ownership": ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",),
    "encryption": (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    ),
    "versioning": ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2"),
    "lifecycle": (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
    ),
    "access log": ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2"),
    "policy": ("aws:s3/bucketPolicy:BucketPolicy",),
}
BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
KEY_PROPERTIES = {
    "aws:cloudtrail/trail:Trail": "kmsKeyId",
    "aws:cloudwatch/eventBus:EventBus": "kmsKeyIdentifier",
    "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
    "aws:efs/fileSystem:FileSystem": "kmsKeyId",
    "aws:sagemaker/domain:Domain": "kmsKeyId",
    "aws:sagemaker/notebookInstance:NotebookInstance": "kmsKeyId",
    "aws:secretsmanager/secret:Secret": "kmsKeyId",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
    "aws:sqs/queue:Queue": "kmsMasterKeyId",
}
KEY_POLICY = ("aws:kms/keyPolicy:KeyPolicy", "aws:kms/replicaKey:ReplicaKey")
SHARED_KEY_KINDS = {
    "data-lake": "readers of datasets, and teams that deliver results (DL-08, DL-10)",
    "dataset": "declared readers of an object dataset, checked by ST-10 (DL-09)",
    "tooling": "environments that pull build outputs and register models (SM-24)",
}


BUCKET_RESOURCES = {part: types[0] for part, types in BUCKET_RESOURCES_TYPES.items()}


def buckets(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(rule="ST-04", type=BUCKET[0], what=what, members=members, refused=frozenset(refused))


def parts(name: object, *left_out: str, **sources: str) -> dict[str, Member]:
    return {
        part: Member(type=type_, inputs={"bucket": name}, sources=sources)
        for part, type_ in BUCKET_RESOURCES.items()
        if part not in left_out
    }


def logging(source: str, target: str) -> Member:
    return Member(type=LOGGING[0], inputs={"bucket": source, "targetBucket": target})


DATA = {"data": Member(inputs={"bucket": "data"})}
BUCKETS = [
    buckets("a bucket with all its parts", {**DATA, **parts("data")}),
    buckets(
        "a bucket of an older token",
        {"data": Member(type=BUCKET[1], inputs={"bucket": "data"})},
        "data",
    ),
    buckets("a bucket that is created with its resources", {"data": Member(), **parts(UNKNOWN, bucket="data")}),
    buckets("a bucket whose resources name another bucket", {**DATA, **parts("other")}, "data"),
    buckets("a bucket whose resources name an unknown bucket", {**DATA, **parts(UNKNOWN)}, "data"),
    *(buckets(f"a bucket without its {part}", {**DATA, **parts("data", part)}, "data") for part in BUCKET_RESOURCES),
    buckets(
        "a bucket of access logs, which does not log itself",
        {**DATA, **parts("data", "access log"), "zone's": logging("zone", "data")},
    ),
    buckets(
        "a bucket of access logs that keeps no versions",
        {**DATA, **parts("data", "versioning", "access log"), "zone's": logging("zone", "data")},
        "data",
    ),
    buckets(
        "a bucket without an access log beside one that logs elsewhere",
        {**DATA, **parts("data", "access log"), "own": logging("zone", "logs")},
        "data",
    ),
]
KEY, LOG_GROUP = "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"
TRAIL = "aws:cloudtrail/trail:Trail"
TOPIC, TOPIC_POLICY = "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"


def key(*services: str, action: str = "kms:GenerateDataKey*") -> Member:
    statements = [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}
        for service in services
    ]
    return Member(type=KEY, inputs={"arn": "arn:key", "policy": document(*statements)})


def using(type_: str, property_: str = "kmsKeyId", **inputs: Any) -> Member:
    return Member(type=type_, inputs={property_: "arn:key", **inputs})


def keys(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(rule="ST-07", type=KEY, what=what, members=members, refused=frozenset(refused))


LOGS, EVENTS = "logs.eu-west-1.amazonaws.com", "events.amazonaws.com"
TOPIC_MEMBERS = {
    "topic": using(TOPIC, "kmsMasterKeyId", arn="arn:topic"),
    "policy": Member(
        type=TOPIC_POLICY,
        inputs={
            "arn": "arn:topic",
            "policy": document(
                {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": "sns:Publish", "Resource": "*"}
            ),
        },
    ),
}
KEYS = [
    keys("a log group under a key for logs", {"key": key(LOGS), "group": using(LOG_GROUP)}),
    keys("a log group under a key for something else", {"key": key(EVENTS), "group": using(LOG_GROUP)}, "group"),
    keys(
        "a log group under a key that logs only describe",
        {"key": key(LOGS, action="kms:DescribeKey"), "group": using(LOG_GROUP)},
        "group",
    ),
    keys("a trail under a key for logs", {"key": key(LOGS), "trail": using(TRAIL)}, "trail"),
    keys("a trail under a key for trails", {"key": key(LOGS, "cloudtrail.amazonaws.com"), "trail": using(TRAIL)}),
    keys(
        "a log group under a key of another stack",
        {"key": key(EVENTS), "group": Member(type=LOG_GROUP, inputs={"kmsKeyId": "arn:other"})},
    ),
    keys(
        "a log group that is made with its key",
        {
            "key": key(EVENTS),
            "group": Member(type=LOG_GROUP, inputs={"kmsKeyId": UNKNOWN}, sources={"kmsKeyId": "key"}),
        },
        "group",
    ),
    keys(
        "a log group under a key with an unknown policy",
        {"key": Member(type=KEY, inputs={"arn": "arn:key", "policy": UNKNOWN}), "group": using(LOG_GROUP)},
    ),
    keys("a topic under a key for its publisher", {"key": key(EVENTS), **TOPIC_MEMBERS}),
    keys("a topic under a key for another principal", {"key": key(LOGS), **TOPIC_MEMBERS}, "topic"),
    keys(
        "a topic that names its key by id",
        {
            "key": Member(type=KEY, inputs={**key(LOGS).inputs, "keyId": "1234"}),
            **TOPIC_MEMBERS,
            "topic": Member(type=TOPIC, inputs={**TOPIC_MEMBERS["topic"].inputs, "kmsMasterKeyId": "1234"}),
        },
        "topic",
    ),
    keys("a topic without publishers", {"key": key(LOGS), "topic": TOPIC_MEMBERS["topic"]}),
]
QUEUE_MEMBERS = {
    "queue": using("aws:sqs/queue:Queue", "kmsMasterKeyId", url="https://queue"),
    "policy": Member(
        type="aws:sqs/queuePolicy:QueuePolicy",
        inputs={"queueUrl": "https://queue", "policy": TOPIC_MEMBERS["policy"].inputs["policy"]},
    ),
}
KEYS += [
    keys("a queue under a key for its sender", {"key": key(EVENTS), **QUEUE_MEMBERS}),
    keys("a queue under a key for another principal", {"key": key(LOGS), **QUEUE_MEMBERS}, "queue"),
]


def key_of(account: str) -> str:
    return f"arn:aws:kms:eu-west-1:{account}:key/0f6d2d3e"


OWN_KEYS = [
    Case(
        rule="ST-07",
        type=type_,
        compliant=Situation(inputs={path: key_of(OWN_ACCOUNT)}),
        optional=frozenset({path}),
        refused={"is under a key of another account": but({path: key_of(OTHER_ACCOUNT)})},
        accepted={
            "is under a key by its alias": but({path: "alias/plinth/fraud/production"}),
            "is under a key of a partner": but({path: key_of(OTHER_ACCOUNT)}, partner_accounts=(OTHER_ACCOUNT,)),
            "is of an unknown account": but({path: key_of(OTHER_ACCOUNT)}, provider={"allowedAccountIds": UNKNOWN}),
        },
    )
    for type_, path in KEY_PROPERTIES.items()
]


def called_from(account: str) -> dict[str, str]:
    return {"kms:CallerAccount": account}


def admitting(*accounts: str, action: str = "kms:Decrypt") -> str:
    return document(
        *(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": action,
                "Resource": "*",
            }
            for account in accounts
        )
    )


PUSHER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/data-lake-etl-cards"
THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}


def pushing(role: str = PUSHER, **elements: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role}, **THROUGH_S3},
    }
    return {**statement, **elements}


def to_everybody(operator: str = "StringEquals", **conditions: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    return document({**statement, "Condition": {operator: conditions}})


SHARED = [
    Case(
        rule="ST-07",
        type=type_,
        compliant=Situation(inputs={"policy": admitting(OWN_ACCOUNT)}),
        optional=frozenset({"policy"}),
        refused={
            "opens to another account": but({"policy": admitting(OTHER_ACCOUNT)}),
            "opens to what is no job of the lake": but(
                {"policy": document(pushing(PUSHER.replace("etl-cards", "reader")))}
            ),
            "opens to a job of the lake past S3": but(
                {"policy": document(pushing(Condition={"ArnEquals": {"aws:PrincipalArn": PUSHER}}))}
            ),
            "opens to a job of the lake for more than writing": but(
                {"policy": document(pushing(Action=["kms:GenerateDataKey", "kms:CreateGrant"]))}
            ),
            "opens to a job of the lake in experimentation": but(
                {"policy": document(pushing())}, kind="experimentation"
            ),
            "opens to a job of the lake and to its account": but(
                {"policy": document(pushing(), pushing(Condition=THROUGH_S3))}
            ),
            "opens to another account too": but({"policy": admitting(OWN_ACCOUNT, OTHER_ACCOUNT)}),
            "admits every principal of the organization": but(
                {"policy": to_everybody(**{"aws:PrincipalOrgID": "o-acme123456"})}
            ),
            "admits every principal without a condition on the source": but(
                {"policy": to_everybody("StringEqualsIfExists", **called_from(OWN_ACCOUNT))}
            ),
            "admits every principal of another account": but({"policy": to_everybody(**called_from(OTHER_ACCOUNT))}),
            "lets every principal administer it": but(
                {"policy": admitting(OTHER_ACCOUNT, action="kms:*")}, kind="data-lake"
            ),
            **{
                f"opens to another account in {kind}": but({"policy": admitting(OTHER_ACCOUNT)}, kind=kind)
                for kind in ("organization", "audit", "network", "governance", "experimentation", "development")
            },
            **{
                f"lets another account {action}": but({"policy": admitting(OTHER_ACCOUNT, action=action)}, kind=kind)
                for kind in SHARED_KEY_KINDS
                for action in ("kms:PutKeyPolicy", "kms:CreateGrant")
            },
        },
        accepted={
            **{
                f"is shared from {kind}": but({"policy": admitting(OTHER_ACCOUNT)}, kind=kind)
                for kind in SHARED_KEY_KINDS
            },
            "opens to a job of the lake that pushes": but({"policy": document(pushing())}),
            "is used by every principal of the own account": but({"policy": to_everybody(**called_from(OWN_ACCOUNT))}),
            "is administered by the own account": but({"policy": admitting(OWN_ACCOUNT, action="kms:*")}),
            "opens to a partner": but({"policy": admitting(OTHER_ACCOUNT)}, partner_accounts=(OTHER_ACCOUNT,)),
        },
    )
    for type_ in (KEY, *KEY_POLICY)
]

CASES = [*OWN_KEYS, *SHARED]
STACK_CASES = [*BUCKETS, *KEYS]
