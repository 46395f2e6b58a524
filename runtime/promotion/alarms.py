"""The alarms of an endpoint that fired during a deployment, which its failure names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3

_ALARM = "ALARM"


def fired_since(session: boto3.Session, endpoint: str, start: datetime) -> list[dict[str, str]]:
    """Returns the alarms that roll deployments of an endpoint back and went into the state ALARM since ``start``, the
    earliest first: ``{"alarm": name, "at": time in ISO 8601, "reason": reason of CloudWatch}``.

    ``session`` is one of the release role.
    """
    described = session.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    rollback = described.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    cloudwatch = session.client("cloudwatch")
    found = [one for alarm in rollback.get("Alarms", []) for one in _fired(cloudwatch, alarm["AlarmName"], start)]
    return sorted(found, key=lambda one: one["at"])


def _fired(cloudwatch: Any, alarm: str, start: datetime) -> Iterator[dict[str, str]]:
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmName=alarm, HistoryItemType="StateUpdate", StartDate=start
    )
    for item in (item for page in pages for item in page["AlarmHistoryItems"]):
        state = json.loads(item["HistoryData"])["newState"]
        if state["stateValue"] == _ALARM:
            at = item["Timestamp"].astimezone(UTC).isoformat(timespec="seconds")
            yield {"alarm": alarm, "at": at, "reason": state["stateReason"]}
