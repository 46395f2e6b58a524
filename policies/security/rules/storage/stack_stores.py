"""Stack rules about storage: a bucket's accompanying resources, and key policies that admit the right services."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import Statement
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.storage import buckets as s3
from policies.security.rules.storage.access_logs import receives_access_logs
from policies.security.rules.storage.bucket_policies import POLICY, is_of_jobs_of_the_lake
from policies.security.rules.storage.keys import KEY, KEY_POLICY
from settings.types.kinds import ENVIRONMENTS

BUCKET_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "public access block": ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
    "ownership": s3.OWNERSHIP,
    "encryption": s3.ENCRYPTION,
    "versioning": s3.VERSIONING,
    "lifecycle": s3.LIFECYCLE,
    "access log": s3.LOGGING,
    "policy": POLICY,
}
"""Resource types that every bucket needs, by a name for messages."""

TOPIC = ("aws:sns/topic:Topic",)
TOPIC_POLICY = ("aws:sns/topicPolicy:TopicPolicy",)
QUEUE = ("aws:sqs/queue:Queue",)
QUEUE_POLICY = ("aws:sqs/queuePolicy:QueuePolicy",)
MESSAGE_TARGETS = ((TOPIC, TOPIC_POLICY, "arn"), (QUEUE, QUEUE_POLICY, "queueUrl"))
"""Topics and queues, with their policy type and the property in which the policy names them."""
KEY_PROPERTIES: Mapping[str, str] = {
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
"""Property with the KMS key, by type."""
SHARED_KEY_KINDS: Mapping[str, str] = {
    "data-lake": "readers of datasets, and teams that deliver results (DL-08, DL-10)",
    "dataset": "declared readers of an object dataset, checked by ST-10 (DL-09)",
    "tooling": "environments that pull build outputs and register models (SM-24)",
}
"""Kinds whose keys other accounts may use, and for what. In the audit account, only services use the keys (ST-06). Keys
of all other kinds are for their own account."""
ADMINISTRATION = (
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
SERVICE_WRITTEN: Mapping[str, tuple[str, str]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("kmsKeyId", "logs."),
    "aws:cloudtrail/trail:Trail": ("kmsKeyId", "cloudtrail."),
}
"""Property with the key, and prefix of the service principal, by type that a service writes to as itself."""


def buckets_have_their_resources(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each bucket has its accompanying resources. A resource counts only if it is known to name the
    bucket."""
    for bucket in stack.of(s3.BUCKET):
        missing = [part for part, types in BUCKET_RESOURCES.items() if not stack.referring(types, "bucket", bucket)]
        if "access log" in missing and receives_access_logs(stack, bucket):
            missing.remove("access log")  # It would log its own log deliveries.
        if missing:
            yield bucket, violation(f"has no {', '.join(missing)}", fix="add the missing resources for this bucket")


def keys_admit_writing_services(stack: Stack) -> Iterator[CheckResult]:
    for type_, (key, service) in SERVICE_WRITTEN.items():
        for store in stack.of((type_,)):
            if _key_excludes(stack, store, key, service):
                yield (
                    store,
                    violation(
                        "has a key that its service may not use", fix=f"allow {service}amazonaws.com to use the key"
                    ),
                )


def keys_admit_publishers(stack: Stack) -> Iterator[CheckResult]:
    for types, policy_types, key in MESSAGE_TARGETS:
        for store in stack.of(types):
            for publisher in _publishers(stack.referring(policy_types, key, store)):
                if _key_excludes(stack, store, "kmsMasterKeyId", publisher):
                    yield (
                        store,
                        violation("has a key that its publisher may not use", fix=f"allow {publisher} to use the key"),
                    )


def _publishers(policies: Sequence[Resource]) -> list[str]:
    return sorted({name for policy in policies for s in resource_grants(policy) for name in s.principals_of("Service")})


def uses_an_own_key(resource: Resource) -> Violation | None:
    named = _KEY_OF.match(str(resource.properties.text(KEY_PROPERTIES[resource.type])))
    if named is None or not _are_foreign({named[1]}, resource):
        return None
    return violation("is encrypted with a key of another account", fix="use the key of its own environment")


