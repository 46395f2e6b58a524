"""Rules about buckets: private, encrypted, versioned, logged and protected against loss."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing, is_not_customer_managed
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack
from settings.types.naming import CONFIGURATION_HISTORY, ML_BUCKET_PREFIX

# Provider 7 has two type tokens for most bucket resources.
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

_ACCESS_LOGS = re.compile(rf"(?!.*-{CONFIGURATION_HISTORY}-\d)(.+-)?logs-\d{{12}}-.+")
"""Name of a bucket that receives access logs. AWS Config, too, delivers to a bucket whose name contains ``logs``."""


def blocks_public_access(resource: Resource) -> Violation | None:
    disabled = [flag for flag in _BLOCKS if resource.properties.flag(flag) not in (True, UNKNOWN)]
    return violation(f"does not enable {', '.join(disabled)}", fix="set all four blocks to true") if disabled else None


def access_point_blocks_public_access(resource: Resource) -> Violation | None:
    """Checks that no block is off. By default, S3 enables all four blocks of an access point."""
    configured = [resource.properties.flag("publicAccessBlockConfiguration", flag) for flag in _BLOCKS]
    return violation("disables a public access block", fix="leave all four enabled") if False in configured else None


def owner_is_enforced(resource: Resource) -> Violation | None:
    ownership = resource.properties.text("rule", "objectOwnership")
    if ownership in ("BucketOwnerEnforced", UNKNOWN):
        return None
    return violation("allows objects with other owners", fix="set objectOwnership to BucketOwnerEnforced")


def grants_nothing_by_acl(resource: Resource) -> Violation | None:
    """Checks bucket ACLs, and the same properties inline on a bucket."""
    properties = resource.properties
    canned = properties.text("acl") not in (None, "private", UNKNOWN)
    listed = not is_missing(properties.value("accessControlPolicy")) or not is_missing(properties.value("grants"))
    if canned or listed:
        return violation("grants access by ACL", fix="remove the ACL and grant in the bucket policy")
    return None


def uses_a_customer_managed_key(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("rules")):
        return violation("has no default encryption", fix="add a rule with aws:kms and the environment's key")
    rules = resource.properties.blocks("rules")
    unfit_for_logs = first(map(_check_log_encryption, rules))
    name = resource.properties.text("bucket")
    if is_named_for_access_logs(name) or (isinstance(name, Unknown) and not unfit_for_logs):
        return unfit_for_logs
    return first(map(_check_encryption, rules))


def is_named_for_access_logs(name: object) -> bool:
    """Whether a known bucket name is one of an access log bucket. S3-12 refuses such a name for any other bucket."""
    return isinstance(name, str) and _ACCESS_LOGS.fullmatch(name) is not None


def _check_log_encryption(rule: Properties) -> Violation | None:
    """Checks an access log bucket. S3 delivers no access logs to a bucket with a customer managed key (S3 User Guide,
    "Enabling server access logging")."""
    if rule.text(_DEFAULT, "sseAlgorithm") in ("AES256", UNKNOWN):
        return None
    return violation("cannot receive access logs", fix="set sseAlgorithm to AES256, as S3 requires")


def _check_encryption(rule: Properties) -> Violation | None:
    if rule.text(_DEFAULT, "sseAlgorithm") not in ("aws:kms", "aws:kms:dsse", UNKNOWN):
        return violation("does not encrypt with KMS", fix="set sseAlgorithm to aws:kms")
    key = rule.text(_DEFAULT, "kmsMasterKeyId")
    if is_not_customer_managed(key):
        return violation(
            "is not encrypted with a customer managed key", fix="set kmsMasterKeyId to the environment's key"
        )
    if rule.flag("bucketKeyEnabled") not in (True, UNKNOWN):
        return violation("calls KMS for every object", fix="set bucketKeyEnabled to true")
    return None


def keeps_versions(resource: Resource) -> Violation | None:
    status = resource.properties.text("versioningConfiguration", "status")
    return None if status in ("Enabled", UNKNOWN) else violation("keeps no versions", fix="set the status to Enabled")


def expires_unneeded_objects(resource: Resource) -> Violation | None:
    if resource.properties.may_have_more("rules"):
        return None
    rules = [rule for rule in resource.properties.blocks("rules") if rule.text("status") in ("Enabled", UNKNOWN)]
    if not any(_aborts_uploads(rule) for rule in rules):
        return violation(
            "keeps unfinished uploads", fix=f"abort multipart uploads after at most {_LONGEST_UPLOAD_DAYS} days"
        )
    if all(is_missing(rule.value("noncurrentVersionExpiration")) for rule in rules):
        return violation("keeps noncurrent versions forever", fix="add a noncurrentVersionExpiration")
    kept = [prefix for prefix in _branches_in(resource) if not any(_expires(rule, prefix) for rule in rules)]
    return violation("keeps data of feature branches forever", fix="expire the branches' folders") if kept else None


def _branches_in(resource: Resource) -> Collection[str]:
    """Returns the folders of feature branches in the bucket. Only an environment's ML buckets have any."""
    name = resource.properties.text("bucket")
    is_of_ml = isinstance(name, str) and name.startswith(ML_BUCKET_PREFIX)
    return resource.context.branch_prefixes if is_of_ml else ()


