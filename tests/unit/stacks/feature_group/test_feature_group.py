from functools import cache

import pytest

from settings.types.kinds import ENVIRONMENTS
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
)

GROUP = "aws:sagemaker/featureGroup:FeatureGroup"
GRANT = "aws:lakeformation/permissions:Permissions"
TAGS = "aws:lakeformation/resourceLfTags:ResourceLfTags"
SHARE = "aws:ram/resourceShare:ResourceShare"
MEMBER = "aws:ram/principalAssociation:PrincipalAssociation"
LINK = "aws:glue/catalogDatabase:CatalogDatabase"
POLICY = "aws:iam/rolePolicy:RolePolicy"


CARDS = example_feature_group()
OPEN = example_feature_group(
    "open", features=CARDS.features[1:], record_identifier="payments", anonymised=(), approved=True
)
OFFLINE = example_feature_group("offline", online=False, ttl_hours=None, written_by={}, table_format="glue")
ONLINE = example_feature_group("online", offline=False)


@cache
def deployment(*, all_groups=True, preview=False, placement="large"):
    organization = example_organization(placement=placement)
    groups = [CARDS, OPEN, OFFLINE, ONLINE] if all_groups else [CARDS]
    return Deployment(example_foundation(organization=organization, feature_groups=groups), preview=preview)


def made(name="card-activity", **kwargs):
    return deployment(**kwargs)[f"features--{name}"]


def opened(recorder, access):
    """Returns the accounts that a resource is shared with."""
    return {record.inputs["principal"] for record in recorder.all(MEMBER) if record.name.startswith(f"{access}-")}


def accounts(team, *environments):
    known = deployment()[team].exports["accounts"]
    return {known[environment] for environment in environments}


@pytest.mark.requirement("FS-01", "AMB-19.a")
def test_a_feature_group_uses_the_lakes_account_key_and_curated_zone():
    lake, asked = deployment()["data-lake"].exports, made().one(GROUP)
    online, offline = asked.inputs["onlineStoreConfig"], asked.inputs["offlineStoreConfig"]
    assert asked.provider == "data-lake"
    assert online["securityConfig"]["kmsKeyId"] == offline["s3StorageConfig"]["kmsKeyId"] == lake["key_arn"]
    assert online["ttlDuration"] == {"unit": "Hours", "value": 720}
    bucket = lake["zone_buckets"]["curated"]
    assert offline["s3StorageConfig"]["s3Uri"] == f"s3://{bucket}/features/card-activity"
    assert offline["tableFormat"] == "Iceberg"
    features_database = deployment()["data-catalog"].exports["features_database"]
    assert offline["dataCatalogConfig"]["database"] == features_database == "features"
    types = {feature["featureName"]: feature["featureType"] for feature in asked.inputs["featureDefinitions"]}
    assert types == {"card": "String", "observed_at": "String", "payments": "Integral", "spent": "Fractional"}


@pytest.mark.requirement("FS-04.a")
def test_the_offline_store_is_granted_by_lf_tag_and_experiments_read_anonymised_features():
    tags = {t.name: {tag["key"]: tag["value"] for tag in t.inputs["lfTags"]} for t in made().all(TAGS)}
    assert tags["group-tags"] == {
        "class": "confidential",
        "exposure": "raw",
        "zone": "curated",
        "team-churn": "dev",
        "team-fraud": "exp+dev+preprod+prod",
    }
    columns = made().one(TAGS, "group-columns").inputs
    assert tags["group-columns"] == {"exposure": "anonymised"}
    assert set(columns["tableWithColumns"]["columnNames"]) == {
        "payments", "spent", "is_deleted", "write_time", "api_invocation_time"
    }  # fmt: skip


def test_only_feature_store_may_write_and_only_its_own_table():
    grants = made().all(GRANT)
    assert {grant.inputs["principal"].rpartition("/")[2] for grant in grants} == {"data-lake-features-card-activity"}
    (table,) = [grant.inputs for grant in grants if "table" in grant.inputs]
    assert table["table"] == {"databaseName": "features", "name": "card_activity"}
    assert "ALTER" in table["permissions"]
    assert not [grant for grant in grants if grant.inputs.get("permissionsWithGrantOptions")]


def test_feature_store_writes_only_the_folder_of_the_group():
    found = statements(made().one(POLICY))
    bucket = deployment()["data-lake"].exports["zone_buckets"]["curated"]
    assert as_list(found["FillStore"]["Resource"]) == [f"arn:aws:s3:::{bucket}/features/card-activity/*"]
    assert {arn.rpartition(":")[2] for arn in found["KeepTable"]["Resource"]} == {
        "catalog", "database/features", "table/features/card_activity"
    }  # fmt: skip


