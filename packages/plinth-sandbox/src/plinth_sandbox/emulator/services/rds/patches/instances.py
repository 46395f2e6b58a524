"""DB instances of RDS for PostgreSQL. moto gives all of them one resource id and one password, and refuses little, so
nothing of it is used. ``executors.rds`` runs a server for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import groups, requests
from plinth_sandbox.emulator.services.rds.patches.groups import INSTANCE
from plinth_sandbox.emulator.store.record import Record

SNAPSHOT = "DBSnapshot"
PASSWORD = "password"
"""Value of an instance with the password of its master user, which no answer contains."""
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
    requests.check_creation(call)
    name = str(given["DBInstanceIdentifier"]).lower()
    if exchange.kept(INSTANCE, {"DBInstanceIdentifier": name}) is not None:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    arn = f"arn:aws:rds:{call.region}:{call.account}:db:{name}"
    tags = {one["Key"]: one.get("Value", "") for one in given.get("Tags") or []}
    record = Record(exchange.place, INSTANCE, _values(exchange, name), arn, tags)
    _set_password(call, record, given)
    exchange.memory.store.add(record)
    return call.reply({INSTANCE: described(exchange, record)})


def _values(exchange: Exchange, name: str) -> dict[str, Any]:
    call, given = exchange.call, exchange.call.parameters
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
        "DBParameterGroupName": _parameters(exchange, given.get("DBParameterGroupName"), version),
        "VpcSecurityGroupIds": list(given.get("VpcSecurityGroupIds") or []),
        "PendingModifiedValues": {},
    }


def _parameters(exchange: Exchange, name: str | None, version: str) -> str:
    """Returns the name of the parameter group of an instance. Raises AwsError if it is of another version."""
    family = f"{requests.ENGINE}{version.partition('.')[0]}"
    if name is None or name == f"{groups.DEFAULT}{family}":
        return f"{groups.DEFAULT}{family}"
    group = groups.parameter_group(exchange, name)
    if group.values["DBParameterGroupFamily"] != family:
        message = (
            f"The parameter group {name} with DBParameterGroupFamily {group.values['DBParameterGroupFamily']} can't be "
            f"used for this instance. Please use a parameter group with DBParameterGroupFamily {family}."
        )
        raise AwsError("InvalidParameterCombination", message)
    return str(group.values["DBParameterGroupName"])


def _set_password(call: Call, record: Record, given: Mapping[str, Any]) -> None:
    """Keeps the password of the request, or creates one and its secret, as RDS manages it."""
    if not given.get("ManageMasterUserPassword"):
        record.values[PASSWORD] = str(given["MasterUserPassword"])
        return
    password = mock_random.get_random_string(28)
    user = str(record.values["MasterUsername"])
    secret = secretsmanager_backends[call.account][call.region].create_managed_secret(
        service_name="rds",
        secret_id=f"rds!db-{mock_random.uuid4()}",
        secret_string=json.dumps({"username": user, "password": password}),
        description=f"The secret associated with the primary RDS DB instance: {record.arn}",
        kms_key_id=given.get("MasterUserSecretKmsKeyId"),
        tags=[
            {"Key": "aws:rds:primaryDBInstanceArn", "Value": record.arn},
            {"Key": "aws:secretsmanager:owningService", "Value": "rds"},
        ],
    )
    record.values[PASSWORD] = password
    record.values["MasterUserSecret"] = {
        "SecretArn": secret.arn,
        "SecretStatus": "active",
        "KmsKeyId": given.get("MasterUserSecretKmsKeyId") or "alias/aws/secretsmanager",
    }


def described(exchange: Exchange, record: Record) -> dict[str, Any]:
    values = record.values
    hidden = {PASSWORD, "DBSubnetGroupName", "DBParameterGroupName", "VpcSecurityGroupIds"}
    return {
        **{name: value for name, value in values.items() if name not in hidden},
        "DBInstanceArn": record.arn,
        "InstanceCreateTime": record.created,
        "DBSubnetGroup": groups.described(groups.subnet_group(exchange, values["DBSubnetGroupName"])),
        "DBParameterGroups": [
            {"DBParameterGroupName": values["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}
        ],
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": identifier, "Status": "active"} for identifier in values["VpcSecurityGroupIds"]
        ],
        "TagList": [{"Key": key, "Value": value} for key, value in record.tags.items()],
    }


def _describe(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    name = given.get("DBInstanceIdentifier")
    found = [instance_of(exchange, name)] if name else exchange.memory.store.records(exchange.place, INSTANCE)
    for wanted in given.get("Filters") or []:
        found = _filtered(found, str(wanted["Name"]), wanted["Values"])
    return exchange.call.reply({"DBInstances": [described(exchange, record) for record in found]})


def _filtered(records: Iterable[Record], name: str, values: list[str]) -> list[Record]:
    members = {"dbi-resource-id": "DbiResourceId", "db-instance-id": "DBInstanceIdentifier", "engine": "Engine"}
    if name not in members:
        raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {name}")
    return [one for one in records if one.values[members[name]] in values or one.arn in values]


def _modify(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = instance_of(exchange, str(given["DBInstanceIdentifier"]))
    changed = {member: given[member] for member in (*_SETTINGS, *_DEFERRED) if given.get(member) is not None}
    if "EngineVersion" in changed:
        changed["EngineVersion"] = _upgrade(record, given)
    if int(changed.get("AllocatedStorage", record.values["AllocatedStorage"])) < record.values["AllocatedStorage"]:
        message = f"Requested storage {changed['AllocatedStorage']} can't be less than the current storage."
        raise AwsError("InvalidParameterCombination", message)
    exports = _exports(record, given.get("CloudwatchLogsExportConfiguration") or {})
    requests.check_instance({**record.values, **changed, "EnableCloudwatchLogsExports": exports})
    deferred = () if given.get("ApplyImmediately") else tuple(member for member in _DEFERRED if member in changed)
    later = {member: changed.pop(member) for member in deferred}
    references = _references(exchange, record)
    if given.get("MasterUserPassword") is not None or given.get("ManageMasterUserPassword") is not None:
        _change_password(call, record, given)
    record.values |= changed | references
    record.values["EnabledCloudwatchLogsExports"] = exports
    record.values["PendingModifiedValues"] |= later
    if given.get("EnableIAMDatabaseAuthentication") is not None:
        record.values["IAMDatabaseAuthenticationEnabled"] = bool(given["EnableIAMDatabaseAuthentication"])
    return call.reply({INSTANCE: described(exchange, record)})


def _upgrade(record: Record, given: Mapping[str, Any]) -> str:
    wanted, now = requests.version_of(given), str(record.values["EngineVersion"])
    major, current = (int(one.partition(".")[0]) for one in (wanted, now))
    if _number(wanted) < _number(now):
        raise AwsError("InvalidParameterCombination", f"Cannot upgrade postgres from {now} to {wanted}")
    if major != current and not given.get("AllowMajorVersionUpgrade"):
        message = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        raise AwsError("InvalidParameterCombination", message)
    return wanted


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _exports(record: Record, change: Mapping[str, Any]) -> list[str]:
    enabled = set(record.values["EnabledCloudwatchLogsExports"]) | set(change.get("EnableLogTypes") or [])
    return sorted(enabled - set(change.get("DisableLogTypes") or []))


def _references(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns the groups that a change names. Raises AwsError if one does not exist or does not fit."""
    call, given = exchange.call, exchange.call.parameters
    found: dict[str, Any] = {}
    if given.get("DBParameterGroupName") is not None:
        version = str(record.values["EngineVersion"])
        found["DBParameterGroupName"] = _parameters(exchange, given["DBParameterGroupName"], version)
    if given.get("VpcSecurityGroupIds") is not None:
        vpc_id = groups.subnet_group(exchange, record.values["DBSubnetGroupName"]).values["VpcId"]
        requests.check_groups(call, given["VpcSecurityGroupIds"], str(vpc_id))
        found["VpcSecurityGroupIds"] = list(given["VpcSecurityGroupIds"])
    return found


