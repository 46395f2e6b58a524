import pytest

from components.data_lake.network_perimeter import NetworkPerimeter
from components.data_lake.shared_folder import FolderReaders, SharedFolder, SharedFolderArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, ORGANIZATION, REGION

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"
KEY = "aws:kms/key:Key"
FRAUD, CHURN = "444444444444", "555555555555"
JOBS = f"arn:aws:iam::{FRAUD}:role/plinth/fraud-development-execution"
ADA = f"arn:aws:iam::{FRAUD}:role/plinth/fraud-experimentation-studio-ada"
OTHERS = f"arn:aws:iam::{CHURN}:role/plinth/churn-development-execution"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint"
READERS = {
    "churn": FolderReaders(
        access_point_name="churn--letters",
        account_ids={"churn-development": CHURN},
        roles={"letters/historical/": [OTHERS]},
    ),
    "fraud": FolderReaders(
        access_point_name="fraud--letters",
        account_ids={"fraud-development": FRAUD, "fraud-experimentation": FRAUD},
        roles={"letters/historical/": [ADA, JOBS], "letters/inference/": [JOBS]},
    ),
}


def folder(readers=READERS):
    args = SharedFolderArgs(
        bucket_name="acme-lake-letters",
        key_alias="plinth/data-lake/letters",
        description="Letters",
        account_id=ACCOUNT,
        region=REGION,
        organization_id=ORGANIZATION,
        log_bucket_name="acme-data-access-logs",
        perimeter=NetworkPerimeter(organization_id=ORGANIZATION, corporate_networks=[], excepted_roles=[]),
        noncurrent_retention_days=90,
        readers=readers,
    )
    return SharedFolder("folder-letters", args)


def roots(*accounts):
    return [f"arn:aws:iam::{account}:root" for account in accounts]


@pytest.mark.requirement("DL-09.d")
def test_an_access_point_allows_exactly_the_roles_of_its_team_to_read_their_parts():
    recorder = deploy(folder)
    points = {record.inputs["name"]: record for record in recorder.all(ACCESS_POINT)}
    assert set(points) == {"churn--letters", "fraud--letters"}
    allowed = statements(points["fraud--letters"])
    read = {s["Resource"]: as_list(s["Condition"]["ArnEquals"]["aws:PrincipalArn"]) for s in allowed.values()}
    assert read == {
        f"{POINT}/fraud--letters": [JOBS],
        f"{POINT}/fraud--letters/object/letters/historical/*": [ADA, JOBS],
        f"{POINT}/fraud--letters/object/letters/inference/*": [JOBS],
    }
    assert {s["Condition"]["StringEquals"]["aws:PrincipalOrgID"] for s in allowed.values()} == {ORGANIZATION}
    listed = [s["Condition"] for s in allowed.values() if s["Action"] == "s3:ListBucket"]
    assert [condition["StringLike"]["s3:prefix"] for condition in listed] == [
        "letters/historical/*",
        "letters/inference/*",
    ]
    assert {action for s in allowed.values() for action in as_list(s["Action"])} == {"s3:GetObject", "s3:ListBucket"}


@pytest.mark.requirement("DL-09.d")
def test_bucket_and_key_policies_allow_only_the_accounts_of_readers():
    recorder = deploy(folder)
    by_sid = statements(recorder.one(BUCKET_POLICY))
    way_in = by_sid.pop("ReadersThroughTheirAccessPoints")
    assert set(as_list(way_in["Principal"]["AWS"])) == set(roots(FRAUD, CHURN))
    assert way_in["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        "ArnEquals": {"s3:DataAccessPointArn": [f"{POINT}/churn--letters", f"{POINT}/fraud--letters"]},
    }
    assert {statement["Effect"] for statement in by_sid.values()} == {"Deny"}
    assert "RefuseOtherNetworks" in by_sid
    of_key = statements(recorder.one(KEY))
    decrypts = of_key.pop("ReadersDecryptThroughS3")
    assert set(as_list(decrypts["Principal"]["AWS"])) == set(roots(FRAUD, CHURN))
    assert (decrypts["Action"], decrypts["Condition"]) == (
        "kms:Decrypt",
        {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
    )
    assert not [s for s in of_key.values() if FRAUD in str(s["Principal"])]


@pytest.mark.requirement("DL-09.d")
def test_a_dataset_without_readers_is_accessible_to_the_lake_only():
    recorder = deploy(lambda: folder(readers={}))
    assert not recorder.all(ACCESS_POINT)
    assert {s["Effect"] for s in statements(recorder.one(BUCKET_POLICY)).values()} == {"Deny"}
    assert "ReadersDecryptThroughS3" not in statements(recorder.one(KEY))


def test_a_bucket_and_its_key_are_protected_and_new_objects_are_encrypted():
    recorder = deploy(folder)
    assert recorder.one("aws:s3/bucket:Bucket").protect
    key = recorder.one(KEY)
    assert key.protect
    assert key.retain_on_delete
    encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (rule,) = recorder.one(encryption).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == key.computed["arn"]


def test_a_preview_with_unknowns_registers_the_same_resources():
    assert {r.urn for r in deploy(folder, preview=True)} == {r.urn for r in deploy(folder)}
