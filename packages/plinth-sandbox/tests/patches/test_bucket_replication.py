"""S3 replication: what a configuration is refused for, and the copies that it makes."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

ENABLED = {"Status": "Enabled"}
KEY = f"arn:aws:kms:{REGION}:{MANAGEMENT}:key/11111111-2222-3333-4444-555555555555"
UNTIL = "2035-01-01"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Pair:
    """Two buckets with versions, and a role with which S3 can copy from the first to the second."""

    s3: Any
    source: str
    target: str
    role: str

    def rule(self, **changes: Any) -> dict[str, Any]:
        return {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{self.target}"},
        } | changes

    def request(self, *rules: dict[str, Any], role: str | None = None) -> dict[str, Any]:
        configuration = {"Role": role or self.role, "Rules": list(rules or [self.rule()])}
        return {"Bucket": self.source, "ReplicationConfiguration": configuration}

    def configure(self, *rules: dict[str, Any]) -> None:
        self.s3.put_bucket_replication(**self.request(*rules))

    def refused(self, *rules: dict[str, Any], role: str | None = None) -> bool:
        return refusal(self.s3.put_bucket_replication, **self.request(*rules, role=role)) == "InvalidRequest"

    def put(self, key: str, body: bytes = b"text", **members: Any) -> str:
        """Puts an object into the source and returns the replication status that it then has."""
        self.s3.put_object(Bucket=self.source, Key=key, Body=body, **members)
        return str(self.s3.head_object(Bucket=self.source, Key=key).get("ReplicationStatus"))

    def copied(self) -> list[str]:
        return [object_["Key"] for object_ in self.s3.list_objects_v2(Bucket=self.target).get("Contents", [])]


def _bucket(s3: Any, *, versions: bool = True, **members: Any) -> str:
    name = f"replicated-{next(_numbers)}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **members)
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=ENABLED)
    return name


def _role(aws: EmulatedAws, service: str = "s3", **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    made = aws.client("iam").create_role(
        RoleName=f"replication-{next(_numbers)}", AssumeRolePolicyDocument=json.dumps(trust)
    )
    return str(made["Role"]["Arn"])


@pytest.fixture
def pair(aws: EmulatedAws) -> Pair:
    s3 = aws.client("s3")
    source = _bucket(s3)
    condition = {
        "StringEquals": {"aws:SourceAccount": MANAGEMENT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
    }
    return Pair(s3, source, _bucket(s3), _role(aws, **condition))


def test_a_configuration_reads_back_and_can_be_deleted(pair: Pair) -> None:
    pair.configure()
    read = pair.s3.get_bucket_replication(Bucket=pair.source)["ReplicationConfiguration"]
    assert read["Rules"] == [pair.rule()]
    pair.s3.delete_bucket_replication(Bucket=pair.source)
    assert refusal(pair.s3.get_bucket_replication, Bucket=pair.source) == "ReplicationConfigurationNotFoundError"
    assert pair.put("later") == "None"
    assert pair.copied() == []


def test_both_buckets_exist_and_keep_versions(pair: Pair) -> None:
    without_versions = Pair(pair.s3, _bucket(pair.s3, versions=False), pair.target, pair.role)
    assert without_versions.refused()
    assert pair.refused(pair.rule(Destination={"Bucket": "arn:aws:s3:::replicated-nowhere"}))
    assert pair.refused(pair.rule(Destination={"Bucket": f"arn:aws:s3:::{pair.source}"}))
    unversioned = _bucket(pair.s3, versions=False)
    assert pair.refused(pair.rule(Destination={"Bucket": f"arn:aws:s3:::{unversioned}"}))


def test_the_copies_of_a_locked_bucket_are_locked(aws: EmulatedAws, pair: Pair) -> None:
    locked = _bucket(pair.s3, ObjectLockEnabledForBucket=True)
    other = _bucket(pair.s3, ObjectLockEnabledForBucket=True)
    assert Pair(pair.s3, locked, pair.target, _role(aws)).refused()
    Pair(pair.s3, locked, other, _role(aws)).configure()
    Pair(pair.s3, pair.source, other, pair.role).configure()


@pytest.mark.parametrize(
    "changes",
    [
        {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": ENABLED}},
        {"Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY}}},
        {
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": ENABLED},
            "Destination": {"EncryptionConfiguration": {}},
        },
        {
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": ENABLED},
            "Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY.replace(REGION, "eu-central-1")}},
        },
    ],
    ids=["no key", "no selection", "empty encryption", "key of another region"],
)
def test_encrypted_objects_are_selected_together_with_a_key_beside_the_copies(
    pair: Pair, changes: dict[str, dict[str, Any]]
) -> None:
    rule = pair.rule()
    assert pair.refused(rule | {name: rule.get(name, {}) | change for name, change in changes.items()})


@pytest.mark.parametrize("missing", ["Priority", "DeleteMarkerReplication"])
def test_a_rule_with_a_filter_is_complete(pair: Pair, missing: str) -> None:
    assert pair.refused({name: value for name, value in pair.rule().items() if name != missing})


def test_rules_differ_in_id_and_priority_and_are_a_thousand_at_most(pair: Pair) -> None:
    assert pair.refused(pair.rule(), pair.rule(Priority=2))
    assert pair.refused(pair.rule(), pair.rule(ID="others"))
    many = [pair.rule(ID=f"{n}", Priority=n) for n in range(1_001)]
    assert pair.refused(*many)
    pair.configure(*many[:1_000])


def test_s3_can_assume_the_role_for_the_bucket(aws: EmulatedAws, pair: Pair) -> None:
    assert pair.refused(role=f"arn:aws:iam::{MANAGEMENT}:role/replication-nobody")
    assert pair.refused(role=_role(aws, "lambda"))
    assert pair.refused(role=_role(aws, ArnLike={"aws:SourceArn": f"arn:aws:s3:::{pair.target}"}))
    assert pair.refused(role=_role(aws, StringEquals={"aws:SourceAccount": "999999999999"}))


def test_a_replicated_bucket_keeps_its_versions(pair: Pair) -> None:
    pair.configure()
    suspended = {"Bucket": pair.source, "VersioningConfiguration": {"Status": "Suspended"}}
    assert refusal(pair.s3.put_bucket_versioning, **suspended) == "InvalidBucketState"
    pair.s3.delete_bucket_replication(Bucket=pair.source)
    pair.s3.put_bucket_versioning(**suspended)


def test_a_new_version_is_copied_with_its_id_tags_and_metadata(pair: Pair) -> None:
    pair.s3.put_object(Bucket=pair.source, Key="before", Body=b"older than the configuration")
    pair.configure()
    assert pair.put("a/letter", Tagging="team=fraud", Metadata={"origin": "scan"}, ContentType="text/plain") == (
        "COMPLETED"
    )
    assert pair.copied() == ["a/letter"]
    original = pair.s3.head_object(Bucket=pair.source, Key="a/letter")
    replica = pair.s3.get_object(Bucket=pair.target, Key="a/letter")
    assert replica["Body"].read() == b"text"
    assert replica["ReplicationStatus"] == "REPLICA"
    for member in ("VersionId", "ETag", "LastModified", "Metadata", "ContentType"):
        assert replica[member] == original[member], member
    tags = pair.s3.get_object_tagging(Bucket=pair.target, Key="a/letter")["TagSet"]
    assert tags == [{"Key": "team", "Value": "fraud"}]


def test_copies_and_uploads_in_parts_are_new_versions_too(pair: Pair) -> None:
    pair.configure()
    pair.put("one")
    pair.s3.copy_object(Bucket=pair.source, Key="two", CopySource=f"{pair.source}/one")
    upload = {"Bucket": pair.source, "Key": "three"}
    upload["UploadId"] = pair.s3.create_multipart_upload(**upload)["UploadId"]
    part = pair.s3.upload_part(**upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    pair.s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert pair.copied() == ["one", "three", "two"]
    assert pair.s3.get_object(Bucket=pair.target, Key="three")["Body"].read() == b"part"


def test_only_what_a_rule_selects_is_copied(pair: Pair) -> None:
    tagged = {"And": {"Prefix": "logs/", "Tags": [{"Key": "keep", "Value": "yes"}]}}
    pair.configure(pair.rule(Filter=tagged), pair.rule(ID="off", Priority=2, Status="Disabled"))
    assert pair.put("logs/kept", Tagging="keep=yes") == "COMPLETED"
    assert pair.put("logs/other", Tagging="keep=no") == "None"
    assert pair.put("other/kept", Tagging="keep=yes") == "None"
    assert pair.copied() == ["logs/kept"]


def test_encrypted_objects_are_copied_only_if_selected_and_with_the_key_of_the_copies(
    aws: EmulatedAws, pair: Pair
) -> None:
    pair.configure()
    key, other = (aws.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert pair.put("ignored", **encrypted) == "None"
    destination = pair.rule()["Destination"] | {"EncryptionConfiguration": {"ReplicaKmsKeyID": other}}
    pair.configure(pair.rule(Destination=destination, SourceSelectionCriteria={"SseKmsEncryptedObjects": ENABLED}))
    assert pair.put("copied", **encrypted) == "COMPLETED"
    assert pair.s3.head_object(Bucket=pair.target, Key="copied")["SSEKMSKeyId"] == other


def test_every_destination_has_a_copy_and_a_copy_is_not_copied_again(aws: EmulatedAws, pair: Pair) -> None:
    third = _bucket(pair.s3)
    Pair(pair.s3, pair.target, third, _role(aws)).configure()
    pair.configure()
    assert pair.put("once") == "COMPLETED"
    assert (pair.copied(), Pair(pair.s3, pair.target, third, "").copied()) == (["once"], [])
    pair.configure(pair.rule(), pair.rule(ID="third", Priority=2, Destination={"Bucket": f"arn:aws:s3:::{third}"}))
    assert pair.put("twice") == "COMPLETED"
    assert pair.copied() == ["once", "twice"]
    assert Pair(pair.s3, pair.target, third, "").copied() == ["twice"]


def test_deletions_are_not_copied(pair: Pair) -> None:
    pair.configure()
    pair.put("kept")
    pair.s3.delete_object(Bucket=pair.source, Key="kept")
    assert pair.copied() == ["kept"]


def test_a_copy_is_retained_like_its_original_or_else_by_default(aws: EmulatedAws, pair: Pair) -> None:
    source = _bucket(pair.s3, ObjectLockEnabledForBucket=True)
    target = _bucket(pair.s3, ObjectLockEnabledForBucket=True)
    locked = Pair(pair.s3, source, target, _role(aws))
    default = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 9}}}
    pair.s3.put_object_lock_configuration(Bucket=target, ObjectLockConfiguration=default)
    locked.configure()
    locked.put("held", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=f"{UNTIL}T00:00:00Z")
    held = pair.s3.head_object(Bucket=target, Key="held")
    assert (held["ObjectLockMode"], f"{held['ObjectLockRetainUntilDate']:%Y-%m-%d}") == ("GOVERNANCE", UNTIL)
    locked.put("plain")
    assert pair.s3.head_object(Bucket=target, Key="plain")["ObjectLockMode"] == "COMPLIANCE"


def test_a_copy_that_its_destination_cannot_have_fails(pair: Pair) -> None:
    pair.configure()
    pair.s3.put_bucket_versioning(Bucket=pair.target, VersioningConfiguration={"Status": "Suspended"})
    assert pair.put("lost") == "FAILED"
    pair.s3.delete_bucket(Bucket=pair.target)
    assert pair.put("lost too") == "FAILED"
