"""Rules about the names of buckets, which contain the names of the organization and of a region."""

from __future__ import annotations

from collections.abc import Iterator

from settings.organization.organization import Organization
from settings.rules.partial_config import PartialModel, project_fault
from settings.types.aws.bucket_names import Copied, composed_bucket_names, longest_organization_name
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.grammar import ORGANIZATION_LENGTHS, nearest_slug
from settings.types.naming import name_fault

_COPIES: tuple[Copied, ...] = ("lake", "audit")


def bucket_name_faults(partial: PartialModel[Organization]) -> Iterator[Fault]:
    """Yields a fault if any bucket of the organization would have a name that S3 refuses, in any phase.

    The name of the organization and the home region cannot change, so a later phase must not need a shorter name.
    """
    if not partial.has("name", "home_region"):
        return
    organization = partial.model
    name, region = organization.name, organization.home_region
    longest = longest_organization_name(region)
    if len(name) > longest:
        example = nearest_slug(name, "organization name", (ORGANIZATION_LENGTHS[0], longest))
        fix = f"write at most {longest} characters in {region}, such as {example}; it cannot change later"
        yield project_fault(Code.NAME_TOO_LONG, "name", name, _consequence(name, region), fix)
        return
    for part in _COPIES:
        if partial.has(part, "allowed_regions"):
            yield from _copy_faults(organization, part)


def _copy_faults(organization: Organization, part: Copied) -> Iterator[Fault]:
    copied = organization.lake if part == "lake" else organization.audit
    region, name = copied.replica_region, organization.name
    if region is None or len(name) <= longest_organization_name(region, copied=part):
        return
    others = [
        other
        for other in organization.regions
        if other not in (region, organization.home_region)
        and len(name) <= longest_organization_name(other, copied=part)
    ]
    excess = len(name) - longest_organization_name(region, copied=part)
    fix = f"use a region whose name has at most {len(region) - excess} characters"
    yield project_fault(
        Code.NAME_TOO_LONG,
        f"{part}.replica_region",
        region,
        _consequence(name, region, copied=part),
        f"{fix}, such as {others[0]}" if others else fix,
    )


def _consequence(name: str, region: str, *, copied: Copied | None = None) -> str:
    """Returns what S3 would refuse: the longest bucket name."""
    bucket = max(composed_bucket_names(name, region, copied=copied), key=len)
    refused = name_fault("bucket", bucket)
    assert refused is not None, "a name above the limit is refused"
    return f"makes the bucket name {bucket}, which {refused.rule}"
