"""RDS: exported logs, which an update adds and removes, and parameters, of which only those that somebody set count."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def export_logs(caller: Caller, known: Properties) -> None:
    """Adds and removes exported logs of a DB instance."""
    name = known["identifier"]
    (found,) = caller.aws("describe_db_instances", DBInstanceIdentifier=name)["DBInstances"]
    current, wanted = set(found["EnabledCloudwatchLogsExports"]), set(known.get("enabledCloudwatchLogsExports") or [])
    if current == wanted:
        return
    caller.aws(
        "modify_db_instance",
        DBInstanceIdentifier=name,
        CloudwatchLogsExportConfiguration={
            "EnableLogTypes": sorted(wanted - current),
            "DisableLogTypes": sorted(current - wanted),
        },
    )


def read_parameters(caller: Caller, known: Properties) -> Properties:
    """Returns the parameters of a group that somebody set."""
    found = caller.aws("describe_db_parameters", DBParameterGroupName=known["name"], Source="user")["Parameters"]
    return {
        "parameters": [
            {
                "name": one["ParameterName"],
                "value": one["ParameterValue"],
                "applyMethod": one.get("ApplyMethod", "immediate"),
            }
            for one in found
        ]
    }


def set_parameters(caller: Caller, known: Properties) -> None:
    """Sets the parameters of a group, and resets those that the program no longer has."""
    name = known["name"]
    wanted = {one["name"]: one for one in known.get("parameters") or ()}
    current = caller.aws("describe_db_parameters", DBParameterGroupName=name, Source="user")["Parameters"]
    gone = [one["ParameterName"] for one in current if one["ParameterName"] not in wanted]
    if wanted:
        caller.aws("modify_db_parameter_group", DBParameterGroupName=name, Parameters=_requested(wanted))
    if gone:
        reset = [{"ParameterName": one, "ApplyMethod": "pending-reboot"} for one in gone]
        caller.aws("reset_db_parameter_group", DBParameterGroupName=name, Parameters=reset)


def _requested(wanted: dict[str, Properties]) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": name,
            "ParameterValue": one["value"],
            "ApplyMethod": one.get("applyMethod") or "immediate",
        }
        for name, one in wanted.items()
    ]
