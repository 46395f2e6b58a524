"""The alarms of an endpoint that fired, which the failure of a deployment names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from runtime.promotion.environment.served import described

_ALARM = "ALARM"


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


def firings(session: boto3.Session, endpoint: str) -> list[Firing]:
    """Returns the firings of the alarms that roll deployments of an endpoint back, the earliest first; none if there is
    no such endpoint. CloudWatch keeps the history of an alarm for 30 days.

    A deployment compares what fired before it and after it. No clock but that of CloudWatch takes part.

    ``session`` is one of the release role.
    """
    found = described(session.client("sagemaker"), endpoint) or {}
    rollback = found.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    cloudwatch = session.client("cloudwatch")
    fired = [one for alarm in rollback.get("Alarms", []) for one in _firings(cloudwatch, alarm["AlarmName"])]
    return sorted(fired, key=lambda one: one.at)


def _firings(cloudwatch: Any, alarm: str) -> Iterator[Firing]:
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(AlarmName=alarm, HistoryItemType="StateUpdate")
    for item in (item for page in pages for item in page["AlarmHistoryItems"]):
        state = json.loads(item["HistoryData"])["newState"]
        if state["stateValue"] == _ALARM:
            yield Firing(alarm=alarm, at=item["Timestamp"], reason=state["stateReason"])
