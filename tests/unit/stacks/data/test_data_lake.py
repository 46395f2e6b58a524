import pytest

from settings.data.lake import LakeSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_organization

SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
ADMINISTRATOR = "arn:aws:iam::111111111111:role/deployers/lake"


def lake():
    return example_deployment()["data-lake"]


@pytest.mark.requirement("DL-06")
def test_lake_formation_is_configured_before_the_first_database_is_created():
    settings = lake().one(SETTINGS)
    parents = {r.urn: r.parent for r in lake()}
    for database in lake().all(DATABASE):
        assert settings.urn in database.dependencies or settings.urn in _inherited(database, parents)


def _inherited(record, parents):
    """Returns the dependencies of a resource and of its parents, which children inherit."""
    (component,) = [r for r in lake() if r.urn == parents[record.urn]]
    return component.dependencies


def test_the_deploying_role_administers_lake_formation():
    account = lake().exports["account_id"]
    assert lake().one(SETTINGS).inputs["admins"] == [f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"]


def test_in_the_management_account_the_settings_name_the_administrators():
    organization = example_organization(placement="small", lake=LakeSettings(administrators=[ADMINISTRATOR]))
    deployed = Deployment(example_foundation(organization=organization, teams=[]))["data-lake"]
    assert deployed.one(SETTINGS).inputs["admins"] == [ADMINISTRATOR]
    wall = statements(deployed.one("aws:s3/bucketPolicy:BucketPolicy", "lake-raw-policy"))["RefuseOtherNetworks"]
    assert ADMINISTRATOR in wall["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]


def test_the_landing_bucket_is_the_one_that_guardrails_let_other_accounts_write_to():
    names = lake().exports["zone_buckets"]
    assert [zone for zone, name in names.items() if "-landing-" in name] == ["landing"]
    assert all(name.startswith("acme-lake-") for name in names.values())


def test_only_the_catalog_role_and_job_roles_use_the_lakes_key_directly():
    statement = statements(lake().one("aws:kms/key:Key"))["RolesOfServicesUseTheKey"]
    account = lake().exports["account_id"]
    assert statement["Condition"] == {
        "ArnEquals": {
            "aws:PrincipalArn": [
                f"arn:aws:iam::{account}:role/plinth/{name}" for name in ("data-lake-catalogue", "data-lake-etl-*")
            ]
        }
    }
    assert "kms:CreateGrant" not in as_list(statement["Action"])
