"""DB clusters of Aurora PostgreSQL. ``executors.rds`` runs a server for each. moto's clusters start by themselves and
refuse little, so nothing of it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import cluster_requests, groups, requests
from plinth_sandbox.emulator.services.rds.patches.groups import CLUSTER, INSTANCE
from plinth_sandbox.emulator.services.rds.patches.master_users import (
    PASSWORD,
    change_password,
    delete_secret,
    set_password,
)
from plinth_sandbox.emulator.services.rds.patches.parameter_groups import OF_CLUSTERS, fitting
from plinth_sandbox.emulator.services.rds.patches.snapshots import Snapshots
from plinth_sandbox.emulator.store.record import Record

SNAPSHOTS = Snapshots(
    noun="DBClusterSnapshot",
    of=CLUSTER,
    arn="cluster-snapshot",
    exists="DBClusterSnapshotAlreadyExistsFault",
    copied=("DbClusterResourceId",),
    encrypted="StorageEncrypted",
)
_SCALING = "ServerlessV2ScalingConfiguration"
_DEFAULTS: Mapping[str, Any] = {
    "BackupRetentionPeriod": 1,
    "CopyTagsToSnapshot": False,
    "DeletionProtection": False,
    "PreferredBackupWindow": "03:00-03:30",
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "StorageEncrypted": False,
}
_CHANGED = (
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DeletionProtection",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
)


def cluster_of(exchange: Exchange, name: str) -> Record:
    """Returns the DB cluster with this name. Raises AwsError if it does not exist."""
    record = exchange.kept(CLUSTER, {"DBClusterIdentifier": name.lower()})
    if record is None:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {name.lower()} not found.")
    return record


def _create(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    cluster_requests.check_creation(call)
    name = str(given["DBClusterIdentifier"]).lower()
    if exchange.kept(CLUSTER, {"DBClusterIdentifier": name}) is not None:
        raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    record = Record(
        exchange.place,
        CLUSTER,
        _values(exchange, name),
        groups.arn_of(exchange, "cluster", name),
        groups.tags_of(exchange),
    )
    set_password(call, record, given)
    exchange.memory.store.add(record)
    return call.reply({CLUSTER: described(exchange, record)})


def _values(exchange: Exchange, name: str) -> dict[str, Any]:
    call, given = exchange.call, exchange.call.parameters
    subnets = groups.subnet_group(exchange, str(given.get("DBSubnetGroupName") or "default"))
    requests.check_groups(call, given.get("VpcSecurityGroupIds") or [], str(subnets.values["VpcId"]))
    version, place = cluster_requests.version_of(given), f"{mock_random.get_random_hex(12)}.{call.region}"
    chosen = ("Engine", "MasterUsername", "DatabaseName", "KmsKeyId")
    return {
        **_DEFAULTS,
        **{member: given[member] for member in (*_DEFAULTS, *chosen) if given.get(member) is not None},
        "DBClusterIdentifier": name,
        "DbClusterResourceId": f"cluster-{mock_random.get_random_string(26, lower_case=False).upper()}",
        "Status": "available",
        "EngineMode": "provisioned",
        "EngineVersion": version,
        "AllocatedStorage": 1,
        "MultiAZ": False,
        "AvailabilityZones": sorted({subnet["SubnetAvailabilityZone"]["Name"] for subnet in subnets.values["Subnets"]}),
        "Endpoint": f"{name}.cluster-{place}.rds.amazonaws.com",
        "ReaderEndpoint": f"{name}.cluster-ro-{place}.rds.amazonaws.com",
        "Port": given.get("Port") or 5432,
        "HostedZoneId": "Z29XKXDKYMONMX",
        "IAMDatabaseAuthenticationEnabled": bool(given.get("EnableIAMDatabaseAuthentication")),
        "EnabledCloudwatchLogsExports": sorted(given.get("EnableCloudwatchLogsExports") or []),
        "HttpEndpointEnabled": False,
        "DBSubnetGroupName": subnets.values["DBSubnetGroupName"],
        "DBClusterParameterGroupName": fitting(
            exchange, OF_CLUSTERS, given.get("DBClusterParameterGroupName"), version
        ),
        "VpcSecurityGroupIds": list(given.get("VpcSecurityGroupIds") or []),
        _SCALING: _scaling(given.get(_SCALING) or {}),
    }


def _scaling(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the capacities. The time until a pause exists for clusters only that pause, by default five minutes."""
    found = {member: value for member, value in given.items() if member != "SecondsUntilAutoPause"}
    if found and float(found["MinCapacity"]) == 0:
        found["SecondsUntilAutoPause"] = given.get("SecondsUntilAutoPause") or 300
    return found


