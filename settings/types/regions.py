"""AWS regions: which exist, which are opt-in, and which lack a service that the foundation needs.

Source of opt-in regions: AWS Account Management, "Specify which AWS Regions your account can use" (all regions launched
after 20 March 2019). Source of missing services: the endpoint tables of botocore 1.44.
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
"""Partition by prefix of the region name. An organization has one partition."""

WITHOUT_CODE_SERVICES = frozenset({"ap-east-2", "ap-southeast-7", "ca-west-1", "mx-central-1"})
"""Regions without CodeBuild or CodePipeline, which build and promote models."""

WITHOUT_CODECOMMIT = frozenset(
    {
        "ap-east-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1",
        "eu-central-2", "eu-south-2", "mx-central-1",
    }
)  # fmt: skip
"""Regions without CodeCommit, which keeps repositories."""

WITHOUT_CODEARTIFACT = REGIONS - {
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-north-1", "eu-south-1",
    "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1", "us-east-2", "us-west-2",
}  # fmt: skip
"""Regions without CodeArtifact, which keeps packages."""

MOST_REGIONS = 8
"""Most regions that accounts may use. The guardrail on regions denies all others, so with more it would deny few."""

TWO_ZONES = frozenset({"us-west-1"})
"""Regions where an account has only two Availability Zones."""


def partition_of(region: str) -> str:
    """Returns the partition of a region, by the prefix of its name."""
    return next((name for prefix, name in OTHER_PARTITIONS.items() if region.startswith(prefix)), "aws")


def nearest_without_gaps(region: str) -> str:
    """Returns a region in or near the same geography that is enabled by default and offers every service needed."""
    geography = region.split("-")[0]
    twins = {"mx": "us-east-2", "af": "eu-west-1", "il": "eu-central-1", "me": "eu-central-1"}
    near = sorted(other for other in ENABLED_BY_DEFAULT if other.startswith(f"{geography}-"))
    return near[0] if near else twins.get(geography, "us-east-1")


def nearest(region: str) -> str:
    """Returns the region with the most similar name."""
    near = get_close_matches(region.lower().replace("_", "-"), sorted(REGIONS), n=1, cutoff=0.6)
    return near[0] if near else nearest_without_gaps(region.lower())


def provider_name(account_label: str, region: str | None) -> str:
    """Returns the name of a provider: the label of its account and, unless it is the home region, its region."""
    return account_label if region is None else f"{account_label}-{region}"


def account_label_of(provider: str) -> str:
    """Returns the label of a provider's account, given its name. No label ends in a region."""
    region = next((region for region in REGIONS if provider.endswith(f"-{region}")), None)
    return provider if region is None else provider.removesuffix(f"-{region}")