def _expires(rule: Properties, prefix: str) -> bool:
    """Whether a lifecycle rule expires every object under the prefix, whatever its size or tags."""
    if is_missing(rule.value("expiration", "days")):
        return False
    about = rule.text("filter", "prefix")
    return isinstance(about, Unknown) or (is_missing(rule.value("filter", "and")) and prefix.startswith(about or ""))


def _aborts_uploads(rule: Properties) -> bool:
    days = rule.number("abortIncompleteMultipartUpload", "daysAfterInitiation")
    return isinstance(days, Unknown) or (days is not None and days <= _LONGEST_UPLOAD_DAYS)


def logs_to_another_bucket(resource: Resource) -> Violation | None:
    source, target = resource.properties.text("bucket"), resource.properties.text("targetBucket")
    if is_missing(target):
        return violation("has no target for its access log", fix="set targetBucket to the account's log bucket")
    if isinstance(target, str) and target == source:
        return violation("writes its access log to itself", fix="set targetBucket to the account's log bucket")
    archive = resource.context.log_archive
    if archive and isinstance(target, str) and target.startswith(archive):
        # S3 User Guide, "Object Lock considerations" (read 2026-11-21).
        return violation(
            "writes its access log to a bucket with object lock", fix="set targetBucket to the account's log bucket"
        )
    return None


def is_not_emptied_on_deletion(resource: Resource) -> Violation | None:
    """Checks that a durable bucket, which may hold the only copy, is not emptied on deletion."""
    durable = resource.context.is_durable
    if durable and resource.properties.flag("forceDestroy") is True:
        return violation("would be emptied on deletion", fix="set forceDestroy to false")
    return None


def lock_has_a_retention(resource: Resource) -> Violation | None:
    """Checks that an object lock has a default retention, without which it protects only objects that request it."""
    retention = ("rule", "defaultRetention")
    terms = [resource.properties.value(*retention, term) for term in ("days", "years")]
    if all(map(is_missing, terms)):
        return violation("has no default retention", fix="give the rule a default retention in days")
    if resource.properties.text(*retention, "mode") in ("GOVERNANCE", "COMPLIANCE", UNKNOWN):
        return None
    return violation("has no mode", fix="set the mode to GOVERNANCE or COMPLIANCE")


def archive_has_an_object_lock(stack: Stack) -> Iterator[CheckResult]:
    """Checks that the audit stack has an object lock on the log archive."""
    locked = [bucket for bucket in stack.of(BUCKET) if stack.referring(OBJECT_LOCK, "bucket", bucket)]
    for representative in stack.representative if stack.context.kind == "audit" and not locked else []:
        yield representative, violation("leaves logs without an object lock", fix="give the log archive an object lock")


