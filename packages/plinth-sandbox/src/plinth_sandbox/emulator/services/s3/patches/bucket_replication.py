"""S3: replication of new object versions, which moto does not perform.

A version is copied at once, when it was put, copied or assembled from parts. Later changes to its tags, its retention
or its metadata are not copied, and neither are deletions.

Sources, read 2026-11-22: S3 User Guide, "What does Amazon S3 replicate?", "Getting replication status information",
"Object Lock considerations" and "Amazon S3 replication failure reasons".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.s3.patches.access_points import bucket_behind
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket

Rule = dict[str, Any]

STATUS = "replication_status"
"""Attribute of an object version with its replication status, which moto does not know."""


def patch_moto() -> None:
    read: Callable[[FakeKey], dict[str, Any]] = FakeKey.response_dict.fget
    FakeKey.response_dict = property(lambda key: read(key) | _status_header(key))


def destination_of(rule: Rule) -> FakeBucket | None:
    """Returns the bucket that a rule copies to, if it exists."""
    return find_bucket(str(rule["Destination"]["Bucket"]).rpartition(":")[2])


def _status_header(key: FakeKey) -> dict[str, str]:
    status = getattr(key, STATUS, None)
    return {} if status is None else {"x-amz-replication-status": status}


def _put_and_copy(exchange: Exchange) -> Answer:
    answer = exchange.below()
    name = bucket_behind(str(exchange.call.parameters["Bucket"]))
    configured = exchange.memory.notes("s3", name).get("GetBucketReplication ")
    source = find_bucket(name)
    if answer.succeeded and configured and source is not None:
        version = source.keys.get(exchange.call.parameters["Key"])
        rules = list(_effective(configured["ReplicationConfiguration"]["Rules"], source, version))
        if rules:
            copied = [_copy(version, rule, source) for rule in rules]
            setattr(version, STATUS, "COMPLETED" if all(copied) else "FAILED")
    return answer


def _effective(rules: list[Rule], source: FakeBucket, version: FakeKey) -> Iterator[Rule]:
    """Yields the rules that apply to a version, one for each destination: the one with the highest priority."""
    tags = _tags(source, version)
    destinations: set[str] = set()
    for rule in sorted(rules, key=lambda candidate: -int(candidate.get("Priority", 0))):
        destination = rule["Destination"]["Bucket"]
        if destination not in destinations and _applies(rule, version, tags):
            destinations.add(destination)
            yield rule


def _applies(rule: Rule, version: FakeKey, tags: dict[str, str]) -> bool:
    selected = rule.get("Filter", {})
    both = selected.get("And", {})
    prefix = both.get("Prefix") or selected.get("Prefix") or rule.get("Prefix") or ""
    wanted = [*both.get("Tags", []), *([selected["Tag"]] if "Tag" in selected else [])]
    encrypted = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    return (
        rule["Status"] == "Enabled"
        and version.name.startswith(prefix)
        and all(tags.get(tag["Key"]) == tag["Value"] for tag in wanted)
        and (encrypted or version.encryption != "aws:kms")
    )


def _copy(version: FakeKey, rule: Rule, source: FakeBucket) -> bool:
    """Copies a version to the destination of a rule. Returns false if the destination cannot have it."""
    destination = destination_of(rule)
    if (
        destination is None
        or not destination.is_versioned
        or (source.object_lock_enabled and not destination.object_lock_enabled)
    ):
        return False
    backend = s3_backends[destination.account_id]["aws"]
    key_id = rule["Destination"].get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
    replica = backend.put_object(
        destination.name,
        version.name,
        version.value,
        storage=rule["Destination"].get("StorageClass") or version.storage_class,
        etag=version.etag.strip('"'),
        multipart=version.multipart,
        encryption="aws:kms" if key_id and version.encryption == "aws:kms" else version.encryption,
        kms_key_id=key_id,
        bucket_key_enabled=version.bucket_key_enabled,
        checksum_value=version.checksum_value,
        disable_notification=True,
        **_lock(version, destination),
    )
    # A replica has the version id and the time of its source.
    replica._version_id, replica.last_modified = version.version_id, version.last_modified
    replica.set_metadata(dict(version.metadata))
    backend.tagger.tag_resource(replica.arn, backend.tagger.convert_dict_to_tags_input(_tags(source, version)))
    setattr(replica, STATUS, "REPLICA")
    return True


def _lock(version: FakeKey, destination: FakeBucket) -> dict[str, str | None]:
    """Returns the retention of a replica: that of its source, or else the default of the destination."""
    mode, until = version.lock_mode, version.lock_until
    if not mode and destination.has_default_lock:
        mode, until = destination.default_lock_mode, destination.default_retention()
    return {"lock_mode": mode, "lock_until": until, "lock_legal_status": version.lock_legal_status}


def _tags(bucket: FakeBucket, version: FakeKey) -> dict[str, str]:
    return dict(s3_backends[bucket.account_id]["aws"].tagger.get_tag_dict_for_resource(version.arn))


PATCHES: Patches = dict.fromkeys(("PutObject", "CopyObject", "CompleteMultipartUpload"), _put_and_copy)
