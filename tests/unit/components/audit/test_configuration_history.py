from dataclasses import replace

import pulumi
import pytest

from components.audit.configuration_history import ConfigurationHistory, ConfigurationHistoryArgs, Replication
from components.audit.deliveries import Deliveries
from components.storage.replication import EncryptedBuckets
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY, ORGANIZATION

TRAIL = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/acme-organization"
DEPLOYMENT = "arn:aws:iam::*:role/OrganizationAccountAccessRole"
BREAK_GLASS = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_BreakGlass_*"
BUCKET, ARCHIVE = "arn:aws:s3:::history", "arn:aws:s3:::archive"
REPLICATION = Replication(
    account_id="111111111111", region="eu-west-1", source_name="history", archive_name="archive", key_arn=KEY
)


def history(**changes):
    args = {
        "replication": REPLICATION,
        "archive_name": "archive",
        "boundary_arn": "arn:aws:iam::111111111111:policy/plinth/boundary",
        "deliveries": Deliveries(organization_id=ORGANIZATION, trail_arn=TRAIL),
        "log_bucket_name": "logs",
        "deployment_roles": (DEPLOYMENT,),
        "break_glass_roles": (BREAK_GLASS,),
    } | changes
    parent = pulumi.ComponentResource("test:audit:Parent", "parent")
    return ConfigurationHistory("history", ConfigurationHistoryArgs(**args), parent=parent)


ELSEWHERE = EncryptedBuckets(names=["copy"], key_arn=KEY.replace("eu-west-1", "eu-central-1"), region="eu-central-1")
WITH_SECOND_REGION = replace(REPLICATION, elsewhere=ELSEWHERE)


def copying():
    """Deploys a configuration history whose archive is copied into a second region."""
    return deploy(lambda: history(replication=WITH_SECOND_REGION))


def policy(**changes):
    return statements(deploy(lambda: history(**changes)).one("aws:s3/bucketPolicy:BucketPolicy"))


def rule():
    replication = deploy(history).one("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs
    assert replication["bucket"] == "history"
    (only,) = replication["rules"]
    return only


@pytest.mark.requirement("AUD-03")
def test_config_delivers_to_a_bucket_without_object_lock():
    recorder = deploy(history)
    bucket = recorder.one("aws:s3/bucket:Bucket")
    assert "objectLockEnabled" not in bucket.inputs
    assert not recorder.all("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert (bucket.protect, bucket.inputs["forceDestroy"]) == (True, False)


@pytest.mark.requirement("AUD-03")
def test_every_object_is_copied_to_the_archive_and_no_deletion_is():
    assert rule()["status"] == "Enabled"
    assert rule()["filter"] == {"prefix": ""}
    assert rule()["deleteMarkerReplication"] == {"status": "Disabled"}
    assert rule()["destination"] == {
        "bucket": ARCHIVE,
        "encryptionConfiguration": {"replicaKmsKeyId": KEY},
    }
    assert rule()["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}


@pytest.mark.requirement("AUD-03")
def test_only_config_of_this_organization_writes_and_nobody_deletes():
    written = policy()
    allowed = {sid: found for sid, found in written.items() if found["Effect"] == "Allow"}
    assert {found["Principal"]["Service"] for found in allowed.values()} == {"config.amazonaws.com"}
    delivery = allowed["ConfigOfTheOrganization"]
    assert delivery["Resource"] == f"{BUCKET}/AWSLogs/*/Config/*"
    assert delivery["Condition"]["StringEquals"]["aws:SourceOrgID"] == ORGANIZATION
    assert written["NobodyWritesByHand"]["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert written["NobodyDeletes"]["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": BREAK_GLASS}}
    assert "s3:PutReplicationConfiguration" in written["SettingsStay"]["Action"]


def test_the_role_reads_this_bucket_and_writes_replicas_of_the_history_only():
    recorder = deploy(history)
    role = recorder.one("aws:iam/role:Role")
    assert f"{role.inputs['path']}{role.inputs['name']}" == "/plinth/audit-history-replication"
    trust = statements(role, "assumeRolePolicy")["AssumedByServiceForThisAccount"]
    assert trust["Principal"] == {"Service": "s3.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == "111111111111"
    granted = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))
    assert granted["FindVersions"]["Resource"] == BUCKET
    assert granted["ReadVersions"]["Resource"] == f"{BUCKET}/AWSLogs/*/Config/*"
    assert granted["WriteReplicas"]["Resource"] == f"{ARCHIVE}/AWSLogs/*/Config/*"
    assert granted["EncryptReplicas"]["Resource"] == KEY


def test_the_history_is_also_copied_to_the_second_region_because_s3_does_not_copy_replicas_further():
    rules = copying().one("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs["rules"]
    assert [
        (replication_rule["id"], replication_rule["priority"], replication_rule["destination"]["bucket"])
        for replication_rule in rules
    ] == [
        ("archive", 1, ARCHIVE),
        ("second-region", 2, "arn:aws:s3:::copy"),
    ]
    assert rules[1]["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": ELSEWHERE.key_arn}


def test_the_role_copies_the_locked_archive_with_its_retention():
    recorder = copying()
    granted = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))
    assert granted["FindLogs"]["Resource"] == ARCHIVE
    assert granted["ReadLogs"]["Resource"] == f"{ARCHIVE}/*"
    assert {"s3:GetObjectRetention", "s3:GetObjectLegalHold"} < set(granted["ReadLogs"]["Action"])
    assert granted["WriteSecondRegion"]["Resource"] == "arn:aws:s3:::copy/*"
    assert granted["EncryptSecondRegion"]["Resource"] == ELSEWHERE.key_arn
    assert "kms:Decrypt" not in granted["EncryptSecondRegion"]["Action"]
    trust = statements(recorder.one("aws:iam/role:Role"), "assumeRolePolicy")["AssumedByServiceForThisAccount"]
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"] == [BUCKET, ARCHIVE]


def test_a_preview_with_unknowns_registers_the_same_resources():
    assert {r.urn for r in deploy(history, preview=True)} == {r.urn for r in deploy(history)}
