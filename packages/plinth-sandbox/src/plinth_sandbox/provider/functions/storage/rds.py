"""RDS: exported logs, which an update adds and removes, and parameters, of which only those that somebody set count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


@dataclass(frozen=True, slots=True)
class Kind:
    """The operations of one kind of databases: DB instances or DB clusters."""

    noun: str
    """Name of the kind in members and answers (``DBCluster``)."""
    snake: str
    """Name of the kind in operations (``db_cluster``)."""
    parameters: str
    """Name of its parameter groups in operations (``db_cluster_parameter``)."""
    identifier: str
    """Property with the name of a database."""

    def export_logs(self, caller: Caller, known: Properties) -> None:
        """Adds and removes exported logs of a database."""
        name = {f"{self.noun}Identifier": known[self.identifier]}
        (found,) = caller.aws(f"describe_{self.snake}s", **name)[f"{self.noun}s"]
        current = set(found["EnabledCloudwatchLogsExports"])
        wanted = set(known.get("enabledCloudwatchLogsExports") or [])
        if current == wanted:
            return
        change = {"EnableLogTypes": sorted(wanted - current), "DisableLogTypes": sorted(current - wanted)}
        caller.aws(f"modify_{self.snake}", **name, CloudwatchLogsExportConfiguration=change)

    def read_parameters(self, caller: Caller, known: Properties) -> Properties:
        """Returns the parameters of a group that somebody set."""
        return {
            "parameters": [
                {
                    "name": parameter["ParameterName"],
                    "value": parameter["ParameterValue"],
                    "applyMethod": parameter.get("ApplyMethod", "immediate"),
                }
                for parameter in self._current(caller, known)
            ]
        }

    def set_parameters(self, caller: Caller, known: Properties) -> None:
        """Sets the parameters of a group, and resets those that the program no longer has."""
        wanted = {parameter["name"]: parameter for parameter in known.get("parameters") or ()}
        names = [parameter["ParameterName"] for parameter in self._current(caller, known)]
        if wanted:
            caller.aws(f"modify_{self.parameters}_group", **self._group(known), Parameters=_requested(wanted))
        if gone := [name for name in names if name not in wanted]:
            reset = [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in gone]
            caller.aws(f"reset_{self.parameters}_group", **self._group(known), Parameters=reset)

    def _current(self, caller: Caller, known: Properties) -> list[dict[str, Any]]:
        found = caller.aws(f"describe_{self.parameters}s", **self._group(known), Source="user")
        return list(found["Parameters"])

    def _group(self, known: Properties) -> dict[str, Any]:
        return {f"{self.noun.removesuffix('Instance')}ParameterGroupName": known["name"]}


OF_INSTANCES = Kind("DBInstance", "db_instance", "db_parameter", "identifier")
OF_CLUSTERS = Kind("DBCluster", "db_cluster", "db_cluster_parameter", "clusterIdentifier")


def _requested(wanted: dict[str, Properties]) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": name,
            "ParameterValue": parameter["value"],
            "ApplyMethod": parameter.get("applyMethod") or "immediate",
        }
        for name, parameter in wanted.items()
    ]
