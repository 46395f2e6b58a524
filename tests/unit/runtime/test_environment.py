"""What happened in an environment, and what the registry says about it, without an emulated account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.promotion.environment.alarms import firings
from runtime.promotion.lifecycle import mark_served

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRED = {"errors": (9, 2), "latency": (5,)}
"""Minutes at which alarms fired. CloudWatch describes the history of one alarm, the newest first."""


class Account:
    """SageMaker and CloudWatch of an account with an endpoint."""

    def client(self, _: str) -> Account:
        return self

    def describe_endpoint(self, **_: str) -> dict[str, Any]:
        alarms = [{"AlarmName": name} for name in FIRED]
        return {"LastDeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": alarms}}}

    def get_paginator(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=lambda AlarmName, **_: [self.history(AlarmName)])  # noqa: N803 (AWS's name)

    def history(self, alarm: str) -> dict[str, Any]:
        changes = [(minute + ends, state) for minute in FIRED[alarm] for ends, state in ((1, "OK"), (0, "ALARM"))]
        return {"AlarmHistoryItems": [change(minute, state) for minute, state in changes]}


def change(minute: int, state: str) -> dict[str, Any]:
    data = {"newState": {"stateValue": state, "stateReason": "because"}}
    return {"Timestamp": START + timedelta(minutes=minute), "HistoryData": json.dumps(data)}


@pytest.mark.requirement("RB-03")
def test_the_alarms_of_a_failed_deployment_are_in_the_order_of_their_times() -> None:
    found = [(one.alarm, one.at - START) for one in firings(Account(), "e")]  # type: ignore[arg-type]
    expected = [("errors", 2), ("latency", 5), ("errors", 9)]
    assert found == [(alarm, timedelta(minutes=minute)) for alarm, minute in expected]


class Registry:
    """Registry that ends the action once, after a number of changes."""

    def __init__(self) -> None:
        self.marks: dict[str, set[str]] = {"1": set(), "2": set(), "3": set()}
        self.changes_left = -1

    def describe_model_package(self, *, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        return {"CustomerMetadataProperties": dict.fromkeys(self.marks[ModelPackageName], "yes")}

    def update_model_package(
        self,
        *,
        ModelPackageArn: str,  # noqa: N803 (AWS's name)
        CustomerMetadataProperties: dict[str, str] | None = None,  # noqa: N803 (AWS's name)
        CustomerMetadataPropertiesToRemove: tuple[str, ...] = (),  # noqa: N803 (AWS's name)
    ) -> None:
        marks = self.marks[ModelPackageArn]
        marks.update(CustomerMetadataProperties or {})
        marks.difference_update(CustomerMetadataPropertiesToRemove)
        self.changes_left -= 1
        if self.changes_left == 0:
            raise KeyboardInterrupt


@pytest.mark.requirement("PROM-11")
@pytest.mark.parametrize("changes", [1, 2], ids=["after the old mark", "after the new mark"])
def test_no_mark_remains_of_a_deployment_that_was_interrupted_and_then_replaced(changes: int) -> None:
    kept: dict[str, Any] = {}
    registry, records = Registry(), SimpleNamespace(read=kept.get, write=kept.__setitem__)

    def serve(version: str) -> None:
        mark_served(registry, records, "production", [version])  # type: ignore[arg-type]

    serve("1")
    registry.changes_left = changes
    with pytest.raises(KeyboardInterrupt):
        serve("2")
    serve("3")
    assert registry.marks == {"1": set(), "2": set(), "3": {"serves-production"}}
