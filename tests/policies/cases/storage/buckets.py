"""Cases of policies/security/rules/storage/buckets.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from settings.types.kinds import DURABLE_KINDS
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Member, Situation, StackCase, but, stack_context
from tests.policies.cases.storage.access_logs import LOGS

PUBLIC_ACCESS_BLOCK = (
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
)
ENCRYPTION_TYPES = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
VERSIONING_TYPES = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
LIFECYCLE_TYPES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
LOGGING_TYPES = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
OBJECT_LOCK = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)
ACL = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")


KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

PUBLIC_ACCESS = [
    Case(
        rule="S3-01",
        type=type_,
        compliant=Situation(inputs=dict.fromkeys(BLOCKS, True)),
        refused={f"leaves {block} off": but({block: False}) for block in BLOCKS},
        accepted={"writes a flag as text": but({"blockPublicAcls": "true"})},
    )
    for type_ in PUBLIC_ACCESS_BLOCK
]
ACCESS_POINTS = [
    Case(
        rule="S3-01",
        type=type_,
        compliant=Situation(inputs={"publicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True)}),
        optional=frozenset(
            ["publicAccessBlockConfiguration", *(f"publicAccessBlockConfiguration.{block}" for block in BLOCKS)]
        ),
        refused={f"turns {block} off": but({f"publicAccessBlockConfiguration.{block}": False}) for block in BLOCKS},
    )
    for type_ in ("aws:s3/accessPoint:AccessPoint",)
]
OWNERSHIP = [
    Case(
        rule="S3-02",
        type=type_,
        compliant=Situation(inputs={"rule": {"objectOwnership": "BucketOwnerEnforced"}}),
        refused={"lets writers own objects": but({"rule.objectOwnership": "ObjectWriter"})},
    )
    for type_ in ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",)
]
ACLS = [
    Case(
        rule="S3-02",
        type=type_,
        compliant=Situation(inputs={"acl": "private"}),
        optional=frozenset({"acl"}),
        refused={
            "has a public canned ACL": but({"acl": "public-read"}),
            "lists grants in an access control policy": but(
                {"accessControlPolicy": {"grants": [{"permission": "READ"}]}}
            ),
            "lists grants": but({"grants": [{"permissions": ["READ"], "type": "Group"}]}),
            "lists unknown grants": but({"grants": UNKNOWN}),
        },
    )
    for type_ in (*ACL, *BUCKET)
]
DEFAULT = "rules.0.applyServerSideEncryptionByDefault"
ENCRYPTION = [
    Case(
        rule="S3-03",
        type=type_,
        compliant=Situation(
            inputs={
                "rules": [
                    {
                        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
                        "bucketKeyEnabled": True,
                    }
                ]
            }
        ),
        refused={
            "encrypts with a key of S3": but({f"{DEFAULT}.sseAlgorithm": "AES256"}),
            "encrypts with the key of AWS": but({f"{DEFAULT}.kmsMasterKeyId": "alias/aws/s3"}),
            "names the key of AWS by its ARN": but(
                {f"{DEFAULT}.kmsMasterKeyId": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:alias/aws/s3"}
            ),
            "calls KMS for each object": but({"rules.0.bucketKeyEnabled": False}),
            "has no rule": but({"rules": []}),
        },
        accepted={"encrypts twice": but({f"{DEFAULT}.sseAlgorithm": "aws:kms:dsse"})},
    )
    for type_ in ENCRYPTION_TYPES
]
LOG_ENCRYPTION = [
    Case(
        rule="S3-03",
        type=type_,
        compliant=Situation(
            inputs={"bucket": LOGS, "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]}
        ),
        refused={
            "could not receive the access logs it is for": but({f"{DEFAULT}.sseAlgorithm": "aws:kms"}),
            "has the name of a bucket of data": but({"bucket": f"acme-data-{OWN_ACCOUNT}-eu-west-1-an"}),
            "receives the history of AWS Config": but({"bucket": f"acme-config-logs-{OWN_ACCOUNT}-eu-west-1-an"}),
            "has logs in its name and no account": but({"bucket": "acme-logs-eu-west-1"}),
            "has an unknown name and no customer managed key": but(
                {"bucket": UNKNOWN, f"{DEFAULT}.sseAlgorithm": "aws:kms"}
            ),
        },
        accepted={
            "belongs to the organization": but({"bucket": f"acme-data-access-logs-{OWN_ACCOUNT}-eu-west-1-an"}),
            "is of the account alone": but({"bucket": f"logs-{OWN_ACCOUNT}-eu-west-1-an"}),
        },
    )
    for type_ in ENCRYPTION_TYPES
]
VERSIONING = [
    Case(
        rule="S3-04",
        type=type_,
        compliant=Situation(inputs={"versioningConfiguration": {"status": "Enabled"}}),
        refused={"suspends versioning": but({"versioningConfiguration.status": "Suspended"})},
    )
    for type_ in VERSIONING_TYPES
]
UPLOADS, VERSIONS = "rules.0.abortIncompleteMultipartUpload", "rules.0.noncurrentVersionExpiration"
LIFECYCLE = [
    Case(
        rule="S3-04",
        type=type_,
        compliant=Situation(
            inputs={
                "rules": [
                    {
                        "status": "Enabled",
                        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                        "noncurrentVersionExpiration": {"noncurrentDays": 90},
                    }
                ]
            }
        ),
        refused={
            "keeps unfinished uploads for eight days": but({f"{UPLOADS}.daysAfterInitiation": 8}),
            "has its rule disabled": but({"rules.0.status": "Disabled"}),
            "keeps replaced versions": but({VERSIONS: ABSENT}),
        },
        accepted={
            "has a rule for each": but(
                {
                    "rules": [
                        {"status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1}},
                        {"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 1}},
                    ]
                }
            ),
            "has a second rule that is unknown": but({"rules": [{"status": "Enabled"}, UNKNOWN]}),
        },
    )
    for type_ in LIFECYCLE_TYPES
]
MINE = f"ml-dev-fraud-{OWN_ACCOUNT}-eu-west-1-an"
BRANCHES = [
    Case(
        rule="S3-04",
        type=type_,
        compliant=Situation(
            inputs={
                "bucket": MINE,
                "rules": [
                    {
                        "status": "Enabled",
                        "filter": {"prefix": ""},
                        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                        "noncurrentVersionExpiration": {"noncurrentDays": 90},
                    },
                    {"status": "Enabled", "filter": {"prefix": "scoring/feature-"}, "expiration": {"days": 90}},
                    {"status": "Enabled", "filter": {"prefix": "churn/feature-"}, "expiration": {"days": 90}},
                ],
            },
            context=stack_context(branch_prefixes=("scoring/feature-", "churn/feature-")),
        ),
        optional=frozenset(
            {
                "bucket",
                "rules.0.filter",
                "rules.0.filter.prefix",
                "rules.1.filter",
                "rules.1.filter.prefix",
                "rules.2.filter",
                "rules.2.filter.prefix",
            }
        ),
        refused={
            "keeps one use case's branches": but({"rules.2.expiration": ABSENT}),
            "expires another folder": but({"rules.1.filter.prefix": "scoring/develop/"}),
            "expires one branch alone": but({"rules.1.filter.prefix": "scoring/feature-a/"}),
            "expires large files alone": but(
                {"rules.1.filter": {"and": {"prefix": "scoring/feature-", "objectSizeGreaterThan": 1}}}
            ),
            "has the rule disabled": but({"rules.1.status": "Disabled"}),
        },
        accepted={
            "expires everything of the use case": but({"rules.1.filter.prefix": "scoring/"}),
            "is no bucket of ML": but({"bucket": "studio", "rules.1.expiration": ABSENT}),
            "is of an environment without branches": but({"rules.1.expiration": ABSENT}, branch_prefixes=()),
        },
    )
    for type_ in LIFECYCLE_TYPES
]
LOGGING = [
    Case(
        rule="S3-05",
        type=type_,
        compliant=Situation(inputs={"bucket": "data", "targetBucket": "logs"}),
        optional=frozenset({"bucket"}),
        refused={
            "logs into itself": but({"targetBucket": "data"}),
            "logs into an unnamed bucket": but({"targetBucket": ""}),
            "logs into a bucket with object lock": but(
                {"targetBucket": "acme-log-archive-111111111111-eu-west-1-an"}, log_archive="acme-log-archive-"
            ),
        },
        accepted={"logs into any bucket while the archive is unknown": but({"targetBucket": "log"}, log_archive="")},
    )
    for type_ in LOGGING_TYPES
]
DELETION = [
    Case(
        rule="S3-10",
        type=type_,
        compliant=Situation(inputs={"forceDestroy": False}),
        optional=frozenset({"forceDestroy"}),
        refused={f"is emptied in {kind}": but({"forceDestroy": True}, kind=kind) for kind in DURABLE_KINDS},
        accepted={"is emptied with its team's environment": but({"forceDestroy": True}, kind="production")},
    )
    for type_ in BUCKET
]
TERM = "rule.defaultRetention"
LOCKS = [
    Case(
        rule="S3-10",
        type=type_,
        compliant=Situation(inputs={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 365}}}),
        refused={"has a mode that S3 does not know": but({f"{TERM}.mode": "STRICT"})},
        accepted={
            "is in compliance mode": but({f"{TERM}.mode": "COMPLIANCE"}),
            "counts in years": but({f"{TERM}.days": ABSENT, f"{TERM}.years": 7}),
        },
    )
    for type_ in OBJECT_LOCK
]
NAMES = [
    Case(
        rule="S3-11",
        type=type_,
        compliant=Situation(inputs={"bucketNamespace": "account-regional", "bucket": "data"}),
        optional=frozenset({"bucket"}),
        refused={
            "has a name in the global namespace": but({"bucketNamespace": "global"}),
            "only ends like a name in the account's namespace": but({"bucketNamespace": ABSENT, "bucket": "data-an"}),
        },
        accepted={
            "is named in full": but({"bucketNamespace": ABSENT, "bucket": f"data-{OWN_ACCOUNT}-eu-west-1-an"}),
            "has an unknown name": but({"bucketNamespace": ABSENT, "bucket": UNKNOWN}),
        },
    )
    for type_ in BUCKET
]

CASES = [
    *PUBLIC_ACCESS,
    *ACCESS_POINTS,
    *OWNERSHIP,
    *ACLS,
    *ENCRYPTION,
    *LOG_ENCRYPTION,
    *VERSIONING,
    *LIFECYCLE,
    *BRANCHES,
    *LOGGING,
    *DELETION,
    *LOCKS,
    *NAMES,
]


def archive(what: str, members: dict[str, Member], *refused: str, kind: str = "audit") -> StackCase:
    return StackCase(
        rule="S3-10",
        type=BUCKET[0],
        what=what,
        members={"provider": Member(type=PROVIDER_TYPE), "logs": Member(inputs={"bucket": "logs"}), **members},
        refused=frozenset(refused),
        context=stack_context(kind=kind),
    )


STACK_CASES = [
    archive("an archive under lock", {"lock": Member(type=OBJECT_LOCK[0], inputs={"bucket": "logs"})}),
    archive("an archive without a lock", {}, "provider"),
    archive(
        "an archive next to a lock of another bucket",
        {"lock": Member(type=OBJECT_LOCK[0], inputs={"bucket": "other"})},
        "provider",
    ),
    archive("buckets elsewhere", {}, kind="tooling"),
]
