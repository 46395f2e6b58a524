import pulumi_aws as aws
import pytest

from components.storage.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def private(**changes):
    args = {"bucket_name": "ml", "key_arn": KEY, "organization_id": ORGANIZATION, "log_bucket_name": "logs"} | changes
    return PrivateBucket("ml", PrivateBucketArgs(**args))


def logs(**changes):
    args = {"bucket_name": "logs", "account_id": ACCOUNT, "organization_id": ORGANIZATION, "retention_days": 365}
    return AccessLogBucket("access-logs", AccessLogBucketArgs(**args | changes))


@pytest.mark.requirement("S3-10")
def test_new_objects_are_encrypted_with_the_given_key():
    rule = deploy(private).one(ENCRYPTION).inputs["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


@pytest.mark.requirement("S3-10")
@pytest.mark.parametrize("bucket", [private, logs])
def test_all_four_kinds_of_public_access_are_blocked(bucket):
    block = deploy(bucket).one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {name for name, value in block.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }


@pytest.mark.requirement("S3-10")
@pytest.mark.parametrize("bucket", [private, logs])
def test_plain_http_and_old_tls_are_refused_for_the_bucket_and_its_objects(bucket):
    refusals = statements(deploy(bucket).one(POLICY))
    arn = f"arn:aws:s3:::{'ml' if bucket is private else 'logs'}"
    for sid, condition in {
        "RefusePlainHttp": {"Bool": {"aws:SecureTransport": "false"}},
        "RefuseOldTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }.items():
        assert refusals[sid]["Effect"] == "Deny"
        assert refusals[sid]["Condition"] == condition
        assert refusals[sid]["Resource"] == [arn, f"{arn}/*"]


@pytest.mark.requirement("S3-10")
@pytest.mark.parametrize("bucket", [private, logs])
def test_principals_of_other_organizations_are_refused(bucket):
    refusal = statements(deploy(bucket).one(POLICY))["RefuseOtherOrganizations"]
    assert refusal["Effect"] == "Deny"
    assert refusal["Condition"]["StringNotEqualsIfExists"] == {"aws:PrincipalOrgID": ORGANIZATION}


@pytest.mark.requirement("S3-10")
@pytest.mark.parametrize("bucket", [private, logs])
def test_versioning_is_enabled_and_unfinished_uploads_are_aborted(bucket):
    recorder = deploy(bucket)
    assert (
        recorder.one("aws:s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"]["status"]
        == "Enabled"
    )
    assert recorder.one(LIFECYCLE).inputs["rules"][0]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_noncurrent_versions_expire_after_the_configured_days():
    rule = deploy(lambda: private(noncurrent_retention_days=400)).one(LIFECYCLE).inputs["rules"][0]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 400}
    assert "expiration" not in rule


def test_log_records_expire():
    assert deploy(logs).one(LIFECYCLE).inputs["rules"][0]["expiration"] == {"days": 365}


def test_access_is_logged_under_the_buckets_own_prefix():
    logging = deploy(private).one("aws:s3/bucketLogging:BucketLogging").inputs
    assert (logging["targetBucket"], logging["targetPrefix"]) == ("logs", "ml/")


def test_only_s3_and_only_for_this_account_writes_access_logs():
    delivery = statements(deploy(logs).one(POLICY))["AccessLogsOfThisAccount"]
    assert delivery["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert delivery["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert delivery["Action"] == "s3:PutObject"


def test_access_logs_are_encrypted_with_s3s_own_key_because_delivery_takes_no_other():
    rule = deploy(logs).one(ENCRYPTION).inputs["rules"][0]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


@pytest.mark.parametrize("bucket", [private, logs])
def test_a_durable_bucket_is_protected_and_never_emptied(bucket):
    durable, fleeting = deploy(bucket).one(BUCKET), deploy(lambda: bucket(durable=False)).one(BUCKET)
    assert (durable.protect, durable.inputs["forceDestroy"]) == (True, False)
    assert (fleeting.protect, fleeting.inputs["forceDestroy"]) == (False, True)


def test_a_retention_under_a_day_is_refused_with_the_limit():
    with pytest.raises(ValueError, match="0 is too short"):
        private(noncurrent_retention_days=0)
    with pytest.raises(ValueError, match="0 is too short"):
        logs(retention_days=0)


@pytest.mark.parametrize("bucket", [private, logs])
def test_a_preview_with_unknowns_registers_the_same_resources(bucket):
    assert {r.urn for r in deploy(bucket, preview=True)} == {r.urn for r in deploy(bucket)}


def test_the_name_of_a_bucket_is_known_once_public_access_is_blocked():
    def program():
        aws.s3.BucketObjectv2("early", bucket=private().bucket_name, key="early")

    recorder = deploy(program)
    closed = recorder.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert closed.urn in recorder.one("aws:s3/bucketObjectv2:BucketObjectv2").dependencies


def test_objects_expire_only_if_configured():
    rule = deploy(lambda: private(retention_days=90)).one(LIFECYCLE).inputs["rules"][0]
    assert rule["expiration"] == {"days": 90}
    with pytest.raises(ValueError, match="0 is too short"):
        private(retention_days=0)
