"""Images, snapshots of volumes and snapshots of databases of an account that others may use: copies of data.

Sources: Amazon EC2 User Guide, "Shared AMIs" and "Share a snapshot"; Amazon RDS User Guide, "Sharing a DB snapshot"
(read 2026-11-28).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.undeclared.finding import Finding
from selfservice.undeclared.policy_access import EVERYONE, named
from selfservice.undeclared.reading import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedCopies:
    """How copies of one kind are listed, and with whom each is shared."""

    what: str
    service: str
    operation: str
    items: str
    arguments: Mapping[str, Any]
    """Arguments of the listing, which leave out copies of others."""
    arn: Callable[[Any, Reading], str]
    sharers: Callable[[Any, Any], Iterable[str]]
    """Returns with whom an item is shared: accounts, ARNs of the organization or its units, or ``*`` for everyone."""
    allows: str
    remedy: str


def _users(permissions: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for permission in permissions:
        names = (permission.get(key) for key in ("UserId", "OrganizationArn", "OrganizationalUnitArn"))
        yield EVERYONE if permission.get("Group") == "all" else next(name for name in names if name)


def _of_snapshot(client: Any, item: Any) -> Iterator[str]:
    asked = {"SnapshotId": item["SnapshotId"], "Attribute": "createVolumePermission"}
    return _users(client.describe_snapshot_attribute(**asked)["CreateVolumePermissions"])


def _of_image(client: Any, item: Any) -> Iterator[str]:
    asked = {"ImageId": item["ImageId"], "Attribute": "launchPermission"}
    return _users(client.describe_image_attribute(**asked)["LaunchPermissions"])


def _restoring(attributes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for attribute in attributes:
        if attribute["AttributeName"] == "restore":
            yield from (EVERYONE if value == "all" else str(value) for value in attribute["AttributeValues"])


def _of_database(client: Any, item: Any) -> Iterator[str]:
    name = item["DBSnapshotIdentifier"]
    found = client.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
    return _restoring(found["DBSnapshotAttributes"])


def _of_cluster(client: Any, item: Any) -> Iterator[str]:
    name = item["DBClusterSnapshotIdentifier"]
    asked = client.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=name)
    return _restoring(asked["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"])


def _ec2_arn(kind: str, key: str) -> Callable[[Any, Reading], str]:
    return lambda item, reading: f"arn:aws:ec2:{reading.account.region}::{kind}/{item[key]}"


COPIES: tuple[SharedCopies, ...] = (
    SharedCopies(
        what="image",
        service="ec2",
        operation="describe_images",
        items="Images",
        arguments={"Owners": ["self"]},
        arn=_ec2_arn("image", "ImageId"),
        sharers=_of_image,
        allows="launching instances with the data of the image",
        remedy="Remove the permission (`aws ec2 reset-image-attribute --attribute launchPermission --image-id …`).",
    ),
    SharedCopies(
        what="snapshot",
        service="ec2",
        operation="describe_snapshots",
        items="Snapshots",
        arguments={"OwnerIds": ["self"]},
        arn=_ec2_arn("snapshot", "SnapshotId"),
        sharers=_of_snapshot,
        allows="creating volumes with the data of the snapshot",
        remedy="Remove the permission (`aws ec2 reset-snapshot-attribute --attribute createVolumePermission …`).",
    ),
    SharedCopies(
        what="database snapshot",
        service="rds",
        operation="describe_db_snapshots",
        items="DBSnapshots",
        arguments={"SnapshotType": "manual"},
        arn=lambda item, _: str(item["DBSnapshotArn"]),
        sharers=_of_database,
        allows="restoring a database with the data of the snapshot",
        remedy="Remove the account (`aws rds modify-db-snapshot-attribute --values-to-remove …`).",
    ),
    SharedCopies(
        what="cluster snapshot",
        service="rds",
        operation="describe_db_cluster_snapshots",
        items="DBClusterSnapshots",
        arguments={"SnapshotType": "manual"},
        arn=lambda item, _: str(item["DBClusterSnapshotArn"]),
        sharers=_of_cluster,
        allows="restoring a cluster with the data of the snapshot",
        remedy="Remove the account (`aws rds modify-db-cluster-snapshot-attribute --values-to-remove …`).",
    ),
)
"""The kinds of copies that can be shared."""


def read(reading: Reading) -> Iterator[Finding]:
    """Yields copies that are shared with others. No stack makes any, and one that is not shared opens nothing."""
    for kind in COPIES:
        client = reading.client(kind.service)
        for item in reading.every(kind.service, kind.operation, kind.items, **kind.arguments):
            arn = kind.arn(item, reading)
            with reading.of(f"permissions of the {kind.what} {arn}"):
                for sharer in kind.sharers(client, item):
                    danger = reading.organization.danger_to(sharer, reading.account.id)
                    if danger is not None:
                        yield reading.found(danger, arn, kind.allows, kind.remedy, principals=(named(sharer),))
