"""The lake's zones in a second region."""

from functools import cache

import pytest

from components.data_lake.zone_replicas import REPLICATION_ROLE
from settings.data.dataset import Dataset
from settings.data.lake import ZONES, LakeSettings
from settings.derived.stack_graph import StackIdentity
from tests.support.documents import statements
from tests.support.every_stack import COPIED, SCORES, Deployment, example_foundation, example_organization

HOME, SECOND = "eu-west-1", "eu-central-1"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET = "aws:s3/bucket:Bucket"


FOLDER = Dataset.model_validate(
    {
        "name": "forms",
        "owner": "data@acme.example",
        "classification": "internal",
        "kind": "objects",
        "shared_with": {"fraud": ["development"]},
    }
)


@cache
def foundation():
    organization = example_organization(
        allowed_regions=[HOME, SECOND], lake=LakeSettings(replica_region=SECOND, landing_retention_days=11)
    )
    return example_foundation(organization=organization, datasets=[COPIED, FOLDER, SCORES])


@cache
def deployment():
    return Deployment(foundation())


def replica():
    return deployment()["lake-replica"]


def regions():
    """Returns the region of each provider of the stack, by name."""
    return {record.name: record.inputs["region"] for record in replica() if record.is_provider}


def test_the_stack_exists_only_with_a_second_region():
    stack = StackIdentity("lake-replica")
    assert stack not in example_foundation().stacks
    assert foundation().stacks[stack] == (StackIdentity("organization"), StackIdentity("data-lake"))


def test_every_zone_has_a_protected_bucket_in_the_second_region():
    buckets = {record.name: record for record in replica().all(BUCKET)}
    assert set(buckets) == {f"replica-{zone}" for zone in ZONES} | {"replica-access-logs"}
    assert {regions()[record.provider] for record in buckets.values()} == {SECOND}
    assert all(record.protect and record.inputs["bucket"].endswith(f"-{SECOND}-an") for record in buckets.values())


def test_every_zone_is_replicated_from_the_home_region_without_deletions():
    configurations = replica().all(REPLICATION)
    assert {regions()[record.provider] for record in configurations} == {HOME}
    sources = set(deployment()["data-lake"].exports["zone_buckets"].values())
    assert {record.inputs["bucket"] for record in configurations} == sources
    key = replica().exports["key_arn"]
    for record in configurations:
        (rule,) = record.inputs["rules"]
        assert rule["status"] == "Enabled"
        assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
        assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": key}
        assert rule["destination"]["bucket"] == f"arn:aws:s3:::{record.inputs['bucket'].replace(HOME, SECOND)}"


def test_replicas_expire_like_their_zones():
    rules = {
        record.name.removesuffix("-lifecycle"): record.inputs["rules"][0].get("expiration")
        for record in replica().all("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    }
    assert rules["replica-landing"] == {"days": 11}
    assert rules["replica-raw"] is None


def test_the_role_reads_the_zones_and_writes_the_replicas_and_deletes_nothing():
    policy = statements(replica().one("aws:iam/rolePolicy:RolePolicy"))
    assert not [action for each in policy.values() for action in each["Action"] if "Delete" in action]
    assert all(SECOND in arn for arn in policy["WriteReplicas"]["Resource"])
    assert all(HOME in arn for arn in policy["ReadVersions"]["Resource"])
    for sid, region in (("DecryptVersions", HOME), ("EncryptReplicas", SECOND)):
        assert policy[sid]["Condition"]["StringEquals"] == {"kms:ViaService": f"s3.{region}.amazonaws.com"}
    assert policy["DecryptVersions"]["Resource"] == deployment()["data-lake"].exports["key_arn"]
    assert policy["EncryptReplicas"]["Resource"] == replica().exports["key_arn"]


def test_the_zones_admit_the_role_only_with_a_second_region():
    def excepted(lake):
        policy = statements(lake.one("aws:s3/bucketPolicy:BucketPolicy", "lake-raw-policy"))
        return policy["RefuseOtherNetworks"]["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]

    def roles(lake):
        return [arn for arn in excepted(lake) if arn.endswith(f"/{REPLICATION_ROLE}")]

    assert len(roles(deployment()["data-lake"])) == 1
    assert roles(Deployment(example_foundation())["data-lake"]) == []


def folder():
    return deployment()["data-lake--forms"]


def test_only_object_datasets_have_a_copy_of_their_own():
    stacks, copies = foundation().stacks, StackIdentity("lake-replica")
    assert copies in stacks[StackIdentity("dataset", dataset="forms")]
    assert copies not in stacks[StackIdentity("dataset", dataset="cards")]
    assert deployment()["data-lake--cards"].all(REPLICATION) == []


def test_an_object_dataset_is_copied_into_the_second_region_with_the_key_of_the_other_copies():
    bucket = folder().one(BUCKET, "replica-forms")
    (provider,) = [record for record in folder() if record.is_provider and record.inputs["region"] == SECOND]
    assert (bucket.provider, bucket.protect) == (provider.name, True)
    assert bucket.inputs["bucket"].endswith(f"-{SECOND}-an")
    replication = folder().one(REPLICATION).inputs
    (rule,) = replication["rules"]
    assert replication["bucket"] == folder().one(BUCKET, "folder-forms").inputs["bucket"]
    assert rule["destination"]["bucket"] == f"arn:aws:s3:::{bucket.inputs['bucket']}"
    key = replica().exports["key_arn"]
    assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": key}
    assert folder().exports["replica_bucket"] == bucket.inputs["bucket"]
    log = folder().one("aws:s3/bucketLogging:BucketLogging", "replica-forms-access-log").inputs
    assert log["targetBucket"] == replica().exports["access_log_bucket"]


def test_an_object_dataset_is_copied_after_both_buckets_have_versions():
    """S3 refuses a replication between buckets without versioning."""
    versioning = {record.urn for record in folder().all("aws:s3/bucketVersioning:BucketVersioning")}
    assert len(versioning) == 2
    assert versioning <= folder().one(REPLICATION).dependencies


def test_readers_of_an_object_dataset_do_not_reach_its_copy():
    policy = statements(folder().one("aws:s3/bucketPolicy:BucketPolicy", "replica-forms-policy"))
    assert [sid for sid, found in policy.items() if found["Effect"] == "Allow"] == []


def test_the_role_of_an_object_dataset_reads_and_writes_its_two_buckets_only():
    policy = statements(folder().one("aws:iam/rolePolicy:RolePolicy", "replica-forms-role-permissions"))
    source, copy = (folder().one(BUCKET, name).inputs["bucket"] for name in ("folder-forms", "replica-forms"))
    assert policy["ReadVersions"]["Resource"] == f"arn:aws:s3:::{source}/*"
    assert policy["WriteReplicas"]["Resource"] == f"arn:aws:s3:::{copy}/*"
    for bucket in ("folder-forms", "replica-forms"):
        perimeter = statements(folder().one("aws:s3/bucketPolicy:BucketPolicy", f"{bucket}-policy"))
        excepted = perimeter["RefuseOtherNetworks"]["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]
        assert [arn for arn in excepted if arn.endswith(":role/plinth/data-lake-replication-forms")]


@pytest.mark.parametrize("stack", ["data-lake", "lake-replica"])
def test_the_stacks_stay_below_the_limit(stack):
    assert len(deployment()[stack].records) <= 150
