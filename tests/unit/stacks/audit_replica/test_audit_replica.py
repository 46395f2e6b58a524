"""The log archive in a second region."""

from functools import cache

import pytest

from components.audit.configuration_history import REPLICATION_ROLE
from settings.derived.stack_graph import StackIdentity
from settings.organization.audit import AuditSettings
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_organization

HOME, SECOND = "eu-west-1", "eu-central-1"
ARCHIVE = f"acme-log-archive-123456789012-{SECOND}-an"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET = "aws:s3/bucket:Bucket"
REPLICA, AUDIT = StackIdentity("audit-replica"), StackIdentity("audit")


@cache
def foundation():
    audit = AuditSettings(replica_region=SECOND, log_retention_days=400, object_lock="compliance")
    return example_foundation(organization=example_organization(allowed_regions=[HOME, SECOND], audit=audit))


@cache
def deployment():
    return Deployment(foundation())


def replica():
    return deployment()["audit-replica"]


def audit():
    return deployment()["audit"]


def test_the_copy_exists_before_the_archive_and_only_with_a_second_region():
    assert REPLICA not in example_foundation().stacks
    assert foundation().stacks[REPLICA] == (StackIdentity("organization"),)
    assert REPLICA in foundation().stacks[AUDIT]
    assert foundation().account_of_stack(REPLICA) == foundation().account_of_stack(AUDIT)


def test_everything_is_in_the_second_region():
    (provider,) = [record for record in replica() if record.is_provider]
    assert provider.inputs["region"] == SECOND
    assert {record.provider for record in replica().resources} == {provider.name}


@pytest.mark.requirement("AUD-03")
def test_the_copy_is_locked_like_the_archive_and_kept():
    bucket = replica().one(BUCKET, "replica-archive")
    assert (bucket.inputs["objectLockEnabled"], bucket.protect, bucket.retain_on_delete) == (True, True, True)
    lock = replica().one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    assert lock["rule"]["defaultRetention"] == {"mode": "COMPLIANCE", "days": 400}


@pytest.mark.requirement("AUD-03")
def test_the_key_of_the_copy_is_kept_as_long_as_the_copy():
    key = replica().one("aws:kms/key:Key")
    assert (key.protect, key.retain_on_delete, key.inputs["deletionWindowInDays"]) == (True, True, 30)


@pytest.mark.requirement("AUD-03")
def test_only_replication_writes_to_the_copy_and_nobody_deletes():
    policy = statements(replica().one("aws:s3/bucketPolicy:BucketPolicy", "replica-archive-policy"))
    assert [sid for sid, found in policy.items() if found["Effect"] == "Allow"] == []
    writer = policy["NobodyWritesByHand"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert writer.endswith(f":role/plinth/{REPLICATION_ROLE}")
    assert "Condition" not in policy["NobodyDeletes"]


@pytest.mark.requirement("AUD-03")
def test_the_archive_and_the_configuration_history_are_copied():
    copied = {record.inputs["bucket"]: record.inputs for record in audit().all(REPLICATION)}
    assert set(copied) == {audit().exports["log_bucket_name"], audit().exports["configuration_bucket_name"]}
    target = f"arn:aws:s3:::{replica().exports['log_bucket_name']}"
    for inputs in copied.values():
        (rule,) = [rule for rule in inputs["rules"] if rule["id"] == "second-region"]
        assert rule["destination"]["bucket"] == target
        assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": replica().exports["key_arn"]}
    assert len({inputs["role"] for inputs in copied.values()}) == 1


def test_the_boundary_of_the_role_includes_the_copy():
    ceiling = statements(audit().one("aws:iam/policy:Policy", "boundary"))
    assert ceiling["WriteSecondRegion"]["Resource"] == f"arn:aws:s3:::{replica().exports['log_bucket_name']}/*"


def test_changes_of_the_copy_raise_the_alarm():
    pattern = (
        audit().one("aws:cloudwatch/logMetricFilter:LogMetricFilter", "alarms-archive-tampered-count").inputs["pattern"]
    )
    assert replica().exports["log_bucket_name"] in pattern


def test_without_a_second_region_the_archive_is_not_copied():
    assert len(Deployment(example_foundation())["audit"].all(REPLICATION)) == 1
