"""Checks of requests that create or change an Aurora DB cluster, or add an instance to it.

Sources: RDS API, CreateDBCluster, ServerlessV2ScalingConfiguration; Aurora User Guide, "Scaling to Zero ACUs with
automatic pause and resume for Aurora Serverless v2", "Requirements and limitations for Aurora Serverless v2". The words
of the refusals are those of the service where a public report quotes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.services.rds.patches import requests

ENGINE = "aurora-postgresql"
"""The only engine of clusters of the sandbox."""
SERVERLESS = "db.serverless"
VERSIONS: Mapping[str, tuple[int, ...]] = {
    "13": (14, 15, 16, 18, 20),
    "14": (11, 12, 13, 15, 17),
    "15": (6, 7, 8, 10, 12),
    "16": (1, 2, 3, 4, 6, 8),
    "17": (4,),
}
"""Minor versions that this emulation knows, by major version."""
PAUSES_FROM: Mapping[str, int] = {"13": 15, "14": 12, "15": 7, "16": 3, "17": 4}
"""First minor version that pauses, by major version."""
EXPORTED_LOGS = frozenset({"iam-db-auth-error", "instance", "postgresql"})
_SMALLEST, _LEAST_MAXIMUM, _GREATEST = 0.5, 1.0, 256.0
"""Capacities in ACUs."""
_IDLE_SECONDS = (300, 86_400)
_INVALID, _COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def check_creation(call: Call) -> None:
    """Raises AwsError for settings that Aurora refuses in a new DB cluster."""
    given = call.parameters
    requests.check_identifier(str(given["DBClusterIdentifier"]), "DBClusterIdentifier")
    if given["Engine"] != ENGINE:
        raise AwsError("NotImplementedBySandbox", f"The sandbox has the engine {ENGINE}, not {given['Engine']}")
    requests.check_master(given, database="DatabaseName")
    requests.check_password(given)
    requests.check_keys(call, given)
    check_cluster({**given, "EngineVersion": version_of(given)})


def version_of(given: Mapping[str, Any]) -> str:
    """Returns the minor version of a request. Raises AwsError if Aurora does not have it."""
    wanted = str(given.get("EngineVersion") or max(VERSIONS, key=int))
    major, _, minor = wanted.partition(".")
    known = VERSIONS.get(major, ())
    if known and not minor:
        return f"{major}.{max(known)}"
    if minor not in map(str, known):
        raise AwsError(_COMBINATION, f"Cannot find version {wanted} for {ENGINE}")
    return wanted


def check_cluster(values: Mapping[str, Any]) -> None:
    """Raises AwsError for backups, logs or a range of capacities that Aurora does not offer."""
    days = int(values.get("BackupRetentionPeriod") or 1)
    if not 1 <= days <= 35:
        raise AwsError(_INVALID, f"Invalid backup retention period: {days}. Must be between 1 and 35.")
    logs = values.get("EnableCloudwatchLogsExports") or values.get("EnabledCloudwatchLogsExports") or []
    if unknown := sorted(set(logs) - EXPORTED_LOGS):
        message = f"You cannot use the log types '{', '.join(unknown)}' with engine version {ENGINE}."
        raise AwsError(_COMBINATION, message)
    if scaling := values.get("ServerlessV2ScalingConfiguration"):
        _check_scaling(scaling, str(values["EngineVersion"]))


def _check_scaling(scaling: Mapping[str, Any], version: str) -> None:
    least, most = float(scaling["MinCapacity"]), float(scaling["MaxCapacity"])
    smallest = 0.0 if pauses(version) else _SMALLEST
    if least < smallest or least % 0.5:
        message = (
            f"Serverless v2 minimum capacity {least} isn't valid. The minimum capacity must be a multiple of 0.5 and "
            f"at least {smallest}."
        )
        raise AwsError(_INVALID, message)
    if most < _LEAST_MAXIMUM or most > _GREATEST or most % 0.5 or most < least:
        message = (
            f"Serverless v2 maximum capacity {most} isn't valid. The maximum capacity must be a multiple of 0.5, at "
            f"least {max(least, _LEAST_MAXIMUM)} and at most {_GREATEST}."
        )
        raise AwsError(_INVALID, message)
    idle = scaling.get("SecondsUntilAutoPause")
    if idle is not None and not _IDLE_SECONDS[0] <= int(idle) <= _IDLE_SECONDS[1]:
        message = f"SecondsUntilAutoPause {idle} isn't valid. It must be between {_IDLE_SECONDS[0]} and "
        raise AwsError(_INVALID, f"{message}{_IDLE_SECONDS[1]}.")


def pauses(version: str) -> bool:
    """Returns whether clusters of a version can have no capacity while nobody is connected."""
    major, _, minor = version.partition(".")
    return int(minor) >= PAUSES_FROM[major]


def check_member(given: Mapping[str, Any], cluster: Mapping[str, Any]) -> None:
    """Raises AwsError for an instance that a cluster does not admit."""
    requests.check_identifier(str(given["DBInstanceIdentifier"]), "DBInstanceIdentifier")
    if given["Engine"] != cluster["Engine"]:
        message = (
            f"The engine name requested for your DB instance ({given['Engine']}) doesn't match the engine name of your "
            f"DB cluster ({cluster['Engine']})."
        )
        raise AwsError(_COMBINATION, message)
    for member in ("AllocatedStorage", "BackupRetentionPeriod", "DBName", "MasterUsername", "MasterUserPassword"):
        if given.get(member) is not None:
            message = f"The requested DB Instance will be a member of a DB Cluster. Set {member} for the DB Cluster."
            raise AwsError(_COMBINATION, message)
    if given["DBInstanceClass"] != SERVERLESS:
        message = f"The sandbox has the instance class {SERVERLESS} in clusters, not {given['DBInstanceClass']}"
        raise AwsError("NotImplementedBySandbox", message)
    if not cluster.get("ServerlessV2ScalingConfiguration"):
        message = (
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB "
            "instance."
        )
        raise AwsError(_COMBINATION, message)
    requests.check_authority(given)
