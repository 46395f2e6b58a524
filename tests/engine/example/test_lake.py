"""The data lake of the example organization, read back by another client than the one that made it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from settings.lake import ZONES
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def lake(acme: Workbench) -> dict[str, Any]:
    return acme.outputs("data-lake")


@pytest.mark.requirement("DL-01")
@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_encrypted_and_closed_to_other_networks(acme: Workbench, lake: dict[str, Any], zone: str) -> None:
    s3, bucket = acme.client("s3", lake["account_id"]), {"Bucket": lake["zone_buckets"][zone]}
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == lake["key_arn"]
    by_sid = {s["Sid"]: s for s in json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]}
    assert "aws:VpceOrgID" in by_sid["RefuseOtherNetworks"]["Condition"]["StringNotEqualsIfExists"]


@pytest.mark.requirement("DL-06")
def test_lake_formation_gives_nobody_anything_by_default(acme: Workbench, lake: dict[str, Any]) -> None:
    client = acme.client("lakeformation", lake["account_id"])
    settings = client.get_data_lake_settings()["DataLakeSettings"]
    assert (settings["CreateDatabaseDefaultPermissions"], settings["CreateTableDefaultPermissions"]) == ([], [])
    (administrator,) = settings["DataLakeAdmins"]
    assert administrator["DataLakePrincipalIdentifier"].endswith("role/OrganizationAccountAccessRole")
    registered = {place["ResourceArn"] for place in client.list_resources()["ResourceInfoList"]}
    assert registered == {f"arn:aws:s3:::{lake['zone_buckets'][zone]}" for zone in ("curated", "results")}


def test_the_catalogue_is_encrypted_and_has_a_database_for_each_part(acme: Workbench, lake: dict[str, Any]) -> None:
    glue = acme.client("glue", lake["account_id"])
    settings = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert settings["EncryptionAtRest"]["CatalogEncryptionMode"] == "SSE-KMS-WITH-SERVICE-ROLE"
    assert {database["Name"] for database in glue.get_databases()["DatabaseList"]} == {"historical", "inference"}
    (shared,) = [
        s for s in json.loads(glue.get_resource_policy()["PolicyInJson"])["Statement"] if s["Effect"] == "Allow"
    ]
    assert shared["Principal"] == {"Service": "ram.amazonaws.com"}


def granted(acme: Workbench, lake: dict[str, Any], role: str) -> list[dict[str, Any]]:
    client = acme.client("lakeformation", lake["account_id"])
    grants = client.list_permissions()["PrincipalResourcePermissions"]
    return [g for g in grants if g["Principal"]["DataLakePrincipalIdentifier"].endswith(f"role/plinth/{role}")]


@pytest.mark.requirement("DL-05")
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


@pytest.mark.requirement("DL-08")
@pytest.mark.parametrize("environment", ["development", "preproduction", "production"])
def test_jobs_of_production_stages_are_granted_reading_and_nothing_else(
    acme: Workbench, lake: dict[str, Any], environment: str
) -> None:
    grants = granted(acme, lake, f"fraud-{environment}-execution")
    assert {permission for grant in grants for permission in grant["Permissions"]} == {"DESCRIBE", "SELECT"}
    assert not [grant for grant in grants if grant["PermissionsWithGrantOption"]]


@pytest.mark.requirement("DL-07")
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


@pytest.mark.requirement("EXP-06")
def test_an_account_that_reads_finds_the_lake_by_links_and_asks_in_its_workgroup(acme: Workbench) -> None:
    environment = acme.outputs("fraud-development")
    databases = acme.client("glue", environment["account_id"]).get_databases()["DatabaseList"]
    assert {database["Name"] for database in databases} == {"lake_historical", "lake_inference"}
    group = acme.client("athena", environment["account_id"]).get_work_group(WorkGroup="fraud-development")["WorkGroup"]
    results = group["Configuration"]["ResultConfiguration"]["OutputLocation"]
    assert results.startswith(f"s3://{environment['bucket_name']}/queries/")


@pytest.mark.requirement("DL-06")
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
    acme.plinth("preview", "data-lake--contracts", "--expect-no-changes")
