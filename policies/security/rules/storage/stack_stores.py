"""Rules about stores as a whole: a bucket with all that belongs to it, and keys that serve who needs them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from policies.security.inputs.policy_attachments import admissions
from policies.security.inputs.policy_documents import Statement
from policies.security.inputs.readers import Unknown
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse
from policies.security.rules.storage import buckets as s3
from policies.security.rules.storage.bucket_policies import POLICY, is_of_jobs_of_the_lake
from policies.security.rules.storage.keys import KEY, KEY_POLICY
from settings.types.kinds import ENVIRONMENTS

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
QUEUE = ("aws:sqs/queue:Queue",)
QUEUE_POLICY = ("aws:sqs/queuePolicy:QueuePolicy",)
POSTED_TO = ((TOPIC, TOPIC_POLICY, "arn"), (QUEUE, QUEUE_POLICY, "queueUrl"))
"""What others put messages into, its policy, and the property by which that names it."""
KEYED: Mapping[str, str] = {
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
"""Where a store names the key that it is encrypted with."""
SHARED_KEYS: Mapping[str, str] = {
    "data-lake": "readers of datasets, and who returns results (DL-08, DL-10)",
    "dataset": "readers of a folder of objects, whom ST-10 holds to what is declared (DL-09)",
    "tooling": "environments that pull what is built, and that register models (SM-24)",
}
"""The share map: kinds whose keys other accounts may use, and for what. What lies in the audit account is written by
services, which ST-06 binds; all else is its own account's."""
OF_THE_OWNER = (
    "kms:creategrant",
    "kms:disablekey",
    "kms:putkeypolicy",
    "kms:schedulekeydeletion",
    "kms:updatealias",
)
PUSHED_TO = tuple(environment for environment in ENVIRONMENTS if environment != "experimentation")
_THROUGH = frozenset({"kms:viaservice"})
_PUSHING = frozenset({"kms:decrypt", "kms:generatedatakey"})
_CALLERS = frozenset({"aws:principalaccount", "kms:calleraccount"})
_KEY_OF = re.compile(r"arn:aws[\w-]*:kms:[^:]+:(\d{12}):")
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
    for types, policy_types, key in POSTED_TO:
        for store in stack.of(types):
            for publisher in _publishers(stack.naming(policy_types, key, store)):
                if _is_shut_out(stack, store, "kmsMasterKeyId", publisher):
                    yield store, refuse("cannot be published to under its key", fix=f"let {publisher} use the key")


def _publishers(policies: Sequence[Subject]) -> list[str]:
    return sorted({name for policy in policies for s in admissions(policy) for name in s.principals_of("Service")})


def is_under_an_own_key(subject: Subject) -> Verdict:
    named = _KEY_OF.match(str(subject.properties.text(KEYED[subject.type])))
    if named is None or not _are_foreign({named[1]}, subject):
        return None
    return refuse("is encrypted with a key of another account", fix="name the key of its own environment")


def opens_where_it_is_shared(subject: Subject) -> Verdict:
    admitted = [
        statement
        for statement in admissions(subject)
        if _admits_others(statement, subject) and not _serves_what_is_pushed(statement, subject)
    ]
    if not admitted:
        return None
    if subject.surroundings.kind not in SHARED_KEYS:
        return refuse("opens to another account", fix="leave the own account alone in its policy")
    if any(statement.covers(action) for statement in admitted for action in OF_THE_OWNER):
        return refuse("lets another account do more than use it", fix="leave its administration to the own account")
    return None


def _serves_what_is_pushed(statement: Statement, subject: Subject) -> bool:
    """Jobs of the lake write into environments where datasets are pushed: under its key, through S3 (INT-07)."""
    return (
        subject.surroundings.kind in PUSHED_TO
        and is_of_jobs_of_the_lake(statement)
        and statement.is_confined_by(_THROUGH)
        and _PUSHING.issuperset(statement.actions)
    )


def _admits_others(statement: Statement, subject: Subject) -> bool:
    """By name, or everybody who is not confined to the own account."""
    callers = [test.values for test in statement.conditions if test.key in _CALLERS and test.confines]
    if statement.is_for_everybody and not callers:
        return True
    named = {account for values in callers for account in values} if statement.is_for_everybody else statement.accounts
    return _are_foreign(named, subject)


def _are_foreign(accounts: Collection[str], subject: Subject) -> bool:
    own = subject.account_ids
    return not isinstance(own, Unknown) and not set(accounts) <= {*own, *subject.surroundings.partner_accounts}


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
        title="Keys serve the services that write with them, their own account, and whom the share map names",
        severity="high",
        sources=("SNS User Guide, encryption with event sources", "CloudWatch Logs User Guide, log encryption"),
        remedy="Let the service use the key in the key's policy, for this account's resources; encrypt with keys of "
        "the own account. Keys of the data lake and of tooling are shared, for use alone; which account uses one is "
        "for its policy, whose accounts ST-06 holds to the organization. No other key opens to another account, but an "
        "environment's to jobs of the lake that push a dataset there, through S3.",
        judges=for_each(tuple(KEYED), is_under_an_own_key) | for_each((*KEY, *KEY_POLICY), opens_where_it_is_shared),
        relations=(
            Relation((*KEY, *ENCRYPTED), serve_who_writes),
            Relation((*KEY, *TOPIC, *TOPIC_POLICY, *QUEUE, *QUEUE_POLICY), serve_who_publishes),
        ),
    ),
)
