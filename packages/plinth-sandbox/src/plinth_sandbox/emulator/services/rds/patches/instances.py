"""DB instances of RDS for PostgreSQL. moto gives all of them one resource id and one password, and refuses little, so
nothing of it is used. ``executors.rds`` runs a server for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import groups, members, requests
from plinth_sandbox.emulator.services.rds.patches.groups import INSTANCE
from plinth_sandbox.emulator.services.rds.patches.master_users import (
    PASSWORD,
    change_password,
    delete_secret,
    set_password,
)
from plinth_sandbox.emulator.services.rds.patches.parameter_groups import OF_INSTANCES, fitting
from plinth_sandbox.emulator.services.rds.patches.snapshots import Snapshots
from plinth_sandbox.emulator.store.record import Record

SNAPSHOTS = Snapshots(
    noun="DBSnapshot",
    of=INSTANCE,
    arn="snapshot",
    exists="DBSnapshotAlreadyExists",
    copied=(
        "AllocatedStorage",
        "AvailabilityZone",
        "BackupRetentionPeriod",
        "DbiResourceId",
        "IAMDatabaseAuthenticationEnabled",
        "LicenseModel",
        "MasterUsername",
        "PreferredBackupWindow",
        "StorageType",
    ),
    encrypted="Encrypted",
    hidden=(PASSWORD, "DBInstanceClass", "DBName"),
)
_DEFERRED = ("AllocatedStorage", "DBInstanceClass", "EngineVersion", "MultiAZ", "StorageType")
"""Settings that change in the maintenance window, unless the request says otherwise."""
_SETTINGS = (
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DeletionProtection",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
)
_DEFAULTS: Mapping[str, Any] = {
    "AutoMinorVersionUpgrade": True,
    "BackupRetentionPeriod": 1,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "DeletionProtection": False,
    "MultiAZ": False,
    "PreferredBackupWindow": "03:00-03:30",
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "PubliclyAccessible": False,
    "StorageEncrypted": False,
    "StorageType": "gp2",
}


def instance_of(exchange: Exchange, name: str) -> Record:
    """Returns the DB instance with this name. Raises AwsError if it does not exist."""
    record = exchange.kept(INSTANCE, {"DBInstanceIdentifier": name.lower()})
    if record is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name.lower()} not found.")
    return record


def _create(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    name = str(given["DBInstanceIdentifier"]).lower()
    if exchange.kept(INSTANCE, {"DBInstanceIdentifier": name}) is not None:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    joins = bool(given.get("DBClusterIdentifier"))
    if not joins:
        requests.check_creation(call)
    values = members.values_of(exchange, name) if joins else values_of(exchange, name, given)
    arn = groups.arn_of(exchange, "db", name)
    record = Record(exchange.place, INSTANCE, values, arn, groups.tags_of(exchange))
    if not joins:
        set_password(call, record, given)
    exchange.memory.store.add(record)
    return call.reply({INSTANCE: described(exchange, record)})


def values_of(exchange: Exchange, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of a new instance with these settings. Raises AwsError for groups that do not fit."""
    call = exchange.call
    subnets = groups.subnet_group(exchange, str(given.get("DBSubnetGroupName") or "default"))
    requests.check_groups(call, given.get("VpcSecurityGroupIds") or [], str(subnets.values["VpcId"]))
    version = requests.version_of(given)
    zone = str(subnets.values["Subnets"][0]["SubnetAvailabilityZone"]["Name"])
    chosen = ("DBInstanceClass", "Engine", "MasterUsername", "DBName", "AllocatedStorage", "KmsKeyId")
    return {
        **_DEFAULTS,
        **{member: given[member] for member in (*_DEFAULTS, *chosen) if given.get(member) is not None},
        "DBInstanceIdentifier": name,
        "DBInstanceStatus": "available",
        "DbiResourceId": f"db-{mock_random.get_random_string(26, lower_case=False).upper()}",
        "EngineVersion": version,
        "Endpoint": {
            "Address": f"{name}.{mock_random.get_random_hex(12)}.{call.region}.rds.amazonaws.com",
            "Port": given.get("Port") or 5432,
            "HostedZoneId": "Z29XKXDKYMONMX",
        },
        "AvailabilityZone": given.get("AvailabilityZone") or zone,
        "IAMDatabaseAuthenticationEnabled": bool(given.get("EnableIAMDatabaseAuthentication")),
        "EnabledCloudwatchLogsExports": sorted(given.get("EnableCloudwatchLogsExports") or []),
        "LicenseModel": "postgresql-license",
        "DBSubnetGroupName": subnets.values["DBSubnetGroupName"],
        "DBParameterGroupName": fitting(exchange, OF_INSTANCES, given.get("DBParameterGroupName"), version),
        "VpcSecurityGroupIds": list(given.get("VpcSecurityGroupIds") or []),
        "PendingModifiedValues": {},
    }


