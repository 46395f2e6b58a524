import pytest

from components.audit.deliveries import Deliveries
from components.audit.log_archive import LogArchive, LogArchiveArgs
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY, ORGANIZATION

TRAIL = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/acme-organization"
DEPLOYMENT = "arn:aws:iam::*:role/OrganizationAccountAccessRole"
BREAK_GLASS = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_BreakGlass_*"
BUCKET = "arn:aws:s3:::archive"


def archive(**changes):
    args = {
        "bucket_name": "archive",
        "key_arn": KEY,
        "organization_id": ORGANIZATION,
        "deliveries": Deliveries(organization_id=ORGANIZATION, trail_arn=TRAIL),
        "log_bucket_name": "logs",
        "retention_days": 2557,
        "deployment_roles": (DEPLOYMENT,),
        "break_glass_roles": (BREAK_GLASS,),
    } | changes
    return LogArchive("archive", LogArchiveArgs(**args))


def policy(**changes):
    return statements(deploy(lambda: archive(**changes)).one("aws:s3/bucketPolicy:BucketPolicy"))


@pytest.mark.requirement("AUD-03")
@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_every_log_is_locked_for_its_whole_retention(mode):
    recorder = deploy(lambda: archive(object_lock=mode))
    lock = recorder.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    lifecycle = recorder.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs
    assert lock["rule"]["defaultRetention"] == {"mode": mode.upper(), "days": 2557}
    assert lifecycle["rules"][0]["expiration"] == {"days": 2557}
    assert recorder.one("aws:s3/bucket:Bucket").inputs["objectLockEnabled"] is True


@pytest.mark.requirement("AUD-03")
def test_the_archive_is_kept_when_its_stack_is_destroyed():
    bucket = deploy(archive).one("aws:s3/bucket:Bucket")
    assert (bucket.protect, bucket.retain_on_delete, bucket.inputs["forceDestroy"]) == (True, True, False)


@pytest.mark.requirement("AUD-03")
def test_only_break_glass_roles_can_delete_logs():
    refusal = policy()["NobodyDeletes"]
    assert (refusal["Effect"], refusal["Principal"]) == ("Deny", "*")
    assert {"s3:DeleteObject*", "s3:DeleteBucket", "s3:BypassGovernanceRetention"} <= set(refusal["Action"])
    assert refusal["Resource"] == [BUCKET, f"{BUCKET}/*"]
    assert refusal["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": BREAK_GLASS}}


@pytest.mark.requirement("AUD-03")
@pytest.mark.parametrize("changes", [{"object_lock": "compliance"}, {"break_glass_roles": ()}])
def test_without_applicable_break_glass_roles_nobody_can_delete_logs(changes):
    assert "Condition" not in policy(**changes)["NobodyDeletes"]


@pytest.mark.requirement("AUD-03")
def test_only_aws_services_write():
    refusal = policy()["NobodyWritesByHand"]
    assert (refusal["Effect"], refusal["Principal"]) == ("Deny", "*")
    assert "s3:PutObject*" in refusal["Action"]
    assert refusal["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}


def test_without_deliveries_nobody_is_allowed_anything():
    assert [sid for sid, found in policy(deliveries=None).items() if found["Effect"] == "Allow"] == []


def test_only_the_given_role_of_replication_writes_besides_services():
    refusal = policy(replication_role="arn:aws:iam::111111111111:role/plinth/copy")["NobodyWritesByHand"]
    assert refusal["Condition"] == {
        "Bool": {"aws:PrincipalIsAWSService": "false"},
        "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/plinth/copy"},
    }


@pytest.mark.requirement("AUD-03")
def test_only_deployment_roles_change_the_settings_of_the_archive():
    refusal = policy()["SettingsStay"]
    assert {"s3:PutBucketPolicy", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration"} <= set(
        refusal["Action"]
    )
    assert refusal["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": DEPLOYMENT}}
    assert "SettingsStay" not in policy(deployment_roles=())


@pytest.mark.parametrize(
    ("sid", "service", "below"),
    [
        ("TrailOfTheOrganization", "cloudtrail", ["AWSLogs/*"]),
        (
            "NetworkLogsOfTheOrganization",
            "delivery.logs",
            ["AWSLogs/*/network-firewall/*", "AWSLogs/*/vpcdnsquerylogs/*", "AWSLogs/*/vpcflowlogs/*"],
        ),
    ],
)
def test_each_service_writes_under_its_own_prefix_for_this_organization_only(sid, service, below):
    statement = policy()[sid]
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Action"] == "s3:PutObject"
    assert resources == [f"{BUCKET}/{prefix}" for prefix in below]
    assert statement["Condition"]["StringEquals"]["aws:SourceOrgID"] == ORGANIZATION


def test_only_the_trail_of_the_organization_may_deliver():
    for sid in ("TrailChecks", "TrailOfTheOrganization"):
        assert policy()[sid]["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL


def test_only_delivering_services_are_allowed_anything():
    allowed = [statement for statement in policy().values() if statement["Effect"] == "Allow"]
    assert {statement["Principal"]["Service"] for statement in allowed} == {
        "cloudtrail.amazonaws.com",
        "delivery.logs.amazonaws.com",
    }


def test_logs_are_encrypted_with_the_given_key_and_access_is_logged():
    recorder = deploy(archive)
    encryption = recorder.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs["rules"][0]
    assert encryption["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert recorder.one("aws:s3/bucketLogging:BucketLogging").inputs["targetBucket"] == "logs"


def test_a_retention_under_a_year_is_refused_with_the_limit():
    with pytest.raises(ValueError, match="364 is too short"):
        archive(retention_days=364)


def test_a_preview_with_unknowns_registers_the_same_resources():
    assert {r.urn for r in deploy(archive, preview=True)} == {r.urn for r in deploy(archive)}
