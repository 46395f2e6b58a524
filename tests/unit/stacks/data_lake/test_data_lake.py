from settings.data.lake import LakeSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_organization

ADMINISTRATOR = "arn:aws:iam::111111111111:role/deployers/lake"


def lake():
    return example_deployment()["data-lake"]


def test_in_the_management_account_the_network_perimeter_exempts_the_administrators():
    organization = example_organization(placement="small", lake=LakeSettings(administrators=[ADMINISTRATOR]))
    deployed = Deployment(example_foundation(organization=organization, teams=[]))["data-lake"]
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