def described(exchange: Exchange, record: Record) -> dict[str, Any]:
    values = record.values
    hidden = {PASSWORD, "DBSubnetGroupName", "DBParameterGroupName", "VpcSecurityGroupIds"}
    return {
        **{name: value for name, value in values.items() if name not in hidden},
        **({"Endpoint": members.endpoint_of(exchange, record)} if members.is_member(record) else {}),
        "DBInstanceArn": record.arn,
        "InstanceCreateTime": record.created,
        "DBSubnetGroup": groups.described(groups.subnet_group(exchange, values["DBSubnetGroupName"])),
        "DBParameterGroups": [
            {"DBParameterGroupName": values["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}
        ],
        **groups.members_of(record),
    }


def _describe(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    name = given.get("DBInstanceIdentifier")
    found = [instance_of(exchange, name)] if name else exchange.memory.store.records(exchange.place, INSTANCE)
    for wanted in given.get("Filters") or []:
        found = _filtered(found, str(wanted["Name"]), wanted["Values"])
    return exchange.call.reply({"DBInstances": [described(exchange, record) for record in found]})


def _filtered(records: Iterable[Record], name: str, values: list[str]) -> list[Record]:
    known = {
        "db-cluster-id": "DBClusterIdentifier",
        "db-instance-id": "DBInstanceIdentifier",
        "dbi-resource-id": "DbiResourceId",
        "engine": "Engine",
    }
    if name not in known:
        raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {name}")
    return [record for record in records if record.values.get(known[name]) in values or record.arn in values]


def _modify(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = instance_of(exchange, str(given["DBInstanceIdentifier"]))
    if members.is_member(record):
        members.change(record, given)
        return call.reply({INSTANCE: described(exchange, record)})
    changed = {member: given[member] for member in (*_SETTINGS, *_DEFERRED) if given.get(member) is not None}
    if "EngineVersion" in changed:
        changed["EngineVersion"] = requests.upgrade(
            requests.ENGINE, str(record.values["EngineVersion"]), requests.version_of(given), given
        )
    if int(changed.get("AllocatedStorage", record.values["AllocatedStorage"])) < record.values["AllocatedStorage"]:
        message = f"Requested storage {changed['AllocatedStorage']} can't be less than the current storage."
        raise AwsError("InvalidParameterCombination", message)
    exports = requests.exports(record.values, given.get("CloudwatchLogsExportConfiguration") or {})
    requests.check_instance({**record.values, **changed, "EnableCloudwatchLogsExports": exports})
    deferred = () if given.get("ApplyImmediately") else tuple(member for member in _DEFERRED if member in changed)
    later = {member: changed.pop(member) for member in deferred}
    references = _references(exchange, record)
    change_password(call, record, given)
    record.values |= changed | references
    record.values["EnabledCloudwatchLogsExports"] = exports
    record.values["PendingModifiedValues"] |= later
    if given.get("EnableIAMDatabaseAuthentication") is not None:
        record.values["IAMDatabaseAuthenticationEnabled"] = bool(given["EnableIAMDatabaseAuthentication"])
    return call.reply({INSTANCE: described(exchange, record)})


def _references(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns the groups that a change names. Raises AwsError if one does not exist or does not fit."""
    given = exchange.call.parameters
    found: dict[str, Any] = {}
    if given.get("DBParameterGroupName") is not None:
        version = str(record.values["EngineVersion"])
        found["DBParameterGroupName"] = fitting(exchange, OF_INSTANCES, given["DBParameterGroupName"], version)
    return found | groups.changed_security_groups(exchange, record)


def _delete(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = instance_of(exchange, str(given["DBInstanceIdentifier"]))
    if record.values["DeletionProtection"]:
        message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        raise AwsError("InvalidParameterCombination", message)
    if members.is_member(record):
        members.check_deletion(given)
        exchange.memory.store.remove(record)
        return call.reply({INSTANCE: {**described(exchange, record), "DBInstanceStatus": "deleting"}})
    final = requests.final_snapshot(given)
    answer = described(exchange, record)
    if final:
        SNAPSHOTS.keep(exchange, record, final)
    delete_secret(call, record)
    exchange.memory.store.remove(record)
    return call.reply({INSTANCE: {**answer, "DBInstanceStatus": "deleting"}})


def _describe_snapshots(exchange: Exchange) -> Answer:
    return exchange.call.reply({"DBSnapshots": SNAPSHOTS.described(exchange)})


PATCHES: Patches = {
    "CreateDBInstance": _create,
    "DeleteDBInstance": _delete,
    "DescribeDBInstances": _describe,
    "DescribeDBSnapshots": _describe_snapshots,
    "ModifyDBInstance": _modify,
}
