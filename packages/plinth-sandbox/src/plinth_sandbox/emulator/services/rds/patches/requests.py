"""Checks of requests that create or change a DB instance of RDS.

Sources: RDS API, CreateDBInstance, ModifyDBInstance; RDS User Guide, "Amazon RDS DB instance storage", "DB instance
classes", "Release calendars for Amazon RDS for PostgreSQL". The words of the refusals are those of the service where a
public report quotes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.services.ec2.subnets import subnets_by_id
from plinth_sandbox.emulator.services.kms.checks import key_exists

ENGINE = "postgres"
"""The only engine of the sandbox."""
VERSIONS: Mapping[str, str] = {"14": "14.20", "15": "15.15", "16": "16.11", "17": "17.7", "18": "18.4"}
"""Latest minor version that this emulation knows, by major version."""
EXPORTED_LOGS = frozenset({"iam-db-auth-error", "postgresql", "upgrade"})
AUTHORITIES = ("rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1")
_CLASS = re.compile(r"db\.(?P<family>[a-z][0-9]+[a-z]*)\.(micro|small|medium|large|metal|[0-9]*xlarge)")
_FAMILIES = frozenset(
    {
        "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m7g", "m7i", "m8g", "r5", "r5b", "r5d", "r6g", "r6gd", "r6i",
        "r6id", "r7g", "r7i", "r8g", "t3", "t4g", "x2g", "x2idn", "x2iedn",
    }
)  # fmt: skip
"""Families of instance classes that RDS offers for current versions of PostgreSQL."""
_STORAGE: Mapping[str, tuple[int, int]] = {"gp2": (20, 65_536), "gp3": (20, 65_536), "io1": (100, 65_536)}
"""Least and greatest storage in GiB by storage type."""
_RESERVED_USERS = frozenset({"admin", "rdsadmin", "rds_superuser", "rds_iam"})
_IDENTIFIER = re.compile(r"[A-Za-z](-?[A-Za-z0-9]){0,62}")
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_USER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
_PASSWORD = re.compile(r"[\x21-\x7e]{8,128}")
_INVALID, _COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def check_identifier(value: str, member: str) -> None:
    """Raises AwsError if the value is not an identifier of RDS."""
    if not _IDENTIFIER.fullmatch(value):
        message = (
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive "
            "hyphens."
        )
        raise AwsError(_INVALID, message)


def check_creation(call: Call) -> None:
    """Raises AwsError for settings that RDS refuses in a new DB instance."""
    given = call.parameters
    check_identifier(str(given["DBInstanceIdentifier"]), "DBInstanceIdentifier")
    if given["Engine"] != ENGINE:
        raise AwsError("NotImplementedBySandbox", f"The sandbox has the engine {ENGINE}, not {given['Engine']}")
    version_of(given)
    check_instance(given)
    check_master(given, database="DBName")
    check_password(given)
    check_keys(call, given)


def check_master(given: Mapping[str, Any], *, database: str) -> None:
    """Raises AwsError for a name of the master user or of the first database that RDS refuses. ``database`` is the
    member with the latter."""
    name, user = given.get(database), str(given.get("MasterUsername") or "")
    if name is not None and not _DATABASE.fullmatch(str(name)):
        raise AwsError(_INVALID, f"{database} must begin with a letter and contain only alphanumeric characters.")
    if not _USER.fullmatch(user):
        raise AwsError(_INVALID, "The parameter MasterUsername must be provided and must not be blank.")
    if user.lower() in _RESERVED_USERS:
        message = f"MasterUsername {user} cannot be used as it is a reserved word used by the engine"
        raise AwsError(_INVALID, message)


def version_of(given: Mapping[str, Any]) -> str:
    """Returns the minor version of a request. Raises AwsError if RDS does not have it."""
    wanted = str(given.get("EngineVersion") or max(VERSIONS, key=int))
    if wanted in VERSIONS:
        return VERSIONS[wanted]
    if wanted not in VERSIONS.values():
        raise AwsError(_COMBINATION, f"Cannot find version {wanted} for {ENGINE}")
    return wanted


def check_instance(values: Mapping[str, Any]) -> None:
    """Raises AwsError for a class, storage, backups or logs that RDS does not offer."""
    _check_class(values)
    _check_storage(values)
    days = int(values.get("BackupRetentionPeriod", 1))
    if not 0 <= days <= 35:
        raise AwsError(_INVALID, f"Invalid backup retention period: {days}. Must be between 0 and 35.")
    logs = values.get("EnableCloudwatchLogsExports") or values.get("EnabledCloudwatchLogsExports") or []
    if unknown := sorted(set(logs) - EXPORTED_LOGS):
        message = f"You cannot use the log types '{', '.join(unknown)}' with engine version {ENGINE}."
        raise AwsError(_COMBINATION, message)
    check_authority(values)


def check_authority(values: Mapping[str, Any]) -> None:
    """Raises AwsError for an authority that RDS does not have."""
    authority = values.get("CACertificateIdentifier")
    if authority is not None and authority not in AUTHORITIES:
        raise AwsError("CertificateNotFound", f"Certificate not found: {authority}")


def _check_class(values: Mapping[str, Any]) -> None:
    wanted = str(values["DBInstanceClass"])
    found = _CLASS.fullmatch(wanted)
    if found is None:
        raise AwsError(_INVALID, f"Invalid DB Instance class: {wanted}")
    if found["family"] not in _FAMILIES:
        message = (
            f"RDS does not support creating a DB instance with the following combination: DBInstanceClass={wanted}, "
            f"Engine={ENGINE}, EngineVersion={version_of(values)}, LicenseModel=postgresql-license. For supported "
            "combinations of instance class and database engine version, see the documentation."
        )
        raise AwsError(_COMBINATION, message)


def _check_storage(values: Mapping[str, Any]) -> None:
    kind, size = str(values.get("StorageType") or "gp2"), values.get("AllocatedStorage")
    if kind not in _STORAGE:
        raise AwsError(_INVALID, f"Invalid storage type: {kind}")
    if size is None:
        raise AwsError(_INVALID, "The parameter AllocatedStorage must be provided and must not be blank.")
    least, most = _STORAGE[kind]
    if not least <= int(size) <= most:
        message = f"Invalid storage size for engine name {ENGINE} and storage type {kind}: {size}"
        raise AwsError(_INVALID, message)


def check_password(given: Mapping[str, Any]) -> None:
    """Raises AwsError unless the password is either given and strong, or managed by RDS."""
    password, managed = given.get("MasterUserPassword"), bool(given.get("ManageMasterUserPassword"))
    if managed and password is not None:
        message = "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled."
        raise AwsError(_COMBINATION, message)
    if not managed and given.get("MasterUserSecretKmsKeyId"):
        message = "You can specify MasterUserSecretKmsKeyId only when ManageMasterUserPassword is enabled."
        raise AwsError(_COMBINATION, message)
    if managed:
        return
    if password is None:
        raise AwsError(_INVALID, "The parameter MasterUserPassword must be provided and must not be blank.")
    if not _PASSWORD.fullmatch(str(password)) or set(str(password)) & set('/@"'):
        message = (
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides "
            "'/', '@', '\"', ' ' may be used."
        )
        raise AwsError(_INVALID, message)


def check_keys(call: Call, given: Mapping[str, Any]) -> None:
    """Raises AwsError for keys that do not exist, or that encrypt nothing."""
    if given.get("KmsKeyId") and not given.get("StorageEncrypted"):
        raise AwsError(_COMBINATION, "You can't specify KmsKeyId when StorageEncrypted is false.")
    for member in ("KmsKeyId", "MasterUserSecretKmsKeyId"):
        key = given.get(member)
        if key and not key_exists(str(key), call.account, call.region):
            message = (
                f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to "
                "access it."
            )
            raise AwsError("KMSKeyNotAccessibleFault", message)


def subnets(call: Call, identifiers: Iterable[str]) -> list[Any]:
    """Returns subnets of the account. Raises AwsError unless they cover two zones of one VPC."""
    backend = ec2_backends[call.account][call.region]
    known = subnets_by_id(backend)
    wanted = list(identifiers)
    if missing := [identifier for identifier in wanted if identifier not in known]:
        raise AwsError("InvalidSubnet", f"Some input subnets in :[{', '.join(missing)}] are invalid.")
    found = [known[identifier] for identifier in wanted]
    zones = sorted({str(subnet.availability_zone) for subnet in found})
    if len(zones) < 2:
        message = (
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(zones)}. Add subnets to cover at least 2 AZs."
        )
        raise AwsError("DBSubnetGroupDoesNotCoverEnoughAZs", message)
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise AwsError("InvalidSubnet", "The specified subnets are not in the same VPC.")
    return found


def check_groups(call: Call, identifiers: Iterable[str], vpc_id: str) -> None:
    """Raises AwsError for security groups that do not exist, or that are in another VPC."""
    backend = ec2_backends[call.account][call.region]
    known = {identifier: vpc for vpc, groups in backend.groups.items() for identifier in groups}
    for identifier in identifiers:
        if identifier not in known:
            raise AwsError(_INVALID, f"Invalid security group , groupId= {identifier}, groupName=.")
        if known[identifier] != vpc_id:
            message = (
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in "
                f"{vpc_id} and the EC2 security group is in {known[identifier]}"
            )
            raise AwsError(_COMBINATION, message)


def upgrade(engine: str, now: str, wanted: str, given: Mapping[str, Any]) -> str:
    """Returns the version that a change sets. Raises AwsError for an older one, and for a major one that the request
    does not allow."""
    (major, _, minor), (current, _, installed) = wanted.partition("."), now.partition(".")
    if (int(major), int(minor)) < (int(current), int(installed)):
        raise AwsError(_COMBINATION, f"Cannot upgrade {engine} from {now} to {wanted}")
    if major != current and not given.get("AllowMajorVersionUpgrade"):
        message = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        raise AwsError(_COMBINATION, message)
    return wanted


def exports(values: Mapping[str, Any], change: Mapping[str, Any]) -> list[str]:
    """Returns the exported logs of a database after a change."""
    enabled = set(values["EnabledCloudwatchLogsExports"]) | set(change.get("EnableLogTypes") or [])
    return sorted(enabled - set(change.get("DisableLogTypes") or []))


def final_snapshot(given: Mapping[str, Any]) -> str:
    """Returns the name of the last snapshot; empty if the request skips it. Raises AwsError if it says neither."""
    final, skipped = given.get("FinalDBSnapshotIdentifier"), bool(given.get("SkipFinalSnapshot"))
    if bool(final) == skipped:
        message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        raise AwsError(_COMBINATION, message)
    return str(final or "")
