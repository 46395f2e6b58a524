"""Consequences of a new state of an alarm: an event, an item of the history, and the actions of the alarm.

Sources: CloudWatch User Guide, "Alarm events and EventBridge" and "Notifying users on alarm changes" (read 2026-11-22).
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.cloudwatch.executor.alarm import Alarm
from plinth_sandbox.emulator.services.cloudwatch.executor.queries import Query
from plinth_sandbox.emulator.services.events.executor import outbox

log = logging.getLogger(__name__)

_SENDERS = {"sns": "cloudwatch.amazonaws.com", "lambda": "lambda.alarms.cloudwatch.amazonaws.com"}
"""Service principal by the service of an action. The sandbox does not run other actions."""
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def stamp(moment: datetime) -> str:
    """Returns a time as CloudWatch writes it in messages."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def change(alarm: Alarm, state: str, reason: str, data: Mapping[str, Any], at: datetime, runtime: Runtime) -> None:
    """Gives an alarm a new state and runs its actions."""
    old, before = _state(alarm), _past(alarm)
    previous = alarm.state
    alarm.state, alarm.reason, alarm.reason_data = state, reason, json.dumps(data) if data else ""
    alarm.updated = at
    if state != previous:
        alarm.transitioned = at
    new = _state(alarm)
    history = json.dumps({"version": "1.0", "oldState": before, "newState": _past(alarm)})
    alarm.note("StateUpdate", f"Alarm updated from {previous} to {state}", history, at)
    detail = {
        "alarmName": alarm.name,
        "configuration": _configuration(alarm),
        "previousState": old,
        "state": new,
    }
    outbox.publish(
        alarm.account, alarm.region, "aws.cloudwatch", "CloudWatch Alarm State Change", detail, resources=[alarm.arn]
    )
    if alarm.actions_enabled and state != previous:
        for action in alarm.definition.get(_ACTIONS[state], []):
            _run(alarm, action, previous, at, runtime)


def _past(alarm: Alarm) -> dict[str, Any]:
    """Returns the state as the history of an alarm has it, whose members differ from those of events (CloudWatch API,
    AlarmHistoryItem, and the output of ``describe-alarm-history`` in the AWS CLI reference, read 2026-11-22)."""
    found: dict[str, Any] = {"stateValue": alarm.state, "stateReason": alarm.reason}
    return found | ({"stateReasonData": json.loads(alarm.reason_data)} if alarm.reason_data else {})


def _state(alarm: Alarm) -> dict[str, str]:
    """Returns the state as events have it."""
    found = {"value": alarm.state, "reason": alarm.reason}
    if alarm.reason_data:
        found["reasonData"] = alarm.reason_data
    return found | {"timestamp": stamp(alarm.updated or alarm.configured)}


def _configuration(alarm: Alarm) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if description := alarm.definition.get("AlarmDescription"):
        found["description"] = description
    if alarm.is_composite:
        return found | {"alarmRule": alarm.definition["AlarmRule"]}
    return found | {"metrics": [_query(query, bool(alarm.definition.get("Metrics"))) for query in alarm.queries]}


def _query(query: Query, is_named: bool) -> dict[str, Any]:
    """Returns a query as events show it. The metric of an alarm without queries gets a generated id."""
    found: dict[str, Any] = {"id": query.id if is_named else str(mock_random.uuid4())}
    if query.metric is None:
        found |= {"expression": query.expression, "label": query.label}
    else:
        key = query.metric
        metric = {"namespace": key.namespace, "name": key.name, "dimensions": dict(key.dimensions)}
        found["metricStat"] = {"metric": metric, "period": query.period, "stat": query.statistic}
    return found | {"returnData": query.returns_data}


