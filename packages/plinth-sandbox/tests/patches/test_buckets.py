"""Patches for buckets: secure defaults of new buckets, and settings that read back as they were put."""

import itertools
import json
from typing import Any

import boto3
import pytest

from plinth_sandbox.environment import endpoint_variables
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

TAGS = [{"Key": "team", "Value": "fraud"}]
_numbers = itertools.count(1)


@pytest.fixture
def bucket(aws: EmulatedAws) -> str:
    name = f"bucket-{next(_numbers)}"
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def test_a_new_bucket_is_encrypted_closed_and_owned_by_its_account(aws: EmulatedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


LIFECYCLE = {
    "Rules": [
        {
            "ID": "replaced",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 5, "Tags": TAGS}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
}
ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/data"},
            "BucketKeyEnabled": True,
        }
    ]
}


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("bucket_encryption", {"ServerSideEncryptionConfiguration": ENCRYPTION}, None),
        ("bucket_lifecycle_configuration", {"LifecycleConfiguration": LIFECYCLE}, LIFECYCLE),
        (
            "bucket_notification_configuration",
            {"NotificationConfiguration": {"EventBridgeConfiguration": {}}},
            {"EventBridgeConfiguration": {}},
        ),
        ("bucket_ownership_controls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}, None),
        ("public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}, None),
        ("bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}, {"Payer": "Requester"}),
        ("bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}, {"Status": "Enabled"}),
        ("bucket_abac", {"AbacStatus": {"Status": "Enabled"}}, None),
    ],
)
def test_a_bucket_returns_the_settings_that_were_put(
    aws: EmulatedAws, bucket: str, name: str, given: dict[str, Any], read: dict[str, Any] | None
) -> None:
    s3 = aws.client("s3")
    getattr(s3, f"put_{name}")(Bucket=bucket, **given)
    found = getattr(s3, f"get_{name}")(Bucket=bucket)
    expected = given if read is None else read
    assert {member: value for member, value in found.items() if member in expected} == expected


def test_deleted_settings_are_gone_and_encryption_falls_back(aws: EmulatedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=ENCRYPTION)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    s3.delete_bucket_encryption(Bucket=bucket)
    assert refusal(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"
    assert refusal(s3.get_public_access_block, Bucket=bucket) == "NoSuchPublicAccessBlockConfiguration"
    assert refusal(s3.get_bucket_ownership_controls, Bucket=bucket) == "OwnershipControlsNotFoundError"
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_numbered_configurations_do_not_create_buckets(aws: EmulatedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    assert refusal(s3.get_bucket_metrics_configuration, Bucket=bucket, Id="all") == "NoSuchConfiguration"
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="all", MetricsConfiguration={"Id": "all"})
    assert s3.get_bucket_metrics_configuration(Bucket=bucket, Id="all")["MetricsConfiguration"] == {"Id": "all"}
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"] == [{"Id": "all"}]
    assert refusal(s3.get_bucket_encryption, Bucket="bucket-nobody-made") == "NoSuchBucket"


def test_a_recreated_bucket_has_none_of_the_old_settings(aws: EmulatedAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    s3.delete_bucket(Bucket=bucket)
    where = {"LocationConstraint": REGION, "Tags": TAGS}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where, ObjectOwnership="ObjectWriter")
    assert refusal(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "ObjectWriter"}]


@pytest.mark.parametrize(
    ("name", "namespace", "accepted"),
    [
        ("Capital", None, False),
        ("plain-an", None, False),
        (f"models-{MANAGEMENT}-{REGION}-an", "account-regional", True),
        ("models-eu", "account-regional", False),
    ],
)
def test_bucket_names_follow_their_namespace(
    aws: EmulatedAws, name: str, namespace: str | None, accepted: bool
) -> None:
    s3, extra = aws.client("s3"), {"BucketNamespace": namespace} if namespace else {}
    call = {"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": REGION}, **extra}
    if accepted:
        s3.create_bucket(**call)
        assert s3.head_bucket(Bucket=name)["BucketRegion"] == REGION
    else:
        assert refusal(s3.create_bucket, **call) == "InvalidBucketName"


def test_a_bucket_policy_must_be_json(aws: EmulatedAws, bucket: str) -> None:
    assert refusal(aws.client("s3").put_bucket_policy, Bucket=bucket, Policy="let me in") == "MalformedPolicy"


DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
DELIVERY = {
    "Effect": "Allow",
    "Principal": {"Service": ["logging.s3.amazonaws.com"]},
    "Action": ["s3:PutObject"],
    "Resource": ["arn:aws:s3:::{bucket}/own/*"],
}


@pytest.mark.parametrize(
    ("statements", "accepted"),
    [
        ([DENIAL], False),
        ([DENIAL, DELIVERY], True),
        (DELIVERY, True),
        (DELIVERY | {"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:Put*"}, True),
        (DELIVERY | {"Principal": "*", "Resource": "arn:aws:s3:::{bucket}/*"}, True),
        (DELIVERY | {"Principal": {"Service": "cloudtrail.amazonaws.com"}}, False),
        (DELIVERY | {"Principal": {"AWS": "*"}}, False),
        (DELIVERY | {"Action": "s3:GetObject"}, False),
        (DELIVERY | {"Resource": "arn:aws:s3:::{bucket}/other/*"}, False),
    ],
)
def test_logs_are_delivered_if_the_policy_allows_it_in_any_spelling(
    aws: EmulatedAws, bucket: str, statements: Any, accepted: bool
) -> None:
    s3 = aws.client("s3")
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements}).replace("{bucket}", bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    logging = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "own/"}}
    if accepted:
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=logging)
        assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == logging["LoggingEnabled"]
    else:
        refused = refusal(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus=logging)
        assert refused == "InvalidTargetBucketForLogging"


