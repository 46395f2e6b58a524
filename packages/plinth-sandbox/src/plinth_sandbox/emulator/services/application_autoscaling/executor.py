"""Application Auto Scaling: the alarms of policies that track a target, which CloudWatch has as others.

moto creates them where nobody looks: the executor of CloudWatch keeps the alarms. Nothing scales when they go off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.cloudwatch.executor import alarms
from plinth_sandbox.emulator.services.cloudwatch.executor.alarm import alarms_of
from plinth_sandbox.emulator.store.record import Place

_MEMBERS = {
    "AlarmName": "name",
    "AlarmDescription": "description",
    "Namespace": "namespace",
    "MetricName": "metric_name",
    "ComparisonOperator": "comparison_operator",
    "EvaluationPeriods": "evaluation_periods",
    "Period": "period",
    "Threshold": "threshold",
    "Statistic": "statistic",
    "AlarmActions": "alarm_actions",
}
"""Attribute of moto's alarm by member of PutMetricAlarm."""


def _change(exchange: Exchange, runtime: Runtime) -> Answer:
    """Keeps the alarms of the policies in CloudWatch after a call that changes policies."""
    call = exchange.call
    before = _alarms(call)
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    now, known = _alarms(call), alarms_of(exchange.memory, call.account, call.region)
    for name in before.keys() - now.keys():
        known.pop(name, None)
    place = Place(call.account, call.region, "cloudwatch")
    for name, alarm in now.items():
        if alarm is not before.get(name):
            alarms.put(place, _definition(alarm), exchange.memory, runtime)
    return answer


def _alarms(call: Call) -> dict[str, Any]:
    """Returns the alarms of all policies of an account and region by name."""
    policies = applicationautoscaling_backends[call.account][call.region].policies.values()
    return {alarm.name: alarm for policy in policies for alarm in policy.alarms}


def _definition(alarm: Any) -> dict[str, Any]:
    dimensions = [{"Name": dimension.name, "Value": dimension.value} for dimension in alarm.dimensions]
    return {**{member: getattr(alarm, name) for member, name in _MEMBERS.items()}, "Dimensions": dimensions}


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "DeleteScalingPolicy": _change,
    "DeregisterScalableTarget": _change,
    "PutScalingPolicy": _change,
}
