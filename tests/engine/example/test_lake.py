"""The data lake of the example organization, read back by another client than the one that made it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from settings.data.lake import ZONES
from tests.engine.deployed_example import WITH_SPARK
from tests.support.workbench import REPOSITORY, Workbench


@pytest.mark.requirement("DL-01")
@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_encrypted_and_closed_to_other_networks(acme: Workbench, lake: dict[str, Any], zone: str) -> None:
    s3, bucket = acme.client("s3", lake["account_id"]), {"Bucket": lake["zone_buckets"][zone]}
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == lake["key_arn"]
    by_sid = {s["Sid"]: s for s in json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]}
    assert "aws:VpceOrgID" in by_sid["RefuseOtherNetworks"]["Condition"]["StringNotEqualsIfExists"]


@pytest.mark.requirement("DL-06.a")
def test_lake_formation_gives_nobody_anything_by_default(acme: Workbench, lake: dict[str, Any]) -> None:
    client = acme.client("lakeformation", lake["account_id"])
    settings = client.get_data_lake_settings()["DataLakeSettings"]
    assert (settings["CreateDatabaseDefaultPermissions"], settings["CreateTableDefaultPermissions"]) == ([], [])
    (administrator,) = settings["DataLakeAdmins"]
    assert administrator["DataLakePrincipalIdentifier"].endswith("role/OrganizationAccountAccessRole")
    registered = {place["ResourceArn"] for place in client.list_resources()["ResourceInfoList"]}
    assert registered == {f"arn:aws:s3:::{lake['zone_buckets'][zone]}" for zone in ("curated", "results")}


def test_the_catalogue_is_encrypted_and_has_a_database_for_each_part_and_one_of_features(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    glue = acme.client("glue", lake["account_id"])
    settings = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert settings["EncryptionAtRest"]["CatalogEncryptionMode"] == "SSE-KMS-WITH-SERVICE-ROLE"
    found = {database["Name"] for database in glue.get_databases()["DatabaseList"]}
    assert found == {"historical", "inference", "features", "landing_card_payments", "landing_fraud_scores"}
    (shared,) = [
        s for s in json.loads(glue.get_resource_policy()["PolicyInJson"])["Statement"] if s["Effect"] == "Allow"
    ]
    assert shared["Principal"] == {"Service": "ram.amazonaws.com"}


def granted(acme: Workbench, lake: dict[str, Any], role: str) -> list[dict[str, Any]]:
    client = acme.client("lakeformation", lake["account_id"])
    grants = client.list_permissions()["PrincipalResourcePermissions"]
    return [g for g in grants if g["Principal"]["DataLakePrincipalIdentifier"].endswith(f"role/plinth/{role}")]


@pytest.mark.requirement("DL-05.a")
def test_a_declared_dataset_is_in_the_catalogue_with_its_tags(acme: Workbench, lake: dict[str, Any]) -> None:
    place = {"DatabaseName": "historical", "Name": "card_payments"}
    table = acme.client("glue", lake["account_id"]).get_table(**place)["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{lake['zone_buckets']['curated']}/card-payments/historical/"
    columns = {"TableWithColumns": {**place, "ColumnNames": ["amount", "card_number"]}}
    found = acme.client("lakeformation", lake["account_id"]).get_resource_lf_tags(Resource=columns)
    exposure = {
        column["Name"]: tag["TagValues"]
        for column in found["LFTagsOnColumns"]
        for tag in column["LFTags"]
        if tag["TagKey"] == "exposure"
    }
    assert exposure == {"amount": ["anonymised"], "card_number": ["raw"]}


@pytest.mark.requirement("DL-14.b", "DL-14.c", "DL-14.d")
def test_an_entry_of_the_catalogue_says_where_it_comes_from_how_fresh_it_is_and_who_uses_it(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    glue = acme.client("glue", lake["account_id"])
    entry = glue.get_table(DatabaseName="inference", Name="card_payments")["Table"]
    assert {key: value for key, value in entry["Parameters"].items() if key.startswith("plinth:")} == {
        "plinth:sources": "cards",
        "plinth:made": "when something lands",
        "plinth:feeds": "card-activity",
        "plinth:used-by": "churn, fraud",
    }


@pytest.mark.requirement("DL-02.a")
def test_the_unit_that_makes_a_dataset_runs_the_script_of_the_repository(acme: Workbench, lake: dict[str, Any]) -> None:
    glue = acme.client("glue", lake["account_id"])
    job = glue.get_job(JobName="lake-card-payments")["Job"]
    bucket, _, key = job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    stored = acme.client("s3", lake["account_id"]).get_object(Bucket=bucket, Key=key)["Body"].read()
    assert stored == (REPOSITORY / "etl" / "card_payments.py").read_bytes()
    bucket, _, key = job["DefaultArguments"]["--extra-py-files"].removeprefix("s3://").partition("/")
    stored = acme.client("s3", lake["account_id"]).get_object(Bucket=bucket, Key=key)["Body"].read()
    assert stored == (REPOSITORY / "etl" / "library" / "dataset_job.py").read_bytes()
    configuration = glue.get_security_configuration(Name=job["SecurityConfiguration"])["SecurityConfiguration"]
    (objects,) = configuration["EncryptionConfiguration"]["S3Encryption"]
    assert objects["KmsKeyArn"] == lake["key_arn"]
    subnets = [
        glue.get_connection(Name=name)["Connection"]["PhysicalConnectionRequirements"]["SubnetId"]
        for name in job["Connections"]["Connections"]
    ]
    assert subnets == lake["private_subnet_ids"]


@pytest.mark.requirement("DL-01")
def test_what_lands_starts_the_crawler_and_then_the_job(acme: Workbench, lake: dict[str, Any]) -> None:
    s3, events = (acme.client(service, lake["account_id"]) for service in ("s3", "events"))
    landing = lake["zone_buckets"]["landing"]
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=landing)
    pattern = json.loads(events.describe_rule(Name="lake-arrival-card-payments")["EventPattern"])
    assert pattern["detail"] == {"bucket": {"name": [landing]}, "object": {"key": [{"prefix": "cards/"}]}}
    (target,) = events.list_targets_by_rule(Rule="lake-arrival-card-payments")["Targets"]
    assert target["Arn"].endswith("workflow/lake-card-payments")
    assert target["DeadLetterConfig"]["Arn"].endswith(":lake-dead-letters")
    glue = acme.client("glue", lake["account_id"])
    triggers = {t["Type"]: t for t in glue.get_triggers()["Triggers"] if t["WorkflowName"] == "lake-card-payments"}
    assert triggers["EVENT"]["Actions"] == [{"CrawlerName": "lake-card-payments"}]
    assert triggers["CONDITIONAL"]["Actions"] == [{"JobName": "lake-card-payments"}]
    assert glue.get_crawler(Name="lake-card-payments")["Crawler"]["DatabaseName"] == "landing_card_payments"


CHLOE = "churn-experimentation-studio-chloe"
FORMS = "data-lake--forms"


def policies_of_forms(acme: Workbench, lake: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The statements that let somebody in, of the access points, the bucket and the key, as AWS gives them back."""
    account, outputs = lake["account_id"], acme.outputs(FORMS)
    bucket = outputs["locations"]["historical"].split("/")[2]
    points = acme.client("s3control", account)
    found = {
        point["Name"]: points.get_access_point_policy(AccountId=account, Name=point["Name"])["Policy"]
        for point in points.list_access_points(AccountId=account, Bucket=bucket)["AccessPointList"]
    }
    found["bucket"] = acme.client("s3", account).get_bucket_policy(Bucket=bucket)["Policy"]
    keys = acme.client("kms", account)
    key_id = keys.describe_key(KeyId="alias/plinth/data-lake/forms")["KeyMetadata"]["KeyId"]
    found["key"] = keys.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    return {
        name: {s["Sid"]: s for s in json.loads(policy)["Statement"] if s["Effect"] == "Allow"}
        for name, policy in found.items()
    }


