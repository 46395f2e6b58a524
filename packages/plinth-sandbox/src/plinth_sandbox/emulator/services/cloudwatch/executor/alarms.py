"""The operations of alarms. moto keeps their tags and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.services.cloudwatch.executor import actions
from plinth_sandbox.emulator.services.cloudwatch.executor.alarm import Alarm, alarms_of
from plinth_sandbox.emulator.services.cloudwatch.executor.composite import AlarmRule
from plinth_sandbox.emulator.services.cloudwatch.executor.data import aware
from plinth_sandbox.emulator.services.cloudwatch.executor.definitions import criteria_of, queries_of
from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import evaluate, evaluate_composites
from plinth_sandbox.emulator.store.record import Place

_DEFAULTS: Mapping[str, Any] = {
    "ActionsEnabled": True,
    "OKActions": [],
    "AlarmActions": [],
    "InsufficientDataActions": [],
}
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_UNSUPPORTED = (
    "ActionConfiguration",
    "ActionsSuppressor",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "WarmUpConfiguration",
)
"""Members of both requests whose effect the sandbox does not have."""


def _alarms(exchange: Exchange) -> dict[str, Alarm]:
    return alarms_of(exchange.memory, exchange.call.account, exchange.call.region)


def _put(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    put(Place(call.account, call.region, call.service), call.parameters, exchange.memory, runtime)
    return call.reply({})


def put(place: Place, given: Mapping[str, Any], memory: Memory, runtime: Runtime) -> None:
    """Creates or replaces an alarm. It keeps its state, and is evaluated at once.

    ``given`` are the members of PutMetricAlarm, or of PutCompositeAlarm. Raises AwsError and NotEmulatedError.
    """
    for name in _UNSUPPORTED:
        if name in given:
            raise NotEmulatedError(f"An alarm with {name}")
    known, now = alarms_of(memory, place.account, place.region), runtime.clock.now()
    name = str(given["AlarmName"])
    alarm = Alarm(
        name=name,
        arn=f"arn:aws:cloudwatch:{place.region}:{place.account}:alarm:{name}",
        account=place.account,
        region=place.region,
        definition={**_DEFAULTS, **{key: value for key, value in given.items() if key != "Tags"}},
        configured=now,
        actions_enabled=given.get("ActionsEnabled", True),
    )
    if "AlarmRule" in given:
        alarm.rule = _rule(str(given["AlarmRule"]), known)
    else:
        alarm.queries, alarm.criteria = tuple(queries_of(given, place.account)), criteria_of(given)
        alarm.next_at = int(now.timestamp()) // alarm.step * alarm.step
    old = known.get(name)
    if old is not None and old.is_composite != alarm.is_composite:
        kind = "composite" if old.is_composite else "metric"
        raise AwsError("ValidationError", f"An alarm of type {kind} with the name {name} already exists.")
    _keep_tags(alarm, given)
    if old is not None:
        alarm.state, alarm.reason, alarm.reason_data = old.state, old.reason, old.reason_data
        alarm.updated, alarm.transitioned, alarm.history = old.updated, old.transitioned, old.history
    summary = f'Alarm "{name}" {"updated" if old else "created"}'
    kind = "Update" if old else "Create"
    alarm.note("ConfigurationUpdate", summary, json.dumps({"version": "1.0", "type": kind}), now)
    known[name] = alarm
    evaluate(runtime, place.account, place.region)
    evaluate_composites(known, now, runtime)


def _keep_tags(alarm: Alarm, given: Mapping[str, Any]) -> None:
    """Makes moto know the alarm, which then answers the operations of tags. Tags are set only by a creation."""
    backend = cloudwatch_backends[alarm.account][alarm.region]
    is_new = alarm.name not in backend.alarms
    tags = given.get("Tags", []) if is_new else []
    unused = dict.fromkeys(("namespace", "metric_name", "comparison_operator", "statistic"), "")
    numbers = dict.fromkeys(("evaluation_periods", "period", "threshold"), 0)
    backend.put_metric_alarm(
        name=alarm.name, description="", dimensions=[], alarm_actions=[], tags=tags, **unused, **numbers
    )


def _rule(text: str, known: Mapping[str, Alarm]) -> AlarmRule:
    rule = AlarmRule.parse(text)
    if missing := sorted(rule.alarms - known.keys()):
        message = f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
        raise AwsError("ValidationError", message)
    return rule


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    known, names = _alarms(exchange), list(exchange.call.parameters["AlarmNames"])
    if missing := [name for name in names if name not in known]:
        raise AwsError("ResourceNotFound", f"Alarm with names {missing} does not exist.")
    if len(names) > 1 and sum(known[name].is_composite for name in names) > 1:
        raise AwsError("ValidationError", "Only one composite alarm can be deleted in one request.")
    for name in names:
        holders = [
            alarm for alarm in known.values() if alarm.rule and name in alarm.rule.alarms and alarm.name not in names
        ]
        if holders:
            raise AwsError("ValidationError", f"Cannot delete {name} as there are composite alarm(s) depending on it.")
    for name in names:
        del known[name]
    evaluate(runtime, exchange.call.account, exchange.call.region)
    return exchange.below()


def _describe(exchange: Exchange, runtime: Runtime) -> Answer:
    """Returns alarms. Composite alarms are returned only if their type is asked for."""
    del runtime
    given, known = exchange.call.parameters, _alarms(exchange)
    for name in ("ChildrenOfAlarmName", "ParentsOfAlarmName"):
        if name in given:
            raise NotEmulatedError(f"DescribeAlarms with {name}")
    kinds = given.get("AlarmTypes") or ["MetricAlarm"]
    found = [
        alarm
        for name, alarm in sorted(known.items())
        if name in given.get("AlarmNames", [name])
        and name.startswith(given.get("AlarmNamePrefix", ""))
        and alarm.state == given.get("StateValue", alarm.state)
        and ("CompositeAlarm" if alarm.is_composite else "MetricAlarm") in kinds
        and _has_action(alarm, given.get("ActionPrefix", ""))
    ]
    items, further = page(found, given, 50, limit="MaxRecords")
    return exchange.call.reply(
        {
            "MetricAlarms": [item.described() for item in items if not item.is_composite],
            "CompositeAlarms": [item.described() for item in items if item.is_composite],
            **further,
        }
    )


def _has_action(alarm: Alarm, prefix: str) -> bool:
    if not prefix:
        return True
    members = ("AlarmActions", "OKActions", "InsufficientDataActions")
    return any(action.startswith(prefix) for member in members for action in alarm.definition[member])


def _describe_for_metric(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    given = exchange.call.parameters
    wanted = {(dimension["Name"], dimension["Value"]) for dimension in given.get("Dimensions", [])}
    found = [
        alarm.described()
        for alarm in _alarms(exchange).values()
        for query in alarm.queries
        if query.metric is not None
        and (query.metric.namespace, query.metric.name) == (given["Namespace"], given["MetricName"])
        and wanted == set(query.metric.dimensions)
    ]
    return exchange.call.reply({"MetricAlarms": found})


def _switch(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    for name in exchange.call.parameters["AlarmNames"]:
        if name in _alarms(exchange):
            _alarms(exchange)[name].actions_enabled = exchange.call.name == "EnableAlarmActions"
    return exchange.call.reply({})


def _set_state(exchange: Exchange, runtime: Runtime) -> Answer:
    """Sets a state until the next evaluation. A composite alarm keeps it until one of its alarms changes."""
    call, given, now = exchange.call, exchange.call.parameters, runtime.clock.now()
    alarm = _alarms(exchange).get(given["AlarmName"])
    if alarm is None:
        raise AwsError("ResourceNotFound", f"Alarm {given['AlarmName']} does not exist.")
    try:
        data = json.loads(given.get("StateReasonData") or "{}")
    except ValueError as error:
        raise AwsError("InvalidFormat", "StateReasonData is not valid JSON.") from error
    actions.change(alarm, given["StateValue"], given["StateReason"], data, now, runtime)
    if not alarm.is_composite:
        alarm.next_at = int(now.timestamp()) // alarm.step * alarm.step + alarm.step
        evaluate_composites(_alarms(exchange), now, runtime)
    evaluate(runtime, call.account, call.region)
    return call.reply({})


def _history(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    given = exchange.call.parameters
    names = [given["AlarmName"]] if "AlarmName" in given else list(_alarms(exchange))
    start, end = (aware(given.get(name, usual)) for name, usual in (("StartDate", _FIRST), ("EndDate", _LAST)))
    known = _alarms(exchange)
    items = [item for name in names if name in known for item in known[name].history]
    found = [
        item
        for item in sorted(
            items, key=lambda item: item["Timestamp"], reverse=given.get("ScanBy") != "TimestampAscending"
        )
        if item["HistoryItemType"] == given.get("HistoryItemType", item["HistoryItemType"])
        and item["AlarmType"] in given.get("AlarmTypes", ["MetricAlarm"] if "AlarmName" not in given else item.values())
        and start <= item["Timestamp"] <= end
    ]
    shown, further = page(found, given, 100, limit="MaxRecords")
    return exchange.call.reply({"AlarmHistoryItems": shown, **further})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "DeleteAlarms": _delete,
    "DescribeAlarmHistory": _history,
    "DescribeAlarms": _describe,
    "DescribeAlarmsForMetric": _describe_for_metric,
    "DisableAlarmActions": _switch,
    "EnableAlarmActions": _switch,
    "PutCompositeAlarm": _put,
    "PutMetricAlarm": _put,
    "SetAlarmState": _set_state,
}