def is_in_the_accounts_namespace(resource: Resource) -> Violation | None:
    """Requires bucket names in the account's own namespace, which end in its id and region. Other accounts cannot take
    such a name, even after the bucket is deleted."""
    if resource.properties.text("bucketNamespace") in ("account-regional", UNKNOWN):
        return None
    name = resource.properties.text("bucket")
    if isinstance(name, Unknown) or re.search(r"-\d{12}-[a-z0-9-]+-an$", name or ""):
        return None
    return violation("has a name that other accounts could take", fix="set bucketNamespace to account-regional")


RULES = (
    Rule(
        id="S3-01",
        title="All four public access blocks are enabled",
        severity="critical",
        sources=("FSBP S3.1", "FSBP S3.8", "FSBP S3.19", "CIS 5.0 2.1.4", "CKV_AWS_53", "CKV_AWS_56"),
        remedy="Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true.",
        checks=for_each(PUBLIC_ACCESS_BLOCK, blocks_public_access)
        | for_each(ACCESS_POINT, access_point_blocks_public_access),
    ),
    Rule(
        id="S3-02",
        title="Access is granted by policy, never by ACL",
        severity="high",
        sources=("FSBP S3.12", "CKV2_AWS_65", "CKV_AWS_20", "CKV_AWS_57", "CKV_AWS_375"),
        remedy="Set objectOwnership to BucketOwnerEnforced, remove ACLs, and grant access in the bucket policy.",
        checks=for_each(OWNERSHIP, owner_is_enforced) | for_each(ACL + BUCKET, grants_nothing_by_acl),
    ),
    Rule(
        id="S3-03",
        title="Buckets are encrypted with the environment's key",
        severity="high",
        sources=("FSBP S3.17", "CKV_AWS_145"),
        remedy="Encrypt with aws:kms, the environment's key and a bucket key.",
        checks=for_each(ENCRYPTION, uses_a_customer_managed_key),
    ),
    Rule(
        id="S3-04",
        title="Buckets are versioned and expire unneeded objects",
        severity="medium",
        sources=("FSBP S3.13", "FSBP S3.14", "CKV_AWS_21", "CKV_AWS_300", "CKV2_AWS_61"),
        remedy="Enable versioning, expire noncurrent versions, and abort unfinished uploads within a week. In ML "
        "buckets, expire the folders of each use case's feature branches.",
        checks=for_each(VERSIONING, keeps_versions) | for_each(LIFECYCLE, expires_unneeded_objects),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="S3-05",
        title="Buckets log access to another bucket",
        severity="medium",
        sources=("FSBP S3.9", "CIS 5.0 3.8", "CIS 5.0 3.9", "CKV_AWS_18"),
        remedy="Send the access log to the account's log bucket.",
        checks=for_each(LOGGING, logs_to_another_bucket),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="S3-10",
        title="Durable buckets are not emptied on deletion, and the log archive has an object lock",
        severity="high",
        sources=("FSBP S3.15", "CKV_AWS_143"),
        remedy="Set forceDestroy to false in stacks of durable kinds, and give the log archive an object lock with a "
        "mode and a retention.",
        checks=for_each(BUCKET, is_not_emptied_on_deletion) | for_each(OBJECT_LOCK, lock_has_a_retention),
        stack_checks=(StackCheck((PROVIDER_TYPE, *BUCKET, *OBJECT_LOCK), archive_has_an_object_lock),),
    ),
    Rule(
        id="S3-11",
        title="Bucket names are in the account's own namespace",
        severity="medium",
        sources=("condition key s3:x-amz-bucket-namespace", "SCP-15"),
        remedy="Set bucketNamespace to account-regional.",
        checks=for_each(BUCKET, is_in_the_accounts_namespace),
    ),
)
