"""Lifts AWS's deletion protection of resources that a confirmed operation deletes.

The protection refuses deletions by anyone else. The provider does not lift it: a deletion fails while it is on. An
operation that then fails leaves the resource unprotected; the next update finds the difference and corrects it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.engine.import_discovery import Search


@dataclass(frozen=True, slots=True)
class _Protection:
    """How a type is protected, and the call that lifts the protection."""

    property: str
    service: str
    operation: str
    identifier: str
    """Member of the call that names the resource."""
    member: str
    """Member of the call that is set to false."""
    named_by: str = ""
    """Output with the name of the resource. Default: the provider's id."""
    absent: str = "ResourceNotFoundException"
    """Error code of a resource that AWS no longer has."""


_PROTECTIONS: Mapping[str, _Protection] = {
    "aws:eks/cluster:Cluster": _Protection(
        property="deletionProtection",
        service="eks",
        operation="update_cluster_config",
        identifier="name",
        member="deletionProtection",
    ),
    "aws:rds/cluster:Cluster": _Protection(
        property="deletionProtection",
        service="rds",
        operation="modify_db_cluster",
        identifier="DBClusterIdentifier",
        member="DeletionProtection",
        absent="DBClusterNotFoundFault",
    ),
    "aws:rds/instance:Instance": _Protection(
        property="deletionProtection",
        service="rds",
        operation="modify_db_instance",
        identifier="DBInstanceIdentifier",
        member="DeletionProtection",
        named_by="identifier",
        absent="DBInstanceNotFound",
    ),
    "aws:networkfirewall/firewall:Firewall": _Protection(
        property="deleteProtection",
        service="network-firewall",
        operation="update_firewall_delete_protection",
        identifier="FirewallArn",
        member="DeleteProtection",
    ),
}


def lift(
    resources: Iterable[Mapping[str, Any]], deleted: Collection[str] | None, notify: Callable[[str], None]
) -> None:
    """Lifts the protection of each protected resource among the ``deleted`` URNs, or of all if None.

    ``resources`` are the deployed resources, providers included. A resource that AWS no longer has needs nothing.
    """
    from botocore.exceptions import ClientError  # imported late like boto3

    known = list(resources)
    search = Search({"resources": known})
    for resource in known:
        protection = _PROTECTIONS.get(resource["type"])
        if protection is None or not (resource.get("outputs") or {}).get(protection.property):
            continue
        if deleted is not None and resource["urn"] not in deleted:
            continue
        client = search.account_of(resource).client(protection.service)
        name = resource["outputs"][protection.named_by] if protection.named_by else resource["id"]
        try:
            getattr(client, protection.operation)(**{protection.identifier: name, protection.member: False})
        except ClientError as error:
            if error.response["Error"]["Code"] != protection.absent:
                raise
        else:
            notify(f"lifted the deletion protection of {str(resource['urn']).rpartition('::')[2]}")
