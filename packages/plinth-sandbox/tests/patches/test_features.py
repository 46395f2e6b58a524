"""Patches for Feature Store: feature groups and their records."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plinth_sandbox.testing import EmulatedAws, refusal

FEATURES = [
    {"FeatureName": "card", "FeatureType": "String"},
    {"FeatureName": "seen_at", "FeatureType": "String"},
    {"FeatureName": "payments", "FeatureType": "Integral"},
    {"FeatureName": "spent", "FeatureType": "Fractional"},
]
ONLINE = {"EnableOnlineStore": True}
READ_ONLY = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerFeatureGroupReadOnly"
READ_WRITE = "arn:aws:ram::aws:permission/AWSRAMPermissionSagemakerFeatureGroupReadWrite"
DAY = "2026-03-0{}T12:00:00Z"


@pytest.fixture
def bucket(aws: EmulatedAws, account: str, request: pytest.FixtureRequest) -> str:
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-60:].strip("-")
    location = {"LocationConstraint": "eu-west-1"}
    aws.client("s3", account).create_bucket(Bucket=name, CreateBucketConfiguration=location)
    return name


def role(aws: EmulatedAws, account: str) -> str:
    """Returns the role of all feature groups of an account."""
    iam = aws.client("iam", account)
    try:
        return str(iam.get_role(RoleName="features")["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        return aws.role("features", "sagemaker", account)


def group(aws: EmulatedAws, account: str, name: str, **changes: Any) -> str:
    given = {
        "RoleArn": role(aws, account),
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "card",
        "EventTimeFeatureName": "seen_at",
        "FeatureDefinitions": FEATURES,
        "OnlineStoreConfig": ONLINE,
    }
    made = aws.client("sagemaker", account).create_feature_group(**{**given, **changes})
    return str(made["FeatureGroupArn"])


def record(**values: object) -> list[dict[str, str]]:
    return [{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()]


def runtime(aws: EmulatedAws, account: str) -> Any:
    return aws.client("sagemaker-featurestore-runtime", account)


def read(aws: EmulatedAws, account: str, name: str, identifier: str = "a", **asked: Any) -> dict[str, str]:
    found = runtime(aws, account).get_record(FeatureGroupName=name, RecordIdentifierValueAsString=identifier, **asked)
    return {feature["FeatureName"]: feature["ValueAsString"] for feature in found.get("Record", [])}


def offline(bucket: str, table_format: str = "Glue") -> dict[str, Any]:
    return {"S3StorageConfig": {"S3Uri": f"s3://{bucket}/store"}, "TableFormat": table_format}


def test_the_record_of_the_latest_event_is_the_one_that_is_read(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "latest")
    for day, payments in ((2, 5), (1, 9), (3, 7)):
        runtime(aws, account).put_record(
            FeatureGroupName="latest", Record=record(card="a", seen_at=DAY.format(day), payments=payments)
        )
        assert read(aws, account, "latest")["payments"] == str({2: 5, 1: 5, 3: 7}[day])
    assert read(aws, account, "latest", FeatureNames=["card"]) == {"card": "a"}
    assert read(aws, account, "latest", identifier="nobody") == {}


@pytest.mark.parametrize(
    "values",
    [
        {"card": "a", "seen_at": DAY.format(1), "payed": 1},
        {"card": "a", "seen_at": DAY.format(1), "payments": "some"},
        {"card": "a", "seen_at": "yesterday"},
        {"card": "a", "payments": 1},
        {"seen_at": DAY.format(1), "payments": 1},
    ],
    ids=["undefined", "of another type", "without a time", "without its time", "of nobody"],
)
def test_a_record_that_its_group_does_not_define_is_refused(
    aws: EmulatedAws, account: str, values: dict[str, object]
) -> None:
    if not aws.client("sagemaker", account).list_feature_groups(NameContains="strict")["FeatureGroupSummaries"]:
        group(aws, account, "strict")
    put = runtime(aws, account).put_record
    assert refusal(put, FeatureGroupName="strict", Record=record(**values)) == "ValidationError"


def test_an_unknown_feature_group_is_not_found(aws: EmulatedAws, account: str) -> None:
    asked = {"FeatureGroupName": "nothing", "RecordIdentifierValueAsString": "a"}
    assert refusal(runtime(aws, account).get_record, **asked) == "ResourceNotFound"


def test_a_softly_deleted_record_stays_deleted_until_a_later_event(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "soft")
    client, about = runtime(aws, account), {"FeatureGroupName": "soft"}
    client.put_record(**about, Record=record(card="a", seen_at=DAY.format(2)))
    client.delete_record(**about, RecordIdentifierValueAsString="a", EventTime=DAY.format(1))
    assert read(aws, account, "soft")
    client.delete_record(**about, RecordIdentifierValueAsString="a", EventTime=DAY.format(3))
    assert not read(aws, account, "soft")
    client.put_record(**about, Record=record(card="a", seen_at=DAY.format(2)))
    assert not read(aws, account, "soft")
    client.put_record(**about, Record=record(card="a", seen_at=DAY.format(4)))
    assert read(aws, account, "soft")["seen_at"] == DAY.format(4)


def test_a_hard_deleted_record_leaves_nothing_behind(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "hard")
    client, about = runtime(aws, account), {"FeatureGroupName": "hard"}
    client.put_record(**about, Record=record(card="a", seen_at=DAY.format(2)))
    gone = {**about, "RecordIdentifierValueAsString": "a", "DeletionMode": "HardDelete"}
    assert refusal(client.delete_record, **gone, EventTime=DAY.format(2)) == "ValidationError"
    client.delete_record(**gone, EventTime=DAY.format(3))
    client.put_record(**about, Record=record(card="a", seen_at=DAY.format(1)))
    assert read(aws, account, "hard")["seen_at"] == DAY.format(1)


def test_a_record_expires_after_the_time_to_live_of_its_group(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "short", OnlineStoreConfig={**ONLINE, "TtlDuration": {"Unit": "Hours", "Value": 2}})
    now = datetime.now(UTC)
    for card, hours in (("old", 3), ("new", 1)):
        seen = f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
        runtime(aws, account).put_record(FeatureGroupName="short", Record=record(card=card, seen_at=seen))
    assert not read(aws, account, "short", identifier="old")
    asked = {"FeatureGroupName": "short", "RecordIdentifierValueAsString": "new", "ExpirationTimeResponse": "Enabled"}
    ends = runtime(aws, account).get_record(**asked)["ExpiresAt"]
    assert ends == f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"


def test_a_batch_read_reports_an_unknown_group_and_returns_the_other_records(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "many")
    for card in ("a", "b"):
        runtime(aws, account).put_record(
            FeatureGroupName="many", Record=record(card=card, seen_at=DAY.format(1), spent=1.5)
        )
    wanted = [
        {"FeatureGroupName": "many", "RecordIdentifiersValueAsString": ["a", "b", "c"], "FeatureNames": ["spent"]},
        {"FeatureGroupName": "nothing", "RecordIdentifiersValueAsString": ["a"]},
    ]
    answer = runtime(aws, account).batch_get_record(Identifiers=wanted)
    found = {r["RecordIdentifierValueAsString"]: r["Record"][0]["ValueAsString"] for r in answer["Records"]}
    assert found == {"a": "1.5", "b": "1.5"}
    assert [error["ErrorCode"] for error in answer["Errors"]] == ["ResourceNotFound"]


def test_another_account_reads_and_writes_shared_groups_within_its_permissions(aws: EmulatedAws, account: str) -> None:
    arn = group(aws, account, "shared")
    about = {"FeatureGroupName": arn, "RecordIdentifierValueAsString": "a"}
    other = aws.new_account("reader")
    assert refusal(runtime(aws, other).get_record, **about) == "AccessForbidden"
    ram = aws.client("ram", account)
    share = ram.create_resource_share(
        name="features", resourceArns=[arn], principals=[other], permissionArns=[READ_ONLY]
    )["resourceShare"]["resourceShareArn"]
    assert read(aws, other, arn) == {}
    put = {"FeatureGroupName": arn, "Record": record(card="a", seen_at=DAY.format(1))}
    assert refusal(runtime(aws, other).put_record, **put) == "AccessForbidden"
    ram.create_resource_share(name="writers", resourceArns=[arn], principals=[other], permissionArns=[READ_WRITE])
    runtime(aws, other).put_record(**put)
    assert read(aws, account, "shared") == {"card": "a", "seen_at": DAY.format(1)}
    permissions = ram.list_resource_share_permissions(resourceShareArn=share)["permissions"]
    assert [permission["arn"] for permission in permissions] == [READ_ONLY]


@pytest.mark.parametrize(
    ("table_format", "folder"),
    [("Glue", "data/year=2026/month=03/day=02/hour=12/"), ("Iceberg", "/seen_at_trunc=2026-03-02/")],
    ids=["Glue", "Iceberg"],
)
def test_every_record_is_in_a_file_of_the_offline_store(
    aws: EmulatedAws, account: str, bucket: str, table_format: str, folder: str
) -> None:
    name = f"kept-{table_format.lower()}"
    group(aws, account, name, OfflineStoreConfig=offline(bucket, table_format))
    client = runtime(aws, account)
    put = {"FeatureGroupName": name, "Record": record(card="a", seen_at=DAY.format(2), payments=5)}
    client.put_record(**put)
    client.put_record(**put, TargetStores=["OnlineStore"])
    client.delete_record(FeatureGroupName=name, RecordIdentifierValueAsString="a", EventTime=DAY.format(3))
    store = aws.client("sagemaker", account).describe_feature_group(FeatureGroupName=name)["OfflineStoreConfig"]
    resolved = store["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert resolved.startswith(f"s3://{bucket}/store/{account}/sagemaker/eu-west-1/offline-store/{name}-")
    s3 = aws.client("s3", account)
    keys = [kept["Key"] for kept in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(keys) == 2
    (first,) = [key for key in keys if folder in key]
    assert f"s3://{bucket}/{first}".startswith(f"{resolved}/")
    assert first.rpartition("/")[2].startswith("20260302T120000Z_")
    body = s3.get_object(Bucket=bucket, Key=first)["Body"].read()
    assert (body[:4], body[-4:]) == (b"PAR1", b"PAR1")
    catalogued = store["DataCatalogConfig"]
    table = aws.client("glue", account).get_table(DatabaseName=catalogued["Database"], Name=catalogued["TableName"])[
        "Table"
    ]
    types = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert types["payments"] == "bigint"
    assert types["is_deleted"] == "boolean"


@pytest.mark.parametrize(
    "changes",
    [
        {"EventTimeFeatureName": "payments"},
        {"RecordIdentifierFeatureName": "holder"},
        {"FeatureDefinitions": [*FEATURES, {"FeatureName": "write_time", "FeatureType": "String"}]},
        {"FeatureDefinitions": [*FEATURES, {"FeatureName": "Card", "FeatureType": "String"}]},
        {"OnlineStoreConfig": {"EnableOnlineStore": False}},
        {"OfflineStoreConfig": offline("nobodys-bucket")},
    ],
    ids=["time of another type", "no identifier", "reserved", "twice", "nowhere", "no bucket"],
)
def test_an_invalid_feature_group_is_refused(aws: EmulatedAws, account: str, changes: dict[str, Any]) -> None:
    with pytest.raises(aws.client("sagemaker", account).exceptions.ClientError) as refused:
        group(aws, account, "senseless", **changes)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_features_can_be_added_to_a_group_and_records_are_deleted_with_it(aws: EmulatedAws, account: str) -> None:
    group(aws, account, "growing")
    sagemaker, added = aws.client("sagemaker", account), {"FeatureName": "country", "FeatureType": "String"}
    sagemaker.update_feature_group(FeatureGroupName="growing", FeatureAdditions=[added])
    runtime(aws, account).put_record(
        FeatureGroupName="growing", Record=record(card="a", seen_at=DAY.format(1), country="LI")
    )
    assert read(aws, account, "growing")["country"] == "LI"
    sagemaker.delete_feature_group(FeatureGroupName="growing")
    assert refusal(sagemaker.describe_feature_group, FeatureGroupName="growing") == "ResourceNotFound"
    group(aws, account, "growing")
    assert not read(aws, account, "growing")


def test_records_survive_a_restart(aws: EmulatedAws, account: str, bucket: str) -> None:
    group(aws, account, "lasting", OfflineStoreConfig=offline(bucket))
    runtime(aws, account).put_record(FeatureGroupName="lasting", Record=record(card="a", seen_at=DAY.format(1)))
    kept = aws.client("s3", account).list_objects_v2(Bucket=bucket)["Contents"]
    aws.restart()
    assert read(aws, account, "lasting") == {"card": "a", "seen_at": DAY.format(1)}
    assert aws.client("s3", account).list_objects_v2(Bucket=bucket)["Contents"] == kept
