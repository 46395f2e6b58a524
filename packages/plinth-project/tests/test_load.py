"""The load test of a service: how requests are sent, and what CloudWatch measured of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest

from plinth_project.deployment.inference import LoadTest
from plinth_project.load import measurement
from plinth_project.load.measurement import Measurement, MissingMetricsError, measure
from plinth_project.load.requests import send_at_rate

ENDPOINT = "fraud--scoring-preprod"
NOW = datetime(2026, 11, 28, 10, 30, 20, tzinfo=UTC)
LIMITS = LoadTest(requests_per_second=5, seconds=10, latency_milliseconds=100, error_percentage=1)


class CloudWatch:
    """Metrics of two variants, each by name and with its statistic. Each look at them has the next values."""

    def __init__(self, *looks: dict[str, list[float]]) -> None:
        self.looks: Iterator[dict[str, list[float]]] = iter(looks)
        self.asked: list[dict[str, Any]] = []

    def list_metrics(self, **_: Any) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(NOW, usegmt=True)}}}

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=getattr(self, f"_{operation}"))

    def _list_metrics(self, *, Dimensions: list[dict[str, str]], **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Dimensions == [{"Name": "EndpointName", "Value": ENDPOINT}]
        for variant in ("AllTraffic", "Shadow"):
            yield {"Metrics": [{"Dimensions": [*Dimensions, {"Name": "VariantName", "Value": variant}]}]}

    def _get_metric_data(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        values = next(self.looks)
        for query in asked["MetricDataQueries"]:
            name = query["MetricStat"]["Metric"]["MetricName"]
            yield {"MetricDataResults": [{"Label": query["Label"], "Values": values.get(name, [])}]}


def test_requests_do_not_wait_for_the_answers_to_earlier_ones() -> None:
    together = threading.Barrier(4, timeout=60)

    def send(body: str) -> int:
        together.wait()
        return 200 if body == "a" else 429

    assert send_at_rate(send, ["a", "b"], per_second=40, seconds=0.5) == Counter({200: 10, 429: 10})


def test_a_measurement_adds_variants_and_has_the_slowest_minute() -> None:
    cloudwatch = CloudWatch({"Invocations": [20, 30], "Invocation5XXErrors": [1], "ModelLatency": [20_000, 90_000]})
    found = measure(cloudwatch, ENDPOINT, since=NOW, requests=100)
    assert found == Measurement(invocations=100, errors=2, latency_milliseconds=90)
    (asked,) = cloudwatch.asked
    assert asked["StartTime"] == NOW.replace(second=0)
    assert asked["EndTime"] > NOW
    statistics = {
        data_query["MetricStat"]["Metric"]["MetricName"]: data_query["MetricStat"]["Stat"]
        for data_query in asked["MetricDataQueries"]
    }
    assert statistics == {
        "Invocations": "Sum", "Invocation4XXErrors": "Sum", "Invocation5XXErrors": "Sum", "ModelLatency": "p99"
    }  # fmt: skip


def test_a_measurement_waits_until_all_requests_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(measurement.time, "sleep", waits.append)
    cloudwatch = CloudWatch({}, {"Invocations": [2]}, {"Invocations": [5], "ModelLatency": [1_000]})
    assert measure(cloudwatch, ENDPOINT, since=NOW, requests=10).invocations == 10
    assert len(waits) == 2


def test_requests_that_are_never_counted_are_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement.time, "sleep", lambda _: None)
    cloudwatch = CloudWatch(*[{"Invocations": [2], "ModelLatency": [1]}] * 1000)
    with pytest.raises(MissingMetricsError, match=f"4 invocations of {ENDPOINT}, of 10 requests"):
        measure(cloudwatch, ENDPOINT, since=NOW, requests=10)


@pytest.mark.requirement("WP-10.b", "CI-10.e")
@pytest.mark.parametrize(
    ("errors", "latency", "faults"),
    [
        (2, 100.0, []),
        (3, 100.0, ["1.50 % of 200 requests failed; the limit is 1 %"]),
        (0, 100.1, ["ModelLatency p99 was 100.1 ms; the limit is 100 ms"]),
    ],
)
def test_what_is_worse_than_a_limit_is_named_with_it(errors: int, latency: float, faults: list[str]) -> None:
    found = list(Measurement(invocations=200, errors=errors, latency_milliseconds=latency).faults(LIMITS))
    assert len(found) == len(faults)
    assert all(text.startswith(expected) for text, expected in zip(found, faults, strict=True))
