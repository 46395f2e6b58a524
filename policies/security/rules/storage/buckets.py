"""Rules about buckets: closed to the public, encrypted with a key of ours, versioned, logged, hard to lose."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, is_no_key_of_ours, lacks
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from settings.types.naming import ML_BUCKET_PREFIX

# Provider 7 knows most bucket resources under two tokens.
BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
ACL = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
LIFECYCLE = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
OWNERSHIP = ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",)
PUBLIC_ACCESS_BLOCK = (
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
)
OBJECT_LOCK = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)
ACCESS_POINT = ("aws:s3/accessPoint:AccessPoint",)

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_DEFAULT = "applyServerSideEncryptionByDefault"
_LONGEST_UPLOAD_DAYS = 7

ACCESS_LOG_BUCKET = "plinth:storage:AccessLogBucket"
"""The component whose bucket is the target of access logs and of nothing else."""


def blocks_public_access(subject: Subject) -> Verdict:
    open_ways = [flag for flag in _BLOCKS if subject.properties.flag(flag) not in (True, UNKNOWN)]
    return refuse(f"leaves {', '.join(open_ways)} off", fix="set all four blocks to true") if open_ways else None


def access_point_blocks_public_access(subject: Subject) -> Verdict:
    """An access point that says nothing is closed: S3 turns its four blocks on."""
    configured = [subject.properties.flag("publicAccessBlockConfiguration", flag) for flag in _BLOCKS]
    return refuse("turns a public access block off", fix="leave all four on") if False in configured else None


def owner_is_enforced(subject: Subject) -> Verdict:
    ownership = subject.properties.text("rule", "objectOwnership")
    if ownership in ("BucketOwnerEnforced", UNKNOWN):
        return None
    return refuse("lets objects have other owners", fix="set objectOwnership to BucketOwnerEnforced")


def grants_nothing_by_acl(subject: Subject) -> Verdict:
    """Judges bucket ACLs and the same properties inline on a bucket."""
    properties = subject.properties
    canned = properties.text("acl") not in (None, "private", UNKNOWN)
    listed = not lacks(properties.value("accessControlPolicy")) or not lacks(properties.value("grants"))
    if canned or listed:
        return refuse("grants access by ACL", fix="remove the ACL and grant in the bucket policy")
    return None


def encrypts_with_a_key_of_ours(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("rules")):
        return refuse("has no default encryption", fix="add a rule with aws:kms and the environment's key")
    judge = _encrypts_logs if ACCESS_LOG_BUCKET in subject.parents else _weak_encryption
    return first(map(judge, subject.properties.blocks("rules")))


def _encrypts_logs(rule: Properties) -> Verdict:
    """S3 delivers no access log under a customer's key (S3 User Guide, "Enabling server access logging")."""
    if rule.text(_DEFAULT, "sseAlgorithm") in ("AES256", UNKNOWN):
        return None
    return refuse("could not receive access logs", fix="set sseAlgorithm to AES256, the only one S3 delivers under")


def _weak_encryption(rule: Properties) -> Verdict:
    if rule.text(_DEFAULT, "sseAlgorithm") not in ("aws:kms", "aws:kms:dsse", UNKNOWN):
        return refuse("does not encrypt with KMS", fix="set sseAlgorithm to aws:kms")
    key = rule.text(_DEFAULT, "kmsMasterKeyId")
    if is_no_key_of_ours(key):
        return refuse("encrypts with the key of AWS", fix="set kmsMasterKeyId to the environment's key")
    if rule.flag("bucketKeyEnabled") not in (True, UNKNOWN):
        return refuse("calls KMS for every object", fix="set bucketKeyEnabled to true")
    return None


def keeps_versions(subject: Subject) -> Verdict:
    status = subject.properties.text("versioningConfiguration", "status")
    return None if status in ("Enabled", UNKNOWN) else refuse("keeps no versions", fix="set the status to Enabled")


def expires_leftovers(subject: Subject) -> Verdict:
    if subject.properties.may_hold_more("rules"):
        return None
    rules = [rule for rule in subject.properties.blocks("rules") if rule.text("status") in ("Enabled", UNKNOWN)]
    if not any(_aborts_uploads(rule) for rule in rules):
        return refuse(
            "keeps unfinished uploads", fix=f"abort multipart uploads after at most {_LONGEST_UPLOAD_DAYS} days"
        )
    if all(lacks(rule.value("noncurrentVersionExpiration")) for rule in rules):
        return refuse("keeps replaced versions for ever", fix="add a noncurrentVersionExpiration")
    kept = [prefix for prefix in _branches_in(subject) if not any(_expires(rule, prefix) for rule in rules)]
    return refuse("keeps what branches left for ever", fix="expire the folders of feature branches") if kept else None


def _branches_in(subject: Subject) -> Collection[str]:
    """Where the builds of feature branches lie: in the ML buckets of an environment alone, known by their names."""
    name = subject.properties.text("bucket")
    is_of_ml = isinstance(name, str) and name.startswith(ML_BUCKET_PREFIX)
    return subject.surroundings.branch_prefixes if is_of_ml else ()


def _expires(rule: Properties, prefix: str) -> bool:
    """Whether every object under the prefix goes some day, whatever its size or tags."""
    if lacks(rule.value("expiration", "days")):
        return False
    about = rule.text("filter", "prefix")
    return isinstance(about, Unknown) or (lacks(rule.value("filter", "and")) and prefix.startswith(about or ""))


