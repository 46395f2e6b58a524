"""The data lake of the example organization, read back by another client than the one that made it."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