def _change_password(call: Call, record: Record, given: Mapping[str, Any]) -> None:
    if "MasterUserSecret" in record.values and given.get("ManageMasterUserPassword") is not False:
        if given.get("MasterUserPassword") is not None:
            requests.check_password({**given, "ManageMasterUserPassword": True})
        return
    requests.check_password(given)
    _delete_secret(call, record)
    _set_password(call, record, given)


def _delete_secret(call: Call, record: Record) -> None:
    secret = record.values.pop("MasterUserSecret", None)
    if secret is not None:
        secretsmanager_backends[call.account][call.region].delete_secret(
            secret["SecretArn"], recovery_window_in_days=None, force_delete_without_recovery=True
        )


def _delete(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    record = instance_of(exchange, str(given["DBInstanceIdentifier"]))
    if record.values["DeletionProtection"]:
        message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        raise AwsError("InvalidParameterCombination", message)
    final, skipped = given.get("FinalDBSnapshotIdentifier"), bool(given.get("SkipFinalSnapshot"))
    if bool(final) == skipped:
        message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        raise AwsError("InvalidParameterCombination", message)
    answer = described(exchange, record)
    if final:
        _keep_snapshot(exchange, record, str(final))
    _delete_secret(call, record)
    exchange.memory.store.remove(record)
    return call.reply({INSTANCE: {**answer, "DBInstanceStatus": "deleting"}})


def _keep_snapshot(exchange: Exchange, record: Record, name: str) -> None:
    requests.check_identifier(name, "DBSnapshotIdentifier")
    if exchange.kept(SNAPSHOT, {"DBSnapshotIdentifier": name}) is not None:
        message = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
        raise AwsError("DBSnapshotAlreadyExists", message)
    copied = ("AllocatedStorage", "DBInstanceIdentifier", "DbiResourceId", "Engine", "EngineVersion", "KmsKeyId")
    values = {member: record.values[member] for member in copied if member in record.values}
    values |= {"DBSnapshotIdentifier": name, "SnapshotType": "manual", "Status": "available"}
    values["Encrypted"] = record.values["StorageEncrypted"]
    arn = f"arn:aws:rds:{exchange.call.region}:{exchange.call.account}:snapshot:{name}"
    tags = dict(record.tags) if record.values["CopyTagsToSnapshot"] else {}
    exchange.memory.store.add(Record(exchange.place, SNAPSHOT, values, arn, tags))


def _describe_snapshots(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    found = [
        record
        for record in exchange.memory.store.records(exchange.place, SNAPSHOT)
        if given.get("DBSnapshotIdentifier") in (None, record.values["DBSnapshotIdentifier"])
        and given.get("DBInstanceIdentifier") in (None, record.values["DBInstanceIdentifier"])
    ]
    listed = [{**record.values, "DBSnapshotArn": record.arn, "SnapshotCreateTime": record.created} for record in found]
    return exchange.call.reply({"DBSnapshots": listed})


PATCHES: Patches = {
    "CreateDBInstance": _create,
    "DeleteDBInstance": _delete,
    "DescribeDBInstances": _describe,
    "DescribeDBSnapshots": _describe_snapshots,
    "ModifyDBInstance": _modify,
}
