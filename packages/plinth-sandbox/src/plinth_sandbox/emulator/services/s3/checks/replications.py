"""S3: rules of a replication configuration, its destinations, its role and its keys.

Sources, read 2026-11-22: S3 User Guide, "Requirements and considerations for replication", "Replication configuration
file elements", "Setting up permissions for live replication", "Object Lock considerations" and "Amazon S3 replication
failure reasons"; the messages about destinations are quoted in hashicorp/terraform-provider-aws and
nozaq/terraform-aws-remote-state-s3-backend, issue 107.

S3 reports a role that it cannot assume, and a key of another region, only when it fails to copy. The emulator refuses
both, because such a configuration never copies anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import FakeBucket

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed, principals, statements
from plinth_sandbox.emulator.services.s3.patches.bucket_policies import covers, listed
from plinth_sandbox.emulator.services.s3.patches.bucket_replication import destination_of
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

MOST_RULES = 1_000


def _replication(call: Call) -> None:
    source = find_bucket(str(call.parameters["Bucket"]))
    if source is None:
        return
    configuration = call.parameters["ReplicationConfiguration"]
    rules = configuration["Rules"]
    if len(rules) > MOST_RULES:
        raise _invalid(f"The number of replication rules must not exceed the allowed limit of {MOST_RULES} rules.")
    _check_unique("ID", rules)
    _check_unique("Priority", rules)
    for rule in rules:
        _check_form(rule)
        _check_destination(rule, source)
    _check_role(str(configuration["Role"]), source)


def _check_unique(member: str, rules: Iterable[dict[str, Any]]) -> None:
    counted = Counter(rule[member] for rule in rules if member in rule)
    repeated = [value for value, count in counted.items() if count > 1]
    if repeated:
        raise _invalid(f"{member} must be unique. Found the same {member} for more than one rule: {repeated[0]}")


def _check_form(rule: dict[str, Any]) -> None:
    if "Filter" in rule:
        for member in ("DeleteMarkerReplication", "Priority"):
            if member not in rule:
                raise _invalid(
                    f"{member} must be specified for this version of Cross Region Replication configuration schema."
                )
    encryption = rule["Destination"].get("EncryptionConfiguration")
    if (encryption is not None) != ("SseKmsEncryptedObjects" in rule.get("SourceSelectionCriteria", {})):
        raise _invalid("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
    if encryption is not None and not encryption.get("ReplicaKmsKeyID"):
        raise _invalid("ReplicaKmsKeyID must be specified if EncryptionConfiguration is present.")


def _check_destination(rule: dict[str, Any], source: FakeBucket) -> None:
    destination = destination_of(rule)
    if destination is None:
        raise _invalid("Destination bucket must exist.")
    if destination.name == source.name:
        raise _invalid("Destination bucket cannot be the same as the source bucket.")
    if not destination.is_versioned:
        raise _invalid("Destination bucket must have versioning enabled.")
    if source.object_lock_enabled and not destination.object_lock_enabled:
        raise _invalid("Destination bucket must have Object Lock enabled, because the source bucket has.")
    key = str(rule["Destination"].get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID", ""))
    if key.startswith("arn:") and key.split(":")[3] != destination.region_name:
        raise _invalid(f"The KMS key of the replicas must be in {destination.region_name}, as the destination bucket.")


def _check_role(arn: str, source: FakeBucket) -> None:
    account, _, name = arn.partition(":iam::")[2].partition(":")
    found = [role for role in iam_backends[account]["aws"].roles.values() if role.arn == arn] if name else []
    if not found:
        raise _invalid(f"The replication role does not exist: {arn}")
    trust = parsed(found[0].assume_role_policy_document) or {}
    if not any(_lets_s3_assume(statement, source) for statement in statements(trust)):
        raise _invalid(f"Amazon S3 cannot assume the replication role for {source.name}: {arn}")


def _lets_s3_assume(statement: dict[str, Any], source: FakeBucket) -> bool:
    """Returns whether a statement of a trust policy applies to S3, acting for the bucket. Only conditions about the
    bucket and its account count."""
    caller = {"aws:sourceaccount": source.account_id, "aws:sourcearn": f"arn:aws:s3:::{source.name}"}
    conditions = [
        (caller[key.lower()], values)
        for operator in statement.get("Condition", {}).values()
        for key, values in operator.items()
        if key.lower() in caller
    ]
    return (
        statement.get("Effect") == "Allow"
        and ("Service", "s3.amazonaws.com") in principals(statement)
        and any(covers(str(action), "sts:AssumeRole") for action in listed(statement.get("Action")))
        and all(any(covers(str(pattern), value) for pattern in listed(values)) for value, values in conditions)
    )


def _versioning(call: Call) -> None:
    bucket = find_bucket(str(call.parameters["Bucket"]))
    suspends = call.parameters["VersioningConfiguration"].get("Status") == "Suspended"
    if suspends and getattr(bucket, "replication", None):
        message = (
            "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
            "change the versioning state, first delete the replication configuration."
        )
        raise AwsError("InvalidBucketState", message, status=409)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequest", message, status=400)


CHECKS: Checks = {("s3", "PutBucketReplication"): _replication, ("s3", "PutBucketVersioning"): _versioning}
