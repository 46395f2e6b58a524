import json

import pytest

from components.data_lake.lake_formation_settings import LakeFormationSettings, LakeFormationSettingsArgs
from components.data_lake.lake_zones import LakeZones, LakeZonesArgs
from components.data_lake.network_perimeter import NetworkPerimeter
from components.data_lake.protected_catalogue import ProtectedCatalogue, ProtectedCatalogueArgs
from components.data_lake.published_zones import PublishedZones, PublishedZonesArgs
from settings.data.lake import ZONES, LakeSettings
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, ORGANIZATION, REGION

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
READER = f"arn:aws:iam::{ACCOUNT}:role/plinth/data-lake-reader"


def zones(**changes):
    perimeter = NetworkPerimeter(organization_id=ORGANIZATION, corporate_networks=[], excepted_roles=[READER])
    args = {
        "bucket_names": {zone: f"acme-lake-{zone}" for zone in ZONES},
        "log_bucket_name": "acme-data-access-logs",
        "account_id": ACCOUNT,
        "organization_id": ORGANIZATION,
        "key_arn": KEY,
        "perimeter": perimeter,
        "settings": LakeSettings(landing_retention_days=14, noncurrent_retention_days=120),
    }
    return LakeZones("lake", LakeZonesArgs(**args | changes))


def catalogue():
    args = ProtectedCatalogueArgs(
        role_name="data-lake-catalogue",
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        region=REGION,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    )
    return ProtectedCatalogue("catalogue", args)


def published():
    args = PublishedZonesArgs(
        role_name="data-lake-reader",
        account_id=ACCOUNT,
        zone_arns={zone: f"arn:aws:s3:::acme-lake-{zone}" for zone in ZONES},
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    )
    return PublishedZones("published", args)


def settings():
    return LakeFormationSettings("lake-formation", LakeFormationSettingsArgs(administrators=[READER]))


def policy_of(zone, component=zones):
    return statements(deploy(component).one(BUCKET_POLICY, f"lake-{zone}-policy"))


@pytest.mark.requirement("DL-01")
def test_every_zone_is_a_protected_bucket_under_the_lakes_key():
    recorder = deploy(zones)
    buckets = {r.inputs["bucket"]: r for r in recorder.all("aws:s3/bucket:Bucket")}
    assert set(buckets) == {*(f"acme-lake-{zone}" for zone in ZONES), "acme-data-access-logs"}
    assert all(bucket.protect for bucket in buckets.values())
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    for zone in ZONES:
        (rule,) = recorder.one(encryption, f"lake-{zone}-encryption").inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}


def test_objects_in_landing_expire_and_objects_in_other_zones_stay():
    recorder = deploy(zones)
    rules = {zone: recorder.one(LIFECYCLE, f"lake-{zone}-lifecycle").inputs["rules"][0] for zone in ZONES}
    assert {zone: rule.get("expiration") for zone, rule in rules.items()} == {
        "landing": {"days": 14},
        "raw": None,
        "curated": None,
        "results": None,
    }
    assert {rule["noncurrentVersionExpiration"]["noncurrentDays"] for rule in rules.values()} == {120}


@pytest.mark.parametrize("zone", ZONES)
def test_a_zone_is_reachable_from_networks_of_the_organization_only(zone):
    refusal = policy_of(zone)["RefuseOtherNetworks"]
    assert (refusal["Effect"], refusal["Principal"], refusal["Action"]) == ("Deny", "*", "s3:*")
    assert refusal["Resource"] == [f"arn:aws:s3:::acme-lake-{zone}", f"arn:aws:s3:::acme-lake-{zone}/*"]
    assert refusal["Condition"] == {
        "StringNotEqualsIfExists": {"aws:VpceOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": READER},
    }


def test_corporate_networks_are_allowed_where_they_are_configured():
    perimeter = NetworkPerimeter(
        organization_id=ORGANIZATION, corporate_networks=["203.0.113.0/24"], excepted_roles=[READER]
    )
    refusal = policy_of("raw", lambda: zones(perimeter=perimeter))["RefuseOtherNetworks"]
    assert refusal["Condition"]["NotIpAddressIfExists"] == {"aws:SourceIp": "203.0.113.0/24"}