def _aborts_uploads(rule: Properties) -> bool:
    days = rule.number("abortIncompleteMultipartUpload", "daysAfterInitiation")
    return isinstance(days, Unknown) or (days is not None and days <= _LONGEST_UPLOAD_DAYS)


def logs_to_another_bucket(subject: Subject) -> Verdict:
    source, target = subject.properties.text("bucket"), subject.properties.text("targetBucket")
    if lacks(target):
        return refuse("names no target for its access log", fix="set targetBucket to the account's log bucket")
    if isinstance(target, str) and target == source:
        return refuse("logs into the bucket it watches", fix="set targetBucket to the account's log bucket")
    return None


def is_not_emptied(subject: Subject) -> Verdict:
    """A bucket of a durable kind may hold the only copy."""
    durable = subject.surroundings.is_durable
    if durable and subject.properties.flag("forceDestroy") is True:
        return refuse("would be emptied by its deletion", fix="set forceDestroy to false")
    return None


def lock_has_a_term(subject: Subject) -> Verdict:
    """A lock without a default retention locks nothing that does not ask for it."""
    retention = ("rule", "defaultRetention")
    terms = [subject.properties.value(*retention, term) for term in ("days", "years")]
    if all(map(lacks, terms)):
        return refuse("locks nothing by default", fix="give the rule a default retention in days")
    if subject.properties.text(*retention, "mode") in ("GOVERNANCE", "COMPLIANCE", UNKNOWN):
        return None
    return refuse("has no mode", fix="set the mode to GOVERNANCE or COMPLIANCE")


def are_locked_in_the_archive(stack: Stack) -> Iterator[Judgement]:
    """Logs of the organization are kept where nobody can take them back."""
    locked = [bucket for bucket in stack.of(BUCKET) if stack.naming(OBJECT_LOCK, "bucket", bucket)]
    for itself in stack.itself if stack.surroundings.kind == "audit" and not locked else []:
        yield itself, refuse("leads to logs that can be deleted", fix="give the log archive an object lock")


def is_named_in_our_namespace(subject: Subject) -> Verdict:
    """Names in the account's own namespace end in its id and region; nobody else can take one that we gave up."""
    if subject.properties.text("bucketNamespace") in ("account-regional", UNKNOWN):
        return None
    name = subject.properties.text("bucket")
    if isinstance(name, Unknown) or re.search(r"-\d{12}-[a-z0-9-]+-an$", name or ""):
        return None
    return refuse("has a name that others could take", fix="set bucketNamespace to account-regional")


RULES = (
    Rule(
        id="S3-01",
        title="All four public access blocks are on",
        severity="critical",
        sources=("FSBP S3.1", "FSBP S3.8", "FSBP S3.19", "CIS 5.0 2.1.4", "CKV_AWS_53", "CKV_AWS_56"),
        remedy="Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true.",
        judges=for_each(PUBLIC_ACCESS_BLOCK, blocks_public_access)
        | for_each(ACCESS_POINT, access_point_blocks_public_access),
    ),
    Rule(
        id="S3-02",
        title="Access is granted by policy, never by ACL",
        severity="high",
        sources=("FSBP S3.12", "CKV2_AWS_65", "CKV_AWS_20", "CKV_AWS_57", "CKV_AWS_375"),
        remedy="Set objectOwnership to BucketOwnerEnforced and remove ACLs; grant access in the bucket policy.",
        judges=for_each(OWNERSHIP, owner_is_enforced) | for_each(ACL + BUCKET, grants_nothing_by_acl),
    ),
    Rule(
        id="S3-03",
        title="Buckets encrypt with the environment's own key",
        severity="high",
        sources=("FSBP S3.17", "CKV_AWS_145"),
        remedy="Encrypt with aws:kms, the environment's key and a bucket key.",
        judges=for_each(ENCRYPTION, encrypts_with_a_key_of_ours),
    ),
    Rule(
        id="S3-04",
        title="Buckets keep versions and expire leftovers",
        severity="medium",
        sources=("FSBP S3.13", "FSBP S3.14", "CKV_AWS_21", "CKV_AWS_300", "CKV2_AWS_61"),
        remedy="Enable versioning; expire replaced versions, abort unfinished uploads within a week, and expire in ML "
        "buckets what the feature branches of each use case left.",
        judges=for_each(VERSIONING, keeps_versions) | for_each(LIFECYCLE, expires_leftovers),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="S3-05",
        title="Access to buckets is logged elsewhere",
        severity="medium",
        sources=("FSBP S3.9", "CIS 5.0 3.8", "CIS 5.0 3.9", "CKV_AWS_18"),
        remedy="Send the access log to the account's log bucket.",
        judges=for_each(LOGGING, logs_to_another_bucket),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="S3-10",
        title="Durable buckets are not emptied, and locks hold",
        severity="high",
        sources=("FSBP S3.15", "CKV_AWS_143"),
        remedy="Set forceDestroy to false in durable accounts; lock the log archive, with a mode and a retention.",
        judges=for_each(BUCKET, is_not_emptied) | for_each(OBJECT_LOCK, lock_has_a_term),
        relations=(Relation((PROVIDER_TYPE, *BUCKET, *OBJECT_LOCK), are_locked_in_the_archive),),
    ),
    Rule(
        id="S3-11",
        title="Bucket names are the account's own",
        severity="medium",
        sources=("condition key s3:x-amz-bucket-namespace", "SCP-15"),
        remedy="Set bucketNamespace to account-regional.",
        judges=for_each(BUCKET, is_named_in_our_namespace),
    ),
)