def admits_other_accounts_only_if_shared(resource: Resource) -> Violation | None:
    admitted = [
        statement
        for statement in resource_grants(resource)
        if _admits_others(statement, resource) and not _admits_pushing_jobs(statement, resource)
    ]
    if not admitted:
        return None
    if resource.context.kind not in SHARED_KEY_KINDS:
        return violation("allows another account", fix="allow only the own account in its policy")
    if any(statement.covers(action) for statement in admitted for action in ADMINISTRATION):
        return violation("allows another account to administer it", fix="leave administration to the own account")
    return None


def _admits_pushing_jobs(statement: Statement, resource: Resource) -> bool:
    """Whether a statement lets jobs of the lake push datasets to an environment, under its key and through S3
    (INT-07)."""
    return (
        resource.context.kind in PUSHED_TO
        and is_of_jobs_of_the_lake(statement)
        and statement.is_confined_by(_THROUGH)
        and _PUSHING.issuperset(statement.actions)
    )


def _admits_others(statement: Statement, resource: Resource) -> bool:
    """Whether a statement names another account, or every principal without a condition on the own account."""
    callers = [test.values for test in statement.conditions if test.key in _CALLERS and test.confines]
    if statement.is_for_everybody and not callers:
        return True
    named = {account for values in callers for account in values} if statement.is_for_everybody else statement.accounts
    return _are_foreign(named, resource)


def _are_foreign(accounts: Collection[str], resource: Resource) -> bool:
    own = resource.account_ids
    return not isinstance(own, Unknown) and not set(accounts) <= {*own, *resource.context.partner_accounts}


def _key_excludes(stack: Stack, store: Resource, property_: str, service: str) -> bool:
    """Whether a key of this stack does not allow the service. The policy of another stack's key is unknown here."""
    return any(
        refers_to(store, property_, key) and not _admits_service(key, service)
        for key in stack.of(KEY)
        if _has_known_policy(key)
    )


def _has_known_policy(key: Resource) -> bool:
    return not isinstance(key.properties.value("policy"), Unknown)


def _admits_service(key: Resource, service: str) -> bool:
    usable = [statement for statement in resource_grants(key) if statement.covers("kms:generatedatakey")]
    return any(name.startswith(service) for statement in usable for name in statement.principals_of("Service"))


RULES = (
    Rule(
        id="ST-04",
        title="Buckets have all accompanying resources",
        severity="critical",
        sources=("FSBP S3.1", "FSBP S3.5", "FSBP S3.12", "FSBP S3.14", "CKV2_AWS_6"),
        remedy="Give every bucket a public access block, ownership controls, encryption, versioning, a lifecycle, an "
        "access log and a policy.",
        stack_checks=(
            StackCheck(
                (*s3.BUCKET, *(type_ for types in BUCKET_RESOURCES.values() for type_ in types)),
                buckets_have_their_resources,
            ),
        ),
    ),
    Rule(
        id="ST-07",
        title="Keys admit the services that write with them, their own account, and declared other accounts",
        severity="high",
        sources=("SNS User Guide, encryption with event sources", "CloudWatch Logs User Guide, log encryption"),
        remedy="In the key policy, allow the service to use the key for this account's resources. Encrypt with keys of "
        "the own account. Other accounts may use, but not administer, keys of the data lake and of tooling; the key "
        "policy names them, and ST-06 limits them to the organization. No other key admits another account, with one "
        "exception: jobs of the lake that push a dataset to an environment may use its key through S3.",
        checks=for_each(tuple(KEY_PROPERTIES), uses_an_own_key)
        | for_each((*KEY, *KEY_POLICY), admits_other_accounts_only_if_shared),
        stack_checks=(
            StackCheck((*KEY, *SERVICE_WRITTEN), keys_admit_writing_services),
            StackCheck((*KEY, *TOPIC, *TOPIC_POLICY, *QUEUE, *QUEUE_POLICY), keys_admit_publishers),
        ),
    ),
)
