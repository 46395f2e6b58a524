"""Retained log groups, and EventBridge rules, whose id on the default bus is only their name."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_MEMBERS = {
    "name": "Name",
    "arn": "Arn",
    "description": "Description",
    "eventBusName": "EventBusName",
    "eventPattern": "EventPattern",
    "scheduleExpression": "ScheduleExpression",
    "state": "State",
    "roleArn": "RoleArn",
}


def delete_log_group(caller: Caller, known: Properties) -> None:
    """Deletes a log group, unless `skipDestroy` keeps its records beyond the stack."""
    if not known.get("skipDestroy"):
        caller.aws("delete_log_group", logGroupName=known["name"])


def read_rule(caller: Caller, known: Properties) -> Properties:
    """Returns the rule for the id `bus/name`, or `name`."""
    bus, _, name = str(known["id"]).rpartition("/")
    rule = caller.aws("describe_rule", Name=name, EventBusName=bus or "default")
    return {property_name: rule.get(member) for property_name, member in _MEMBERS.items()}