def members(exchange: Exchange, name: str) -> list[Record]:
    """Returns the instances of a cluster, in the order of their creation."""
    instances = exchange.memory.store.records(exchange.place, INSTANCE)
    return [instance for instance in instances if instance.values.get("DBClusterIdentifier") == name]


def described(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns a cluster as RDS describes it. The first instance writes."""
    values = record.values
    hidden = {PASSWORD, "DBSubnetGroupName", "DBClusterParameterGroupName", "VpcSecurityGroupIds", _SCALING}
    return {
        **{name: value for name, value in values.items() if name not in hidden},
        **({_SCALING: values[_SCALING]} if values[_SCALING] else {}),
        "DBClusterArn": record.arn,
        "ClusterCreateTime": record.created,
        "DBSubnetGroup": values["DBSubnetGroupName"],
        "DBClusterParameterGroup": values["DBClusterParameterGroupName"],
        "DBClusterMembers": [
            {
                "DBInstanceIdentifier": member.values["DBInstanceIdentifier"],
                "IsClusterWriter": number == 0,
                "DBClusterParameterGroupStatus": "in-sync",
                "PromotionTier": member.values["PromotionTier"],
            }
            for number, member in enumerate(members(exchange, values["DBClusterIdentifier"]))
        ],
        **groups.members_of(record),
    }


def _describe(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    if given.get("Filters"):
        raise AwsError("NotImplementedBySandbox", "The sandbox has no filters of DB clusters")
    name = given.get("DBClusterIdentifier")
    found = [cluster_of(exchange, name)] if name else exchange.memory.store.records(exchange.place, CLUSTER)
    return exchange.call.reply({"DBClusters": [described(exchange, record) for record in found]})


def _modify(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = cluster_of(exchange, str(given["DBClusterIdentifier"]))
    changed = {member: given[member] for member in _CHANGED if given.get(member) is not None}
    if given.get("EngineVersion") is not None:
        changed["EngineVersion"] = requests.upgrade(
            cluster_requests.ENGINE, str(record.values["EngineVersion"]), cluster_requests.version_of(given), given
        )
    if given.get(_SCALING):
        changed[_SCALING] = _scaling(record.values[_SCALING] | given[_SCALING])
        cluster_requests.check_cluster({**record.values, _SCALING: record.values[_SCALING] | given[_SCALING]})
    exports = requests.exports(record.values, given.get("CloudwatchLogsExportConfiguration") or {})
    cluster_requests.check_cluster({**record.values, **changed, "EnableCloudwatchLogsExports": exports})
    changed["EnabledCloudwatchLogsExports"] = exports
    changed |= _references(exchange, record)
    change_password(call, record, given)
    record.values |= changed
    if given.get("EnableIAMDatabaseAuthentication") is not None:
        record.values["IAMDatabaseAuthenticationEnabled"] = bool(given["EnableIAMDatabaseAuthentication"])
    return call.reply({CLUSTER: described(exchange, record)})


def _references(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns the groups that a change names. Raises AwsError if one does not exist or does not fit."""
    given = exchange.call.parameters
    found: dict[str, Any] = {}
    if (name := given.get("DBClusterParameterGroupName")) is not None:
        found["DBClusterParameterGroupName"] = fitting(exchange, OF_CLUSTERS, name, str(record.values["EngineVersion"]))
    return found | groups.changed_security_groups(exchange, record)


def _delete(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = cluster_of(exchange, str(given["DBClusterIdentifier"]))
    if record.values["DeletionProtection"]:
        message = "Cannot delete protected Cluster, please disable deletion protection and try again."
        raise AwsError("InvalidParameterCombination", message)
    if members(exchange, record.values["DBClusterIdentifier"]):
        message = "Cluster cannot be deleted, it still contains DB instances in non-deleting state."
        raise AwsError("InvalidDBClusterStateFault", message)
    final = requests.final_snapshot(given)
    answer = described(exchange, record)
    if final:
        SNAPSHOTS.keep(exchange, record, final)
    delete_secret(call, record)
    exchange.memory.store.remove(record)
    return call.reply({CLUSTER: {**answer, "Status": "deleting"}})


def _describe_snapshots(exchange: Exchange) -> Answer:
    return exchange.call.reply({"DBClusterSnapshots": SNAPSHOTS.described(exchange)})


PATCHES: Patches = {
    "CreateDBCluster": _create,
    "DeleteDBCluster": _delete,
    "DescribeDBClusterSnapshots": _describe_snapshots,
    "DescribeDBClusters": _describe,
    "ModifyDBCluster": _modify,
}