def test_an_account_blocks_public_access_and_tags_buckets_through_s3_control(aws: EmulatedAws, account: str) -> None:
    control, name = aws.client("s3control", account), f"controlled-{account}"
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=closed)
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == closed
    s3 = aws.client("s3", account)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    control.tag_resource(AccountId=account, ResourceArn=f"arn:aws:s3:::{name}", Tags=TAGS)
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == TAGS


def test_any_client_reaches_s3_control_with_the_variables_of_the_sandbox(
    aws: EmulatedAws, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in endpoint_variables(aws.url).items():
        monkeypatch.setenv(name, value)
    control = boto3.client("s3control", region_name=REGION, **aws.credentials(account))
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=closed)
    assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == closed


def put_policy(aws: EmulatedAws, bucket: str, *statements: dict[str, Any]) -> None:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def of_everybody(effect: str, arn: str, **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": arn, **elements}


def test_a_deny_statement_with_conditions_does_not_block_other_requests(
    aws: EmulatedAws, account: str, bucket: str
) -> None:
    put_policy(
        aws,
        bucket,
        of_everybody("Deny", f"arn:aws:s3:::{bucket}/*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        of_everybody("Deny", f"arn:aws:s3:::{bucket}/*", Condition={"StringNotEquals": {"aws:VpceOrgID": "o-acme"}}),
    )
    s3 = aws.client("s3", account)
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key="a/letter", Body=body)
    assert s3.get_object(Bucket=bucket, Key="a/letter")["Body"].read() == b"second"
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/letter"}]})


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_an_action_that_is_denied_to_all_principals_is_refused(aws: EmulatedAws, bucket: str, principal: Any) -> None:
    arn = f"arn:aws:s3:::{bucket}/kept/*"
    statement = {**of_everybody("Deny", arn, Action=["s3:PutObject", "s3:DeleteObject"]), "Principal": principal}
    s3 = aws.client("s3")
    for folder in ("kept", "free"):
        s3.put_object(Bucket=bucket, Key=f"{folder}/object", Body=b"")
    put_policy(aws, bucket, statement)
    assert refusal(s3.put_object, Bucket=bucket, Key="kept/object", Body=b"") == "403"
    s3.put_object(Bucket=bucket, Key="free/object", Body=b"")


def test_another_account_reads_and_lists_objects_by_access_point_alias(
    aws: EmulatedAws, account: str, bucket: str
) -> None:
    created = aws.client("s3control").create_access_point(AccountId=MANAGEMENT, Name=f"of-{bucket}", Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key="a/letter", Body=b"text")
    s3 = aws.client("s3", account)
    assert s3.get_object(Bucket=created["Alias"], Key="a/letter")["Body"].read() == b"text"
    found = s3.list_objects_v2(Bucket=created["Alias"], Prefix="a/")
    assert [item["Key"] for item in found["Contents"]] == ["a/letter"]
    s3.put_object(Bucket=created["Alias"], Key="a/answer", Body=b"more")
    assert s3.get_object(Bucket=bucket, Key="a/answer")["Body"].read() == b"more"


def test_an_unknown_alias_is_a_missing_bucket(aws: EmulatedAws) -> None:
    alias = "of-nobody-0123456789-s3alias"
    assert refusal(aws.client("s3").list_objects_v2, Bucket=alias) == "NoSuchBucket"


def test_a_bucket_with_object_lock_receives_no_access_logs(aws: EmulatedAws, bucket: str) -> None:
    s3, target = aws.client("s3"), f"{bucket}-locked"
    location = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=target, CreateBucketConfiguration=location, ObjectLockEnabledForBucket=True)
    status = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "logs/"}}
    refused = refusal(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus=status)
    assert refused == "InvalidTargetBucketForLogging"


def test_the_region_of_its_bucket_alone_lists_an_access_point(aws: EmulatedAws, bucket: str) -> None:
    name = f"seen-{bucket}"
    aws.client("s3control").create_access_point(AccountId=MANAGEMENT, Name=name, Bucket=bucket)
    listed = aws.client("s3control").list_access_points(AccountId=MANAGEMENT)["AccessPointList"]
    (point,) = (candidate for candidate in listed if candidate["Name"] == name)
    assert point["AccessPointArn"] == f"arn:aws:s3:{REGION}:{MANAGEMENT}:accesspoint/{name}"
    elsewhere = aws.client("s3control", region="us-east-1").list_access_points(AccountId=MANAGEMENT)
    assert elsewhere.get("AccessPointList", []) == []


@pytest.mark.parametrize(
    ("region", "location", "code"),
    [
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
        ("us-west-2", "us-east-1", "IllegalLocationConstraintException"),
        ("us-west-2", "nowhere-1", "IllegalLocationConstraintException"),
    ],
)
def test_a_location_that_is_none_is_refused_by_s3_itself(
    aws: EmulatedAws, region: str, location: str, code: str
) -> None:
    create = aws.client("s3", region=region).create_bucket
    where = {"LocationConstraint": location}
    assert refusal(create, Bucket="of-no-location", CreateBucketConfiguration=where) == code