@pytest.mark.requirement("DL-06.a")
def test_there_are_no_default_grants_and_grants_to_other_accounts_are_enabled():
    record = deploy(settings).one("aws:lakeformation/dataLakeSettings:DataLakeSettings")
    assert record.inputs["admins"] == [READER]
    assert not {"createDatabaseDefaultPermissions", "createTableDefaultPermissions"} & set(record.inputs)
    assert int(record.inputs["parameters"]["CROSS_ACCOUNT_VERSION"]) >= 3
    assert record.retain_on_delete


def test_glue_encrypts_the_catalog_with_its_own_role_so_that_readers_need_no_key_access():
    recorder = deploy(catalogue)
    encrypted = recorder.one("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings").inputs[
        "dataCatalogEncryptionSettings"
    ]
    role = recorder.one("aws:iam/role:Role")
    assert encrypted["encryptionAtRest"] == {
        "catalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE",
        "catalogEncryptionServiceRole": role.computed["arn"],
        "sseAwsKmsKeyId": KEY,
    }
    assert encrypted["connectionPasswordEncryption"] == {"returnConnectionPasswordEncrypted": True, "awsKmsKeyId": KEY}
    (trust,) = statements(role, "assumeRolePolicy").values()
    assert trust["Principal"] == {"Service": "glue.amazonaws.com"}


def test_the_catalog_is_shared_through_ram_only_and_denies_other_organizations():
    record = deploy(catalogue).one("aws:glue/resourcePolicy:ResourcePolicy")
    by_sid = statements(record)
    allowed = [statement for statement in by_sid.values() if statement["Effect"] == "Allow"]
    assert [(s["Principal"], s["Action"]) for s in allowed] == [
        ({"Service": "ram.amazonaws.com"}, "glue:ShareResource")
    ]
    refused = by_sid["RefuseOtherOrganizations"]["Condition"]
    assert refused["StringNotEqualsIfExists"] == {"aws:PrincipalOrgID": ORGANIZATION}
    assert record.inputs["enableHybrid"] == "TRUE"


def test_lake_formation_reads_published_zones_with_a_role_that_cannot_write():
    recorder = deploy(published)
    registered = {r.inputs["arn"]: r.inputs for r in recorder.all("aws:lakeformation/resource:Resource")}
    assert set(registered) == {f"arn:aws:s3:::acme-lake-{zone}" for zone in ("curated", "results")}
    role = recorder.one("aws:iam/role:Role").computed["arn"]
    assert {(r["roleArn"], r["hybridAccessEnabled"]) for r in registered.values()} == {(role, False)}
    allowed = statements(recorder.one("aws:iam/rolePolicy:RolePolicy")).values()
    actions = {action for statement in allowed for action in as_list(statement["Action"])}
    assert not [action for action in actions if "Put" in action or "Delete" in action or "*" in action]


@pytest.mark.requirement("DL-04")
def test_each_dataset_part_and_features_have_a_database_with_lf_tags():
    recorder = deploy(published)
    databases = {r.inputs["name"]: r for r in recorder.all("aws:glue/catalogDatabase:CatalogDatabase")}
    assert set(databases) == {"historical", "inference", "features"}
    tags = recorder.all("aws:lakeformation/resourceLfTags:ResourceLfTags")
    assert {t.inputs["database"]["name"] for t in tags} == set(databases)
    assert all(t.inputs["lfTags"] == [{"key": "zone", "value": "curated"}] for t in tags)
    keys = {r.urn for r in recorder.all("aws:lakeformation/lfTag:LfTag")}
    assert all(keys <= tag.dependencies for tag in tags)


@pytest.mark.parametrize("component", [zones, catalogue, published, settings])
def test_a_preview_with_unknowns_registers_the_same_resources(component):
    assert {r.urn for r in deploy(component, preview=True)} == {r.urn for r in deploy(component)}


def test_policies_are_valid_json():
    for record in deploy(zones).all(BUCKET_POLICY):
        assert json.loads(record.inputs["policy"])["Version"] == "2012-10-17"
