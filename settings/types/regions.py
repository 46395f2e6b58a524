"""AWS regions as the foundation sees them.

Which regions are off until enabled: AWS Account Management, "Specify which AWS Regions your account can use"
(all that were launched after 20 March 2019). Which lack a service: the endpoint tables of botocore 1.44.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType

ENABLED_BY_DEFAULT = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
OPT_IN = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    }
)
REGIONS = ENABLED_BY_DEFAULT | OPT_IN

OTHER_PARTITIONS = MappingProxyType(
    {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc", "us-iso": "aws-iso"}
)
"""Prefix of a region's name to the partition it is in. An organization lives in one partition."""

WITHOUT_CODE_SERVICES = frozenset({"ap-east-2", "ap-southeast-7", "ca-west-1", "mx-central-1"})
"""Regions that do not offer both CodeBuild and CodePipeline, which build and promote models."""

TWO_ZONES = frozenset({"us-west-1"})
"""Regions where an account sees only two Availability Zones."""


def partition_of(region: str) -> str:
    """The partition a region's name belongs to, by its prefix."""
    return next((name for prefix, name in OTHER_PARTITIONS.items() if region.startswith(prefix)), "aws")


def nearest_without_gaps(region: str) -> str:
    """A region of the same geography that is on by default and offers everything."""
    geography = region.split("-")[0]
    twins = {"mx": "us-east-2", "af": "eu-west-1", "il": "eu-central-1", "me": "eu-central-1"}
    near = sorted(other for other in ENABLED_BY_DEFAULT if other.startswith(f"{geography}-"))
    return near[0] if near else twins.get(geography, "us-east-1")


def nearest(region: str) -> str:
    """The region whose name is most like the one given."""
    near = get_close_matches(region.lower().replace("_", "-"), sorted(REGIONS), n=1, cutoff=0.6)
    return near[0] if near else nearest_without_gaps(region.lower())