def test_the_lakes_network_perimeter_exempts_feature_store():
    policy = deployment()["data-lake"].one("aws:s3/bucketPolicy:BucketPolicy", "lake-curated-policy")
    excepted = statements(policy)["RefuseOtherNetworks"]["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]
    assert [arn for arn in excepted if arn.endswith(":role/plinth/data-lake-features-*")]


@pytest.mark.requirement("FS-01")
def test_the_online_store_is_shared_with_reading_and_writing_accounts():
    recorder = made()
    permissions = {share.name: share.inputs["permissionArns"][0].rpartition("/")[2] for share in recorder.all(SHARE)}
    assert permissions == {
        "read": "AWSRAMPermissionSageMakerFeatureGroupReadOnly",
        "write": "AWSRAMPermissionSagemakerFeatureGroupReadWrite",
    }
    assert not any(share.inputs["allowExternalPrincipals"] for share in recorder.all(SHARE))
    readers = accounts("fraud", "development", "preproduction", "production") | accounts("churn", "development")
    assert opened(recorder, "read") == readers
    assert opened(recorder, "write") == accounts("fraud", "production")


def test_experimentation_reads_only_approved_features_online():
    experiments = accounts("fraud", "experimentation")
    assert experiments <= opened(made("open"), "read")
    assert not experiments & opened(made(), "read")


def test_a_group_without_an_online_store_is_shared_only_by_lf_tags():
    recorder = made("offline")
    assert not recorder.all(SHARE)
    assert recorder.one(GROUP).inputs["offlineStoreConfig"]["tableFormat"] == "Glue"
    assert "onlineStoreConfig" not in recorder.one(GROUP).inputs


def test_a_group_without_an_offline_store_has_no_table():
    recorder = made("online")
    assert not [*recorder.all(TAGS), *recorder.all(GRANT)]
    assert "offlineStoreConfig" not in recorder.one(GROUP).inputs
    assert "table" not in recorder.exports


def test_the_lakes_own_account_needs_no_share():
    assert not made(placement="small").all(SHARE)


@pytest.mark.requirement("FS-04.a")
def test_the_organization_can_search_the_feature_group_catalog():
    recorder = deployment()["data-lake"]
    share = recorder.one(SHARE, "feature-catalogue")
    assert share.inputs["permissionArns"] == [
        "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerCatalogResourceSearch"
    ]
    shared = recorder.one("aws:ram/resourceAssociation:ResourceAssociation", "feature-catalogue-groups").inputs
    assert shared["resourceArn"].endswith(":sagemaker-catalog/DefaultFeatureGroupCatalog")


@pytest.mark.requirement("FS-01")
def test_a_reading_account_has_a_resource_link_to_the_features_database():
    links = [link for link in deployment()["fraud-data"].all(LINK) if link.inputs["name"] == "lake_features"]
    assert {link.provider for link in links} == {f"fraud-{environment}" for environment in ENVIRONMENTS}
    assert {link.inputs["targetDatabase"]["databaseName"] for link in links} == {"features"}


def test_jobs_read_features_through_an_endpoint_and_experiments_write_none():
    for environment in ENVIRONMENTS:
        found = statements(deployment()[f"fraud-{environment}"].one(POLICY, "roles-execution-permissions"))
        assert found["ReadFeatures"]["Condition"] == {"Null": {"aws:SourceVpce": "false"}}
        assert ("WriteFeatures" in found) is (environment != "experimentation")


def test_the_lakes_key_admits_the_organization_only_through_feature_store():
    key = statements(deployment()["data-lake"].one("aws:kms/key:Key"))["OrganizationUsesThroughFeatureStore"]
    assert key["Condition"]["StringEquals"]["kms:ViaService"] == "sagemaker.eu-west-1.amazonaws.com"
    assert set(key["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}


def test_adding_a_feature_group_changes_no_other_stack():
    without, with_ = deployment(all_groups=False), deployment()
    for stack in ("data-lake", "fraud-data", "churn-data", "features--card-activity"):
        assert with_[stack].inputs == without[stack].inputs, stack


@pytest.mark.parametrize("name", ["card-activity", "offline", "online", "open"])
def test_a_first_preview_shows_the_same_resources(name):
    assert {r.urn for r in made(name, preview=True)} == {r.urn for r in made(name)}
