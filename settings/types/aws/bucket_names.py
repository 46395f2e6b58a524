"""Names of all buckets, and the table of their purposes. Components compose the name of a bucket only with it, and the
loader composes all of them before anything is deployed.

A bucket is in its account's own namespace: its name ends in ``-<account>-<region>-an``, so nobody else can create it.
With 63 characters for the whole name (S3 User Guide, "General purpose buckets naming rules", read 2026-11-26), the
length of the region's name decides how long the name of an organization can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from settings.types.grammar import ORGANIZATION_LENGTHS
from settings.types.kinds import Environment
from settings.types.naming import (
    ARTIFACTS,
    CONFIGURATION_HISTORY,
    ENVIRONMENT_ABBREVIATIONS,
    LAKE,
    LOG_ARCHIVE,
    NAME_LIMITS,
    TOOLING_ACCESS_LOGS,
    TRACKING_ARTIFACTS,
    ml_bucket_prefix,
    named,
)

Copied = Literal["lake", "audit"]
"""Settings whose ``replica_region`` is the second region of some buckets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketPurpose:
    """A purpose for which an organization has buckets."""

    copied: Copied | None = None
    """The setting that names a second region for copies. None: there are no copies."""
    digits: int = 0
    """Number of digits after the purpose, where several buckets have it."""

    def part(self, purpose: str) -> str:
        """Returns the part of a bucket name between the organization and the account, as long as it is deployed."""
        return f"{purpose}-{'0' * self.digits}" if self.digits else purpose


ACCESS_LOGS = "access-logs"
AUDIT_ANSWERS = "audit-answers"
DATA_ACCESS_LOGS = "data-access-logs"
ETL_SCRIPTS = "etl-scripts"
PROMOTIONS = "promotions"

ORGANIZATION_BUCKETS: Mapping[str, BucketPurpose] = MappingProxyType(
    {
        ACCESS_LOGS: BucketPurpose(copied="audit"),
        ARTIFACTS: BucketPurpose(),
        AUDIT_ANSWERS: BucketPurpose(),
        CONFIGURATION_HISTORY: BucketPurpose(),
        DATA_ACCESS_LOGS: BucketPurpose(copied="lake"),
        ETL_SCRIPTS: BucketPurpose(),
        f"{LAKE}-curated": BucketPurpose(copied="lake"),
        f"{LAKE}-landing": BucketPurpose(copied="lake"),
        f"{LAKE}-raw": BucketPurpose(copied="lake"),
        f"{LAKE}-results": BucketPurpose(copied="lake"),
        LOG_ARCHIVE: BucketPurpose(copied="audit"),
        PROMOTIONS: BucketPurpose(digits=8),
        TOOLING_ACCESS_LOGS: BucketPurpose(),
        TRACKING_ARTIFACTS: BucketPurpose(),
    }
)
"""All purposes of buckets whose names begin with the organization's, in any phase: its name cannot change when a later
phase adds buckets. The buckets of object datasets have the name of the dataset instead (:func:`folder_bucket_name`)."""

TeamBucket = Literal["logs", "scripts", "studio"]
"""Purpose of a bucket of a team's environment, besides the ML bucket."""

_ACCOUNT = "0" * 12


def organization_bucket_name(organization: str, purpose: str, *digits: str, account_id: str, region: str) -> str:
    """Returns the name of a bucket of the organization. Raises ValueError if the table does not contain the purpose."""
    wanted = ORGANIZATION_BUCKETS.get(purpose)
    if wanted is None or len("".join(digits)) != wanted.digits:
        raise ValueError(f"{purpose} with {len(digits)} further parts is not in ORGANIZATION_BUCKETS: add it there")
    return _bucket_name(organization, purpose, *digits, account_id=account_id, region=region)


def team_bucket_name(team: str, environment: Environment, purpose: TeamBucket, *, account_id: str, region: str) -> str:
    """Returns the name of a bucket of a team's environment. The longest fits in every region."""
    parts = (team, ENVIRONMENT_ABBREVIATIONS[environment], purpose)
    return _bucket_name(*parts, account_id=account_id, region=region)


def ml_bucket_name(environment: Environment, team: str, *, account_id: str, region: str) -> str:
    """Returns the name of the ML bucket of a team's environment. :mod:`settings.data.ml_layout` defines its layout."""
    return _bucket_name(ml_bucket_prefix(environment).removesuffix("-"), team, account_id=account_id, region=region)


def folder_bucket_name(organization: str, dataset: str, *, account_id: str, region: str) -> str:
    """Returns the name of the bucket of an object dataset. No object dataset has the name of a zone."""
    return _bucket_name(organization, LAKE, dataset, account_id=account_id, region=region)


def composed_bucket_names(organization: str, region: str, *, copied: Copied | None = None) -> Iterator[str]:
    """Yields the names of the buckets that an organization can have in its home region, or of the copies that it has in
    the second region of a setting. They are not checked; the account is a placeholder."""
    for name, purpose in ORGANIZATION_BUCKETS.items():
        if copied is None or purpose.copied == copied:
            yield "-".join((organization, purpose.part(name), _ACCOUNT, region, "an"))


def longest_organization_name(region: str, *, copied: Copied | None = None) -> int:
    """Returns how many characters the name of an organization may have whose buckets, or copies, are in a region."""
    without = max(len(name) for name in composed_bucket_names("", region, copied=copied))
    return min(ORGANIZATION_LENGTHS[1], NAME_LIMITS["bucket"].most - without)


def _bucket_name(*parts: str, account_id: str, region: str) -> str:
    return named("bucket", *parts, account_id, region, "an")
