"""Snapshots of DB instances that somebody creates, and DB instances that are restored from one.

Sources: RDS API, CreateDBSnapshot, DeleteDBSnapshot, RestoreDBInstanceFromDBSnapshot; RDS User Guide, "Restoring to a
DB instance". Restores to a point in time need the log of all writes, which the sandbox does not keep.
"""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import groups, members, requests
from plinth_sandbox.emulator.services.rds.patches.groups import INSTANCE
from plinth_sandbox.emulator.services.rds.patches.instances import SNAPSHOTS, described, instance_of, values_of
from plinth_sandbox.emulator.services.rds.patches.master_users import PASSWORD
from plinth_sandbox.emulator.store.record import Record

SNAPSHOT = SNAPSHOTS.noun
_IDENTIFIER = "DBSnapshotIdentifier"
_FIXED = ("DBName", "EngineVersion", "KmsKeyId", "MasterUsername")
"""Settings that a restored instance has from its snapshot."""
_DEFAULTS = ("BackupRetentionPeriod", "DBInstanceClass", "Engine", "StorageType")
"""Settings that it has from its snapshot unless the request names others."""


def snapshot_of(exchange: Exchange, name: str) -> Record:
    """Returns the snapshot with this name or ARN. Raises AwsError if it does not exist."""
    record = exchange.kept(SNAPSHOT, {_IDENTIFIER: name})
    if record is None:
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot not found: {name}")
    return record


def _create(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    instance = instance_of(exchange, str(given["DBInstanceIdentifier"]))
    if members.is_member(instance):
        message = (
            "The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the "
            "CreateDBClusterSnapshot API instead."
        )
        raise AwsError("InvalidParameterCombination", message)
    record = SNAPSHOTS.keep(exchange, instance, str(given[_IDENTIFIER]), groups.tags_of(exchange))
    return exchange.call.reply({SNAPSHOT: SNAPSHOTS.described_as(record)})


def _delete(exchange: Exchange) -> Answer:
    record = snapshot_of(exchange, str(exchange.call.parameters[_IDENTIFIER]))
    require_available(record)
    exchange.memory.store.remove(record)
    return exchange.call.reply({SNAPSHOT: {**SNAPSHOTS.described_as(record), "Status": "deleted"}})


def require_available(snapshot: Record) -> None:
    """Raises AwsError while the data of a snapshot are being copied."""
    if snapshot.values["Status"] != "available":
        message = f"Snapshot {snapshot.values[_IDENTIFIER]} is not in the available state."
        raise AwsError("InvalidDBSnapshotState", message)


def _restore(exchange: Exchange) -> Answer:
    """Creates an instance from a snapshot. It has the user, the password, the key and the version of the snapshot, and
    the default groups unless the request names others."""
    call, given = exchange.call, exchange.call.parameters
    name = str(given["DBInstanceIdentifier"]).lower()
    requests.check_identifier(name, "DBInstanceIdentifier")
    snapshot = snapshot_of(exchange, str(given[_IDENTIFIER]))
    if exchange.kept(INSTANCE, {"DBInstanceIdentifier": name}) is not None:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    require_available(snapshot)
    settings = _settings(snapshot, given)
    requests.check_instance(settings)
    requests.check_keys(call, settings)
    values = values_of(exchange, name, settings) | {PASSWORD: snapshot.values[PASSWORD]}
    record = Record(exchange.place, INSTANCE, values, groups.arn_of(exchange, "db", name), groups.tags_of(exchange))
    exchange.memory.store.add(record)
    return call.reply({INSTANCE: described(exchange, record)})


def _settings(snapshot: Record, given: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings of a restored instance, as a creating request names them. Raises AwsError for those that RDS
    refuses."""
    for member in ("DBName", "ManageMasterUserPassword"):
        if given.get(member):
            message = f"The parameter {member} doesn't apply to the engine {requests.ENGINE}."
            raise AwsError("InvalidParameterCombination", message)
    kept = {member: snapshot.values[member] for member in (*_FIXED, *_DEFAULTS) if member in snapshot.values}
    chosen = {member: value for member, value in given.items() if member not in _FIXED and value is not None}
    if kept["Engine"] != chosen.get("Engine", kept["Engine"]):
        raise AwsError("InvalidRestoreFault", f"The engine {chosen['Engine']} is not that of the snapshot.")
    least = int(snapshot.values["AllocatedStorage"])
    if int(chosen.get("AllocatedStorage") or least) < least:
        raise AwsError("InvalidParameterValue", f"The storage must have at least the {least} GiB of the snapshot.")
    return {"AllocatedStorage": least, "StorageEncrypted": snapshot.values["Encrypted"], **kept, **chosen}


PATCHES: Patches = {
    "CreateDBSnapshot": _create,
    "DeleteDBSnapshot": _delete,
    "RestoreDBInstanceFromDBSnapshot": _restore,
}
