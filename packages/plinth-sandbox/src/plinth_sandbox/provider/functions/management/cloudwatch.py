"""Retained log groups, queries of metric alarms, and EventBridge rules, whose id on the default bus is only their
name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


_QUERY = {
    "id": "Id",
    "accountId": "AccountId",
    "expression": "Expression",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}
_METRIC = {"namespace": "Namespace", "metricName": "MetricName"}
_STATISTIC = {"period": "Period", "stat": "Stat", "unit": "Unit"}


def with_queries(request: dict[str, Any]) -> dict[str, Any]:
    """Gives queries the form of the API, which has a metric inside of its statistic. The vendor's form is flat."""
    if "Metrics" in request:
        request["Metrics"] = [_query(metric) for metric in request["Metrics"]]
    return request


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    found = _renamed(given, _QUERY) | {"ReturnData": bool(given.get("returnData"))}
    if metric := given.get("metric"):
        dimensions = [{"Name": name, "Value": value} for name, value in (metric.get("dimensions") or {}).items()]
        found["MetricStat"] = {
            "Metric": {**_renamed(metric, _METRIC), **({"Dimensions": dimensions} if dimensions else {})},
            **_renamed(metric, _STATISTIC),
        }
    return found


def _renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {member: given[name] for name, member in names.items() if given.get(name) is not None}


def read_queries(caller: Caller, known: Properties) -> Properties | None:
    """Returns the queries of a metric alarm in the vendor's form."""
    alarms = caller.aws("describe_alarms", AlarmNames=[known["name"]])["MetricAlarms"]
    if not alarms:
        return None
    return {"metricQueries": [_flat_query(metric) for metric in alarms[0].get("Metrics", [])] or None}


def _flat_query(given: Mapping[str, Any]) -> Properties:
    found = {name: given[member] for name, member in _QUERY.items() if member in given}
    if stat := given.get("MetricStat"):
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in stat["Metric"].get("Dimensions", [])}
        metric = {name: stat["Metric"][member] for name, member in _METRIC.items() if member in stat["Metric"]}
        metric |= {name: stat[member] for name, member in _STATISTIC.items() if member in stat}
        found["metric"] = {**metric, **({"dimensions": dimensions} if dimensions else {})}
    return found
