"""Tests of the history of an environment and of its entries in the registry, without an emulated account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.promotion.environment.alarms import firings, judging_alarms
from runtime.promotion.environment.fleet import fleet_of
from runtime.promotion.lifecycle import mark_served

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRED = {"errors": (9, 2), "latency": (5,)}
"""Minutes at which alarms fired. CloudWatch describes the history of one alarm, the newest first."""


class Account:
    """CloudWatch of an account with alarms."""

    def client(self, _: str) -> Account:
        return self

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
    found = [(firing.alarm, firing.at - START) for firing in firings(Account(), FIRED)]  # type: ignore[arg-type]
    expected = [("errors", 2), ("latency", 5), ("errors", 9)]
    assert found == [(alarm, timedelta(minutes=minute)) for alarm, minute in expected]


@pytest.mark.requirement("RB-03")
def test_the_alarms_of_a_failed_deployment_are_those_on_single_fleets_also_before_it_succeeded() -> None:
    def alarm(name: str, **dimensions: str) -> dict[str, Any]:
        return {"type": "aws:cloudwatch/metricAlarm:MetricAlarm", "id": name, "inputs": {"dimensions": dimensions}}

    old, new = (alarm(name, EndpointName="e", EndpointConfigName=name) for name in ("e-1", "e-2"))
    resources = [{"type": "pulumi:pulumi:Stack"}, new, old, alarm("notifies", EndpointName="e"), {**new, "id": ""}]
    assert judging_alarms({"deployment": {"resources": resources}}) == ["e-1", "e-2"]
    assert judging_alarms({"deployment": None}) == []


class Fleet:
    """SageMaker of an account with an endpoint whose configuration starts two instances."""

    def client(self, _: str) -> Fleet:
        return self

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        variants = [{"VariantName": "AllTraffic", "InitialInstanceCount": 2}]
        shadows = [{"VariantName": "Shadow", "InitialInstanceCount": 1}]
        return {"ProductionVariants": variants, "ShadowProductionVariants": shadows}


@pytest.mark.requirement("RT-07.b")
def test_a_release_learns_the_capacity_that_scaling_has_reached() -> None:
    variants = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 8, "CurrentInstanceCount": 7}]
    endpoint = {"EndpointStatus": "InService", "EndpointConfigName": "e-1", "ProductionVariants": variants}
    expected = {"configuration": "e-1", "started": {"AllTraffic": 2, "Shadow": 1}, "instances": {"AllTraffic": 8}}
    found = fleet_of(Fleet(), endpoint)  # type: ignore[arg-type]
    assert {name: json.loads(text) for name, text in found.items()} == {"release:fleet": expected}
    assert fleet_of(Fleet(), {"EndpointStatus": "Failed"}) == {}  # type: ignore[arg-type]


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
