"""Rules about stores as a whole: a bucket with all that belongs to it, and keys that serve who needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.security.holders import admissions
from policies.security.readers import Unknown
from policies.security.rule import Judgement, Relation, Rule, refuse
from policies.security.rules import s3
from policies.security.rules.bucket_policies import POLICY
from policies.security.rules.kms import KEY
from policies.security.stack import Stack, names
from policies.security.subject import Subject

PARTS: Mapping[str, tuple[str, ...]] = {
    "public access block": ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
    "ownership": s3.OWNERSHIP,
    "encryption": s3.ENCRYPTION,
    "versioning": s3.VERSIONING,
    "lifecycle": s3.LIFECYCLE,
    "access log": s3.LOGGING,
    "policy": POLICY,
}
"""What every bucket has, by what it is called here."""

TOPIC = ("aws:sns/topic:Topic",)
TOPIC_POLICY = ("aws:sns/topicPolicy:TopicPolicy",)
ENCRYPTED: Mapping[str, tuple[str, str]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("kmsKeyId", "logs."),
    "aws:cloudtrail/trail:Trail": ("kmsKeyId", "cloudtrail."),
}
"""What a service writes in its own name: the property with its key, and how the service's name begins."""


def have_all_their_parts(stack: Stack) -> Iterator[Judgement]:
    """A part that names another bucket, or nobody knows which, is not this bucket's."""
    for bucket in stack.of(s3.BUCKET):
        missing = [part for part, types in PARTS.items() if not stack.naming(types, "bucket", bucket)]
        if s3.ACCESS_LOG_BUCKET in bucket.parents and "access log" in missing:
            missing.remove("access log")  # It would log its own log.
        if missing:
            yield bucket, refuse(f"lacks {', '.join(missing)}", fix="add what is missing, for this bucket by name")


def serve_who_writes(stack: Stack) -> Iterator[Judgement]:
    for type_, (key, service) in ENCRYPTED.items():
        for store in stack.of((type_,)):
            if _is_shut_out(stack, store, key, service):
                yield store, refuse("cannot be written under its key", fix=f"let {service}amazonaws.com use the key")


def serve_who_publishes(stack: Stack) -> Iterator[Judgement]:
    for topic in stack.of(TOPIC):
        policies = stack.naming(TOPIC_POLICY, "arn", topic)
        publishers = {name for policy in policies for s in admissions(policy) for name in s.principals_of("Service")}
        for publisher in sorted(publishers):
            if _is_shut_out(stack, topic, "kmsMasterKeyId", publisher):
                yield topic, refuse("cannot be published to under its key", fix=f"let {publisher} use the key")


def _is_shut_out(stack: Stack, store: Subject, property_: str, service: str) -> bool:
    """Of keys that are in the stack: of others only their own stack knows the policy."""
    return any(
        names(store, property_, key) and not _serves(key, service) for key in stack.of(KEY) if _has_known_policy(key)
    )


def _has_known_policy(key: Subject) -> bool:
    return not isinstance(key.properties.value("policy"), Unknown)


def _serves(key: Subject, service: str) -> bool:
    usable = [statement for statement in admissions(key) if statement.covers("kms:generatedatakey")]
    return any(name.startswith(service) for statement in usable for name in statement.principals_of("Service"))


RULES = (
    Rule(
        id="ST-04",
        title="Buckets have all that makes them safe",
        severity="critical",
        sources=("FSBP S3.1", "FSBP S3.5", "FSBP S3.12", "FSBP S3.14", "CKV2_AWS_6"),
        remedy="Give every bucket its block, ownership, encryption, versions, lifecycle, log and policy.",
        relations=(
            Relation((*s3.BUCKET, *(type_ for types in PARTS.values() for type_ in types)), have_all_their_parts),
        ),
    ),
    Rule(
        id="ST-07",
        title="Keys serve the services that write with them",
        severity="high",
        sources=("SNS User Guide, encryption with event sources", "CloudWatch Logs User Guide, log encryption"),
        remedy="Let the service use the key in the key's policy, for this account's resources.",
        relations=(
            Relation((*KEY, *ENCRYPTED), serve_who_writes),
            Relation((*KEY, *TOPIC, *TOPIC_POLICY), serve_who_publishes),
        ),
    ),
)
