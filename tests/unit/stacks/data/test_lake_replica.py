"""The lake's zones in a second region."""

from functools import cache

import pytest

from components.data_lake.zone_replicas import REPLICATION_ROLE
from settings.data.lake import ZONES, LakeSettings
from settings.derived.stack_graph import StackIdentity
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_organization

HOME, SECOND = "eu-west-1", "eu-central-1"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET = "aws:s3/bucket:Bucket"


@cache
def foundation():
    organization = example_organization(
        allowed_regions=[HOME, SECOND], lake=LakeSettings(replica_region=SECOND, landing_retention_days=11)
    )
    return example_foundation(organization=organization)


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
    assert policy["EncryptReplicas"]["Resource"] == replica().exports["key_arn"]


def test_the_zones_admit_the_role_only_with_a_second_region():
    def excepted(lake):
        policy = statements(lake.one("aws:s3/bucketPolicy:BucketPolicy", "lake-raw-policy"))
        return policy["RefuseOtherNetworks"]["Condition"]["ArnNotLikeIfExists"]["aws:PrincipalArn"]

    def roles(lake):
        return [arn for arn in excepted(lake) if arn.endswith(f"/{REPLICATION_ROLE}")]

    assert len(roles(deployment()["data-lake"])) == 1
    assert roles(Deployment(example_foundation())["data-lake"]) == []


@pytest.mark.parametrize("stack", ["data-lake", "lake-replica"])
def test_the_stacks_stay_below_the_limit(stack):
    assert len(deployment()[stack].records) <= 150
