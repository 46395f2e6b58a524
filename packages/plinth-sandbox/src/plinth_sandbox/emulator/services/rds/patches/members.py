"""Instances of DB clusters. They have no storage, no user and no backups of their own: the cluster has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.rds.patches import cluster_requests, requests
from plinth_sandbox.emulator.services.rds.patches.clusters import cluster_of
from plinth_sandbox.emulator.services.rds.patches.parameter_groups import OF_INSTANCES, Kind, fitting
from plinth_sandbox.emulator.store.record import Record

_DEFAULTS: Mapping[str, Any] = {
    "AutoMinorVersionUpgrade": True,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "PromotionTier": 1,
    "PubliclyAccessible": False,
}
_INHERITED = (
    "DBClusterIdentifier",
    "DBSubnetGroupName",
    "Engine",
    "EngineVersion",
    "IAMDatabaseAuthenticationEnabled",
    "KmsKeyId",
    "MasterUsername",
    "StorageEncrypted",
    "VpcSecurityGroupIds",
)
_PARAMETERS = Kind(OF_INSTANCES.noun, OF_INSTANCES.arn, cluster_requests.ENGINE, cluster_requests.VERSIONS)


def is_member(instance: Record) -> bool:
    return "DBClusterIdentifier" in instance.values


def values_of(exchange: Exchange, name: str) -> dict[str, Any]:
    """Returns the values of a new instance of the cluster that the request names. Raises AwsError if it is refused."""
    given = exchange.call.parameters
    cluster = cluster_of(exchange, str(given["DBClusterIdentifier"]))
    cluster_requests.check_member(given, cluster.values)
    version = str(cluster.values["EngineVersion"])
    return {
        **_DEFAULTS,
        **{member: given[member] for member in _DEFAULTS if given.get(member) is not None},
        **{member: cluster.values[member] for member in _INHERITED if member in cluster.values},
        "DBInstanceIdentifier": name,
        "DBInstanceClass": given["DBInstanceClass"],
        "DBInstanceStatus": "available",
        "DbiResourceId": f"db-{mock_random.get_random_string(26, lower_case=False).upper()}",
        "AvailabilityZone": given.get("AvailabilityZone") or cluster.values["AvailabilityZones"][0],
        "DBParameterGroupName": fitting(exchange, _PARAMETERS, given.get("DBParameterGroupName"), version),
        "StorageType": "aurora",
        "MultiAZ": False,
        "DeletionProtection": False,
        "PendingModifiedValues": {},
    }


def endpoint_of(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns the address of an instance, which in the sandbox is that of its cluster."""
    cluster = cluster_of(exchange, str(record.values["DBClusterIdentifier"])).values
    return {"Address": cluster["Endpoint"], "Port": cluster["Port"], "HostedZoneId": cluster["HostedZoneId"]}


def change(record: Record, given: Mapping[str, Any]) -> None:
    """Changes an instance of a cluster. Raises AwsError for what belongs to the cluster."""
    for member in ("AllocatedStorage", "BackupRetentionPeriod", "MasterUserPassword", "DeletionProtection"):
        if given.get(member) is not None:
            message = f"The specified DB Instance is a member of a cluster. Modify {member} for the DB Cluster"
            raise AwsError("InvalidParameterCombination", message)
    requests.check_authority(given)
    record.values |= {member: given[member] for member in _DEFAULTS if given.get(member) is not None}


def check_deletion(given: Mapping[str, Any]) -> None:
    """Raises AwsError for a final snapshot, which the cluster has."""
    if given.get("FinalDBSnapshotIdentifier"):
        message = "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance"
        raise AwsError("InvalidParameterCombination", message)