def _run(alarm: Alarm, action: str, previous: str, at: datetime, runtime: Runtime) -> None:
    """Runs an action. A failure is in the history of the alarm and in the status of the sandbox."""
    problem = _send(alarm, action, previous, at, runtime)
    data = {"actionState": "Failed" if problem else "Succeeded", "notificationResource": action}
    if problem:
        data["error"] = problem
        runtime.undelivered[f"{alarm.arn} to {action}: {problem.partition(':')[0]}"] += 1
        log.warning("not delivered: %s to %s: %s", alarm.arn, action, problem)
    summary = f"{'Failed to execute' if problem else 'Successfully executed'} action {action}"
    alarm.note("Action", summary, json.dumps(data), at)


def _send(alarm: Alarm, action: str, previous: str, at: datetime, runtime: Runtime) -> str:
    """Performs the call of an action. Returns why that failed, or an empty text."""
    # The modules of deliveries import several of moto's services.
    from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError, Sender
    from plinth_sandbox.emulator.services.events.executor.targets import Delivery, deliver

    service = action.split(":")[2]
    if service not in _SENDERS:
        return f"NotImplementedBySandbox: the sandbox does not run actions of {service}"
    sender = Sender(_SENDERS[service], alarm.arn, alarm.account, alarm.region, owns_topics=True)
    message = _notification(alarm, previous, at) if service == "sns" else _invocation(alarm, at)
    subject = f'{alarm.state}: "{alarm.name}" in {_region_name(alarm.region)}'[:100]
    target = {"Arn": action, **({"Subject": subject} if service == "sns" else {})}
    try:
        deliver(Delivery(sender, target, json.dumps(message), {}), runtime)
    except NotDeliveredError as error:
        return f"{error.code}: {error}"
    except (ClientError, BotoCoreError) as error:
        return f"ERROR_FROM_TARGET: {error}"
    return ""


def _notification(alarm: Alarm, previous: str, at: datetime) -> dict[str, Any]:
    """Returns the message to a topic."""
    given = alarm.definition
    found = {
        "AlarmName": alarm.name,
        "AlarmDescription": given.get("AlarmDescription"),
        "AWSAccountId": alarm.account,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        "NewStateValue": alarm.state,
        "NewStateReason": alarm.reason,
        "StateChangeTime": stamp(at),
        "Region": _region_name(alarm.region),
        "AlarmArn": alarm.arn,
        "OldStateValue": previous,
        **{name: given.get(name, []) for name in _ACTIONS.values()},
    }
    if alarm.is_composite:
        return found | {"AlarmRule": given["AlarmRule"]}
    return found | {"Trigger": _trigger(alarm)}


def _trigger(alarm: Alarm) -> dict[str, Any]:
    given = alarm.definition
    common = {
        "Period": alarm.period,
        "EvaluationPeriods": given["EvaluationPeriods"],
        "DatapointsToAlarm": given.get("DatapointsToAlarm", given["EvaluationPeriods"]),
        "ComparisonOperator": given["ComparisonOperator"],
        "Threshold": given["Threshold"],
        "TreatMissingData": given.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": given.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in given:
        return common | {"Metrics": given["Metrics"]}
    dimensions = [{"value": dimension["Value"], "name": dimension["Name"]} for dimension in given.get("Dimensions", [])]
    statistic = {"StatisticType": "Statistic", "Statistic": str(given.get("Statistic", "")).upper()}
    if "ExtendedStatistic" in given:
        statistic = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": given["ExtendedStatistic"]}
    metric = {"MetricName": given["MetricName"], "Namespace": given["Namespace"], "Unit": given.get("Unit")}
    return {**metric, **statistic, "Dimensions": dimensions, **common}


def _invocation(alarm: Alarm, at: datetime) -> dict[str, Any]:
    """Returns the event of a Lambda function."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": alarm.account,
        "time": stamp(at),
        "region": alarm.region,
        "alarmData": {"alarmName": alarm.name, "state": _state(alarm), "configuration": _configuration(alarm)},
    }


@functools.cache
def _region_name(region: str) -> str:
    """Returns the name of a region in notifications, such as ``EU (Ireland)``."""
    partitions = Loader().load_data("endpoints")["partitions"]
    names = {code: entry["description"] for part in partitions for code, entry in part["regions"].items()}
    return str(names.get(region, region)).replace("Europe (", "EU (")
