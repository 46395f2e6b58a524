"""Bad input in regions."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, Case, organization

_KEY = "arn:aws:kms:{}:111122223333:key/11111111-2222-3333-4444-555555555555"


def exception(*actions: str, regions: tuple[str, ...] = ("eu-central-1",)) -> dict[str, object]:
    return {
        "actions": list(actions),
        "regions": list(regions),
        "reason": "inference profiles of Bedrock use several regions",
    }


REGIONS = [
    Case(
        31,
        "name too long for the region",
        organization(name="northern-mutual-bank", home_region="eu-central-1", allowed_regions=["eu-central-1"]),
        Code.NAME_TOO_LONG,
        ORGANIZATION + "name",
        (
            "northern-mutual-bank makes the bucket name",
            "northern-mutual-bank-promotions-00000000-000000000000-eu-central-1-an",
            "has 69 characters; a bucket name has at most 63",
            "write at most 14 characters in eu-central-1, such as northern; it cannot change later",
        ),
    ),
    Case(
        32,
        "name too long for the region of copies",
        organization(
            name="northern-mutual-1",
            allowed_regions=["eu-west-1", "eu-west-2", "ap-southeast-1", "ap-northeast-3"],
            lake={"replica_region": "ap-southeast-1"},
        ),
        Code.NAME_TOO_LONG,
        ORGANIZATION + "lake.replica_region",
        (
            "makes the bucket name northern-mutual-1-data-access-logs-000000000000-ap-southeast-1-an",
            "such as eu-west-2",
        ),
    ),
    Case(
        32,
        "exception for a whole service",
        organization(region_exceptions=[exception("bedrock:*")]),
        Code.FORMAT,
        ORGANIZATION + "region_exceptions[0].actions[0]",
        ("is not an IAM action", "bedrock:InvokeModel*"),
    ),
    Case(
        32,
        "exception for an allowed region",
        organization(allowed_regions=["eu-west-1"], region_exceptions=[exception("s3:Get*", regions=("eu-west-1",))]),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "region_exceptions[0].regions[0]",
        ("is one of allowed_regions already", "remove it here"),
    ),
    Case(
        32,
        "exception without actions",
        organization(region_exceptions=[exception()]),
        Code.FIELD_MISSING,
        ORGANIZATION + "region_exceptions[0].actions",
        ("is empty", "remove the exception"),
    ),
    Case(
        32,
        "action in two exceptions",
        organization(region_exceptions=[exception("bedrock:Invoke*"), exception("bedrock:InvokeModel")]),
        Code.NAME_REPEATED,
        ORGANIZATION + "region_exceptions[1].actions[0]",
        ("is in an exception already", "in one exception"),
    ),
    Case(
        32,
        "copy of the lake in a region that is not allowed",
        organization(allowed_regions=["eu-west-1"], lake={"replica_region": "eu-central-1"}),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "lake.replica_region",
        ("not among allowed_regions (eu-west-1)", "add eu-central-1 to allowed_regions"),
    ),
    Case(
        32,
        "copy of the lake in the home region",
        organization(allowed_regions=["eu-west-1", "eu-central-1"], lake={"replica_region": "eu-west-1"}),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "lake.replica_region",
        ("is the home region", "use eu-central-1"),
    ),
    Case(
        32,
        "copy of the log archive in a region that is not allowed",
        organization(allowed_regions=["eu-west-1"], audit={"replica_region": "eu-central-1"}),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "audit.replica_region",
        ("not among allowed_regions (eu-west-1)", "add eu-central-1 to allowed_regions"),
    ),
    Case(
        30,
        "unknown",
        organization(home_region="eu-wst-1"),
        Code.REGION_UNKNOWN,
        ORGANIZATION + "home_region",
        ("nearest is eu-west-1",),
    ),
    Case(
        30,
        "zone for region",
        organization(home_region="eu-west-1a"),
        Code.REGION_UNKNOWN,
        ORGANIZATION + "home_region",
        ("nearest is eu-west-1",),
    ),
    Case(
        31,
        "opt-in",
        organization(home_region="eu-south-1"),
        Code.REGION_OPT_IN,
        ORGANIZATION + "home_region",
        ("disabled at AWS", "enabled_regions"),
    ),
    Case(
        31,
        "opt-in allowed",
        organization(allowed_regions=["eu-west-1", "af-south-1"]),
        Code.REGION_OPT_IN,
        ORGANIZATION + "allowed_regions[1]",
        ("disabled at AWS",),
    ),
    Case(
        32,
        "outside allow-list",
        organization(allowed_regions=["us-east-1"]),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "home_region",
        ("us-east-1", "add eu-west-1"),
    ),
    Case(
        32,
        "China",
        organization(home_region="cn-north-1"),
        Code.REGION_PARTITION,
        ORGANIZATION + "home_region",
        ("aws-cn",),
    ),
    Case(
        32,
        "government",
        organization(allowed_regions=["eu-west-1", "us-gov-west-1"]),
        Code.REGION_PARTITION,
        ORGANIZATION + "allowed_regions[1]",
        ("aws-us-gov",),
    ),
    Case(
        33,
        "no CodePipeline",
        organization(home_region="ca-west-1", enabled_regions=["ca-west-1"]),
        Code.REGION_FEATURE,
        ORGANIZATION + "home_region",
        ("CodePipeline", "use ca-central-1"),
    ),
    Case(
        196,
        "package repository in a region without CodeArtifact",
        organization(phase="reliable", home_region="eu-central-2", enabled_regions=["eu-central-2"], packages={}),
        Code.REGION_FEATURE,
        ORGANIZATION + "packages",
        ("needs CodeArtifact, which eu-central-2 does not offer", "remove the setting"),
    ),
    Case(
        34,
        "key of another region",
        organization(reviews={"state_keys": [_KEY.format("us-east-1")]}),
        Code.REGION_NOT_ALLOWED,
        ORGANIZATION + "reviews.state_keys[0]",
        ("is a key of us-east-1; the organization uses eu-west-1", "the region of the state bucket"),
    ),
    Case(
        34,
        "alias of a key",
        organization(reviews={"state_keys": [_KEY.format("eu-west-1").replace("key/", "alias/")]}),
        Code.FORMAT,
        ORGANIZATION + "reviews.state_keys[0]",
        ("is not the ARN of a KMS key", "name the key itself, because aliases can be moved"),
    ),
]
