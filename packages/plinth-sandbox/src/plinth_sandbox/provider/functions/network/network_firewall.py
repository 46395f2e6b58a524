"""Network Firewall: endpoints by zone, and log destinations, which change one at a time."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def read_endpoints(caller: Caller, known: Properties) -> Properties:
    """Returns the endpoint in each zone, as the target of routes."""
    status = caller.aws("describe_firewall", FirewallArn=known["id"])["FirewallStatus"]
    states = [
        {
            "availabilityZone": zone,
            "attachments": [
                {"endpointId": state["Attachment"]["EndpointId"], "subnetId": state["Attachment"]["SubnetId"]}
            ],
        }
        for zone, state in sorted(status.get("SyncStates", {}).items())
    ]
    return {"firewallStatuses": [{"syncStates": states}]}


def set_logging(caller: Caller, known: Properties) -> None:
    """Adds and removes log destinations, one per call (API reference, "UpdateLoggingConfiguration")."""
    arn = known["firewallArn"]
    answer = caller.aws("describe_logging_configuration", FirewallArn=arn)
    current = (answer.get("LoggingConfiguration") or {}).get("LogDestinationConfigs", [])
    wanted = [_destination(configured) for configured in known["loggingConfiguration"]["logDestinationConfigs"]]
    steps = [("remove", each) for each in current if each not in wanted]
    steps += [("add", each) for each in wanted if each not in current]
    for step, destination in steps:
        rest = [each for each in current if each != destination]
        current = [*rest, destination] if step == "add" else rest
        configuration = {"LogDestinationConfigs": current}
        caller.aws("update_logging_configuration", FirewallArn=arn, LoggingConfiguration=configuration)


def _destination(configured: Properties) -> dict[str, Any]:
    return {
        "LogType": configured["logType"],
        "LogDestinationType": configured["logDestinationType"],
        "LogDestination": dict(configured["logDestination"]),
    }
