"""The table of services that can open data or powers, with the reader of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from selfservice.undeclared.finding import Finding
from selfservice.undeclared.readers import (
    buckets,
    iam,
    identity_center,
    kms,
    lake_formation,
    network,
    organizations,
    ram,
    resource_policies,
    shared_copies,
)
from selfservice.undeclared.readers.policy_listings import LISTINGS
from selfservice.undeclared.reading import Reading


class Where(Enum):
    """The accounts and regions in which a service is read."""

    EVERY_REGION = auto()
    """In every allowed region of every account."""
    ONCE = auto()
    """Once in every account: it belongs to no region, or answers for all."""
    MANAGEMENT = auto()
    """In the home region of the management account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service and how it is read."""

    name: str
    read: Callable[[Reading], Iterator[Finding]]
    where: Where


SERVICES: tuple[Service, ...] = (
    Service(name="AWS Organizations", read=organizations.read, where=Where.MANAGEMENT),
    Service(name="IAM Identity Center", read=identity_center.read, where=Where.MANAGEMENT),
    Service(name="IAM", read=iam.read, where=Where.ONCE),
    Service(name="S3", read=buckets.read_buckets, where=Where.ONCE),
    Service(name="S3 access points", read=buckets.read_access_points, where=Where.EVERY_REGION),
    Service(name="Lake Formation", read=lake_formation.read, where=Where.EVERY_REGION),
    Service(name="RAM", read=ram.read, where=Where.EVERY_REGION),
    Service(name="KMS", read=kms.read, where=Where.EVERY_REGION),
    Service(name="VPC", read=network.read, where=Where.EVERY_REGION),
    Service(name="Images and snapshots", read=shared_copies.read, where=Where.EVERY_REGION),
    *(
        Service(name=listing.name, read=resource_policies.reader_of(listing), where=Where.EVERY_REGION)
        for listing in LISTINGS
    ),
)
"""All services that are read."""