@pytest.mark.requirement("DL-09.d")
def test_a_folder_is_shared_by_three_policies_that_name_its_readers(acme: Workbench, lake: dict[str, Any]) -> None:
    found = policies_of_forms(acme, lake)
    assert set(found) == {"churn--forms", "bucket", "key"}
    roles = found["churn--forms"]["Read1"]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
    assert [role.rpartition("/")[2] for role in roles] == [
        "churn-experimentation-execution",
        CHLOE,
        "churn-development-execution",
        f"{WITH_SPARK}-spark",
    ]
    readers = {acme.outputs(f"churn-{environment}")["account_id"] for environment in ("experimentation", "development")}
    of_bucket, of_key = found["bucket"]["ReadersThroughTheirAccessPoints"], found["key"]["ReadersDecryptThroughS3"]
    for statement in (of_bucket, of_key):
        assert {arn.split(":")[4] for arn in statement["Principal"]["AWS"]} == readers
    assert of_bucket["Condition"]["ArnEquals"]["s3:DataAccessPointArn"].endswith(":accesspoint/churn--forms")


@pytest.mark.requirement("DL-03.b")
def test_what_the_lake_lays_into_a_folder_a_person_reads_by_the_teams_access_point(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    outputs = acme.outputs(FORMS)
    bucket, key = outputs["locations"]["historical"].split("/")[2], "forms/historical/blank.pdf"
    acme.client("s3", lake["account_id"]).put_object(Bucket=bucket, Key=key, Body=b"a form")
    home = acme.outputs("churn-experimentation-studio")
    person = acme.client("s3", home["account_id"], role=f"plinth/{CHLOE}")
    found = person.list_objects_v2(Bucket=outputs["access_points"]["churn"], Prefix="forms/historical/")
    assert [item["Key"] for item in found["Contents"]] == [key]
    assert person.get_object(Bucket=outputs["access_points"]["churn"], Key=key)["Body"].read() == b"a form"
    work = {"Bucket": home["bucket_name"], "Key": "users/chloe/blank.pdf"}
    person.put_object(**work, Body=b"a form")
    assert person.get_object(**work)["ContentLength"] == 6


@pytest.mark.requirement("DL-09.d")
def test_a_folder_that_is_no_longer_shared_is_closed_in_all_three_and_can_be_shared_again(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    file, before = acme.settings_file(FORMS), policies_of_forms(acme, lake)
    shared = file.read_text(encoding="utf-8")
    without = yaml.safe_load(shared)
    without["config"]["plinth:dataset"]["shared_with"] = {}
    try:
        file.write_text(json.dumps(without), encoding="utf-8")
        acme.plinth("up", FORMS, "--yes")
        closed = policies_of_forms(acme, lake)
        assert set(closed) == {"bucket", "key"}
        assert closed["bucket"] == {}
        assert set(before["key"]) - set(closed["key"]) == {"ReadersDecryptThroughS3"}
    finally:
        file.write_text(shared, encoding="utf-8")
        acme.plinth("up", FORMS, "--yes")
    assert policies_of_forms(acme, lake) == before


@pytest.mark.requirement("DL-08.b")
@pytest.mark.parametrize("environment", ["development", "preproduction", "production"])
def test_jobs_of_production_stages_are_granted_reading_and_nothing_else(
    acme: Workbench, lake: dict[str, Any], environment: str
) -> None:
    grants = granted(acme, lake, f"fraud-{environment}-execution")
    assert {permission for grant in grants for permission in grant["Permissions"]} == {"DESCRIBE", "SELECT"}
    assert not [grant for grant in grants if grant["PermissionsWithGrantOption"]]


@pytest.mark.requirement("DL-07.a")
def test_people_in_experimentation_are_granted_the_variant_that_leaves_rows_out(
    acme: Workbench, lake: dict[str, Any]
) -> None:
    grants = granted(acme, lake, "churn-experimentation-studio-chloe")
    (of_rows,) = [grant["Resource"]["DataCellsFilter"] for grant in grants if "DataCellsFilter" in grant["Resource"]]
    found = acme.client("lakeformation", lake["account_id"]).get_data_cells_filter(**of_rows)["DataCellsFilter"]
    assert found["RowFilter"]["FilterExpression"] == "months >= 12"
    assert "customer" not in found["ColumnNames"]
    tables = [grant["Resource"]["LFTagPolicy"] for grant in grants if "LFTagPolicy" in grant["Resource"]]
    wanted = [e for policy in tables if policy["ResourceType"] == "TABLE" for e in policy["Expression"]]
    assert {"TagKey": "exposure", "TagValues": ["anonymised", "approved"]} in wanted


@pytest.mark.requirement("EXP-06.a")
def test_an_account_that_reads_finds_the_lake_by_links_and_asks_in_its_workgroup(acme: Workbench) -> None:
    environment = acme.outputs("fraud-development")
    databases = acme.client("glue", environment["account_id"]).get_databases()["DatabaseList"]
    assert {database["Name"] for database in databases} == {"lake_historical", "lake_inference", "lake_features"}
    group = acme.client("athena", environment["account_id"]).get_work_group(WorkGroup="fraud-development")["WorkGroup"]
    results = group["Configuration"]["ResultConfiguration"]["OutputLocation"]
    assert results.startswith(f"s3://{environment['bucket_name']}/queries/")


@pytest.mark.requirement("DL-06.b")
def test_what_is_no_longer_shared_is_revoked_and_can_be_shared_again(acme: Workbench, lake: dict[str, Any]) -> None:
    file, role = acme.settings_file("data-lake--contracts"), "churn-experimentation-studio-chloe"
    shared = file.read_text(encoding="utf-8")
    without = yaml.safe_load(shared)
    without["config"]["plinth:dataset"]["shared_with"] = {"churn": ["development"]}
    try:
        file.write_text(json.dumps(without), encoding="utf-8")
        acme.plinth("up", "data-lake--contracts", "--yes")
        assert not [grant for grant in granted(acme, lake, role) if "DataCellsFilter" in grant["Resource"]]
    finally:
        file.write_text(shared, encoding="utf-8")
        acme.plinth("up", "data-lake--contracts", "--yes")
    assert len([grant for grant in granted(acme, lake, role) if "DataCellsFilter" in grant["Resource"]]) == 1
