"""The rule about access log buckets: other buckets log to them, and they accept nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.rules.storage.bucket_policies import POLICY
from policies.security.rules.storage.buckets import BUCKET, ENCRYPTION, LOGGING, is_named_for_access_logs

_DELIVERY = ["logging.s3.amazonaws.com"]
"""Service principal that delivers access logs (S3 User Guide, "Enabling server access logging")."""
_KMS = frozenset({"aws:kms", "aws:kms:dsse"})


def admits_only_log_delivery(resource: Resource) -> Violation | None:
    if not is_named_for_access_logs(resource.properties.text("bucket")):
        return None
    if all(statement.principals == _DELIVERY for statement in resource_grants(resource)):
        return None
    return violation("admits more than the delivery of access logs", fix=f"allow only {_DELIVERY[0]}")


def log_buckets_receive_access_logs(stack: Stack) -> Iterator[CheckResult]:
    """Checks buckets with the name or the encryption of an access log bucket. The name may be unknown."""
    for bucket in stack.of(BUCKET):
        named = is_named_for_access_logs(bucket.properties.text("bucket"))
        without_key = any(map(_may_lack_a_key, stack.referring(ENCRYPTION, "bucket", bucket)))
        if (named or without_key) and not receives_access_logs(stack, bucket):
            yield (
                bucket,
                violation(
                    "is set up for access logs, and no other bucket of the stack logs to it",
                    fix="give it another name and the environment's key, or send access logs to it",
                ),
            )


def receives_access_logs(stack: Stack, bucket: Resource) -> bool:
    """Whether another bucket of the stack sends its access logs to the bucket."""
    return any(
        _names(logging, "targetBucket", bucket) and not _names(logging, "bucket", bucket)
        for logging in stack.of(LOGGING)
    )


def _names(logging: Resource, key: str, bucket: Resource) -> bool:
    """Whether a property names the bucket. If the name is unknown, the dependency counts."""
    named, name = logging.properties.value(key), bucket.properties.value("bucket")
    if isinstance(named, str) and isinstance(name, str):
        return named == name
    return bucket.urn in logging.sources.get(key, ())


def _may_lack_a_key(encryption: Resource) -> bool:
    rules = encryption.properties.blocks("rules")
    return any(rule.text("applyServerSideEncryptionByDefault", "sseAlgorithm") not in _KMS for rule in rules)


RULES = (
    Rule(
        id="S3-12",
        title="Access log buckets receive access logs and nothing else",
        severity="high",
        sources=("S3 User Guide, enabling server access logging",),
        remedy="Only a bucket to which another bucket of the stack sends its access logs may have a name with "
        "`logs-<account>-` and encryption without a customer managed key, and it needs no access log of its own. Its "
        "policy admits only the delivery of access logs.",
        checks=for_each(POLICY, admits_only_log_delivery),
        stack_checks=(StackCheck((*BUCKET, *ENCRYPTION, *LOGGING), log_buckets_receive_access_logs),),
    ),
)
