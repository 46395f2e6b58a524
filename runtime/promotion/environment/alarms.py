"""The alarms that judge deployments of an endpoint: which ones they are, and when they fired."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

_ALARM = "ALARM"
_TYPE = "aws:cloudwatch/metricAlarm:MetricAlarm"
_FLEET = "EndpointConfigName"
"""Dimension of the metrics of one fleet."""


@dataclass(frozen=True, kw_only=True)
class Firing:
    """A change of an alarm into the state ALARM."""

    alarm: str
    at: datetime
    reason: str
    """Reason of CloudWatch."""

    def as_record(self) -> dict[str, str]:
        """Returns name, time in ISO 8601 and reason, as the record of a failure has them."""
        at = self.at.astimezone(UTC).isoformat(timespec="seconds")
        return {"alarm": self.alarm, "at": at, "reason": self.reason}


def judging_alarms(state: Mapping[str, Any]) -> list[str]:
    """Returns the names of the alarms on single fleets in an exported state of a stack. The endpoint itself names only
    those of its last deployment that succeeded."""
    resources = (state.get("deployment") or {}).get("resources") or []
    found = {
        str(resource["id"])
        for resource in resources
        if resource["type"] == _TYPE
        and resource.get("id")
        and _FLEET in (resource.get("inputs", {}).get("dimensions") or {})
    }
    return sorted(found)


def firings(session: boto3.Session, alarms: Iterable[str]) -> list[Firing]:
    """Returns the firings of alarms, the earliest first. CloudWatch keeps the history of an alarm for 30 days.

    A deployment compares what fired before it and after it. No clock but that of CloudWatch takes part.

    ``session`` is one of the release role.
    """
    cloudwatch = session.client("cloudwatch")
    fired = [firing for alarm in alarms for firing in _firings(cloudwatch, alarm)]
    return sorted(fired, key=lambda firing: firing.at)


def _firings(cloudwatch: Any, alarm: str) -> Iterator[Firing]:
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(AlarmName=alarm, HistoryItemType="StateUpdate")
    for item in (item for page in pages for item in page["AlarmHistoryItems"]):
        state = json.loads(item["HistoryData"])["newState"]
        if state["stateValue"] == _ALARM:
            yield Firing(alarm=alarm, at=item["Timestamp"], reason=state["stateReason"])
