"""The feature store of the example organization, filled and read by other clients than the one that made it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.running import end_of_job
from tests.support.workbench import Workbench

NAME = "card-activity"
PLACE = {"DatabaseName": "features", "Name": "card_activity"}


@pytest.fixture(scope="module")
def group(acme: Workbench) -> str:
    return str(acme.outputs(f"features--{NAME}")["arn"])


def runtime(acme: Workbench, environment: str) -> Any:
    return acme.client("sagemaker-featurestore-runtime", acme.outputs(environment)["account_id"])


def record(**values: object) -> list[dict[str, str]]:
    return [{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()]


@pytest.mark.requirement("FS-01", "SZ-08.b")
def test_a_group_keeps_records_under_the_lakes_key_and_in_the_lake(acme: Workbench, lake: dict[str, Any]) -> None:
    found = acme.client("sagemaker", lake["account_id"]).describe_feature_group(FeatureGroupName=NAME)
    online, offline = found["OnlineStoreConfig"], found["OfflineStoreConfig"]
    assert found["RoleArn"].endswith(f":role/plinth/data-lake-features-{NAME}")
    assert online["SecurityConfig"]["KmsKeyId"] == offline["S3StorageConfig"]["KmsKeyId"] == lake["key_arn"]
    assert offline["S3StorageConfig"]["S3Uri"] == f"s3://{lake['zone_buckets']['curated']}/features/{NAME}"
    assert offline["TableFormat"] == "Iceberg"


@pytest.mark.requirement("FS-02.a", "FS-02.c", "FS-04.a", "FS-04.b")
def test_what_one_team_writes_in_production_another_reads_online_and_it_is_kept_offline(
    acme: Workbench, lake: dict[str, Any], group: str
) -> None:
    seen = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    values = {"card": "c-1", "observed_at": seen, "payments_1h": 3, "spent_24h": 9.5, "countries_7d": 1}
    runtime(acme, "fraud-production").put_record(FeatureGroupName=group, Record=record(**values))
    asked = {"FeatureGroupName": group, "RecordIdentifierValueAsString": "c-1"}
    assert runtime(acme, "churn-development").get_record(**asked)["Record"] == record(**values)
    kept = acme.client("s3", lake["account_id"]).list_objects_v2(
        Bucket=lake["zone_buckets"]["curated"], Prefix=f"features/{NAME}/"
    )
    assert [key for key in (item["Key"] for item in kept["Contents"]) if f"observed_at_trunc={seen[:10]}/" in key]


@pytest.mark.requirement("FS-03.a")
def test_the_job_of_a_dataset_fills_the_group_from_the_lakes_own_network(acme: Workbench, lake: dict[str, Any]) -> None:
    seen = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    values = {"card": "c-9", "observed_at": seen, "payments_1h": 1, "spent_24h": 2.5, "countries_7d": 1}
    name = "data-lake-etl-card-payments"
    job = acme.client("sagemaker-featurestore-runtime", lake["account_id"], role=f"plinth/{name}")
    job.put_record(FeatureGroupName=NAME, Record=record(**values))
    found = job.get_record(FeatureGroupName=NAME, RecordIdentifierValueAsString="c-9")
    assert found["Record"] == record(**values)
    role = acme.client("iam", lake["account_id"]).get_role_policy(RoleName=name, PolicyName="permissions")
    (filling,) = [s for s in role["PolicyDocument"]["Statement"] if s["Sid"] == "FillFeatures"]
    assert filling["Resource"].endswith(f":feature-group/{NAME}")
    told = acme.client("glue", lake["account_id"]).get_job(JobName="lake-card-payments")["Job"]["DefaultArguments"]
    assert told["--features"] == NAME
    named = {"vpc-id": lake["vpc_id"], "service-name": "com.amazonaws.eu-west-1.sagemaker.featurestore-runtime"}
    filters = [{"Name": key, "Values": [value]} for key, value in named.items()]
    (endpoint,) = acme.client("ec2", lake["account_id"]).describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    assert "OurCallersOnOurResources" in endpoint["PolicyDocument"]


@pytest.mark.requirement("FS-03.a")
def test_a_run_of_the_job_fills_the_features_of_the_cards_that_landed(acme: Workbench, lake: dict[str, Any]) -> None:
    last = datetime.now(UTC).replace(microsecond=0)
    payments = [
        {
            "payment_id": f"p-{minutes}", "card_number": "c-7", "holder": "h", "amount": "2.50", "merchant": "m",
            "country": country, "fraudulent": "false", "taken_at": f"{taken:%Y-%m-%dT%H:%M:%SZ}", "day": f"{taken:%F}",
        }
        for minutes, country in ((0, "es"), (30, "fr"), (120, "fr"), (3 * 24 * 60, "it"))
        for taken in [last - timedelta(minutes=minutes)]
    ]  # fmt: skip
    body = "\n".join(json.dumps(payment) for payment in payments)
    landing = lake["zone_buckets"]["landing"]
    acme.client("s3", lake["account_id"]).put_object(Bucket=landing, Key="cards/drop.json", Body=body.encode())
    glue = acme.client("glue", lake["account_id"])
    told = end_of_job(glue, "lake-card-payments")
    assert told["JobRunState"] == "SUCCEEDED", told.get("ErrorMessage")
    asked = {"FeatureGroupName": NAME, "RecordIdentifierValueAsString": "c-7"}
    found = acme.client("sagemaker-featurestore-runtime", lake["account_id"]).get_record(**asked)["Record"]
    seen = {feature["FeatureName"]: feature["ValueAsString"] for feature in found}
    assert seen == {
        "card": "c-7", "observed_at": f"{last:%Y-%m-%dT%H:%M:%SZ}", "payments_1h": "2", "spent_24h": "7.50",
        "countries_7d": "3",
    }  # fmt: skip


@pytest.mark.requirement("FS-01")
@pytest.mark.parametrize("environment", ["churn-production", "fraud-experimentation"])
def test_an_account_without_a_share_is_refused_online(acme: Workbench, group: str, environment: str) -> None:
    asked = {"FeatureGroupName": group, "RecordIdentifierValueAsString": "c-1"}
    with pytest.raises(ClientError) as refused:
        runtime(acme, environment).get_record(**asked)
    assert refused.value.response["Error"]["Code"] == "AccessForbidden"


def test_who_only_reads_cannot_write(acme: Workbench, group: str) -> None:
    written = record(card="c-2", observed_at="2026-03-01T12:00:00Z")
    with pytest.raises(ClientError) as refused:
        runtime(acme, "fraud-development").put_record(FeatureGroupName=group, Record=written)
    assert refused.value.response["Error"]["Code"] == "AccessForbidden"


@pytest.mark.requirement("FS-04.a")
def test_the_table_of_the_offline_store_carries_the_tags_of_its_readers(acme: Workbench, lake: dict[str, Any]) -> None:
    table = acme.client("glue", lake["account_id"]).get_table(**PLACE)["Table"]
    assert {"payments_1h", "is_deleted"} <= {column["Name"] for column in table["StorageDescriptor"]["Columns"]}
    columns = {"TableWithColumns": {**PLACE, "ColumnNames": ["card", "payments_1h", "is_deleted"]}}
    found = acme.client("lakeformation", lake["account_id"]).get_resource_lf_tags(Resource=columns)
    tags = {c["Name"]: {t["TagKey"]: t["TagValues"] for t in c["LFTags"]} for c in found["LFTagsOnColumns"]}
    assert {name: of["exposure"] for name, of in tags.items()} == {
        "card": ["raw"], "payments_1h": ["anonymised"], "is_deleted": ["anonymised"]
    }  # fmt: skip
    assert (tags["card"]["team-churn"], tags["card"]["team-fraud"]) == (["dev"], ["exp+dev+preprod+prod"])


@pytest.mark.requirement("FS-04.a")
def test_the_organization_finds_groups_and_reads_none_by_that(acme: Workbench, lake: dict[str, Any]) -> None:
    ram = acme.client("ram", lake["account_id"])
    shares = {
        share["name"]: share["resourceShareArn"]
        for share in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    }
    (permission,) = ram.list_resource_share_permissions(resourceShareArn=shares["plinth-feature-catalogue"])[
        "permissions"
    ]
    assert permission["arn"].endswith("/AWSRAMPermissionSageMakerCatalogResourceSearch")
