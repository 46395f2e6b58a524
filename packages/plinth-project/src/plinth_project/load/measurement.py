"""CloudWatch metrics of an endpoint during a load test.

Sources: SageMaker Developer Guide, "Amazon SageMaker AI metrics in Amazon CloudWatch"; CloudWatch API reference,
GetMetricData (read 2026-11-28). Metrics of a minute appear some time after it, and ``ModelLatency`` is in microseconds.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from plinth_project.deployment.inference import LoadTest

NAMESPACE = "AWS/SageMaker"
INVOCATIONS, LATENCY = "Invocations", "ModelLatency"
ERRORS = ("Invocation4XXErrors", "Invocation5XXErrors")
LATENCY_STATISTIC = "p99"
MINUTE = 60
LOOK_SECONDS = 10
DELAY_SECONDS = 600
"""Longest wait until CloudWatch has counted all requests."""
_MICROSECONDS = 1000


class MissingMetricsError(Exception):
    """CloudWatch has not counted the requests within the time in which it does."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Metrics of an endpoint during a load test."""

    invocations: int
    errors: int
    """Requests that the endpoint did not answer with a prediction."""
    latency_milliseconds: float
    """Percentile 99 of the time that the model needed, in the slowest minute of the slowest variant."""

    def faults(self, test: LoadTest) -> Iterator[str]:
        """Yields what is worse than the limits of the test, with the measured value and the limit."""
        if self.latency_milliseconds > test.latency_milliseconds:
            yield (
                f"{LATENCY} {LATENCY_STATISTIC} was {self.latency_milliseconds:.1f} ms; the limit is "
                f"{test.latency_milliseconds:g} ms. Add instances, choose a faster type, or set another limit"
            )
        share = 100 * self.errors / self.invocations
        if share > test.error_percentage:
            yield f"{share:.2f} % of {self.invocations} requests failed; the limit is {test.error_percentage:g} %"


def time_of(cloudwatch: Any) -> datetime:
    """Returns the time of CloudWatch, whose metrics it dates."""
    answer = cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName=INVOCATIONS, RecentlyActive="PT3H")
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def measure(cloudwatch: Any, endpoint: str, *, since: datetime, requests: int) -> Measurement:
    """Returns the metrics since a time, once CloudWatch has counted as many invocations as there were requests.

    The first minute counts as a whole, also with requests before that time. Raises MissingMetricsError.
    """
    start, waited = since.replace(second=0, microsecond=0), 0
    while True:
        variants = list(_variants(cloudwatch, endpoint))
        found = _values(cloudwatch, endpoint, variants, start) if variants else {}
        counted = round(sum(found.get(INVOCATIONS, ())))
        if counted >= requests and (latencies := found.get(LATENCY)):
            errors = round(sum(sum(found.get(name, ())) for name in ERRORS))
            return Measurement(invocations=counted, errors=errors, latency_milliseconds=max(latencies) / _MICROSECONDS)
        if waited >= DELAY_SECONDS:
            raise MissingMetricsError(f"CloudWatch has {counted} invocations of {endpoint}, of {requests} requests")
        time.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS


def _variants(cloudwatch: Any, endpoint: str) -> Iterator[str]:
    """Yields the variants of an endpoint that have been invoked."""
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace=NAMESPACE, MetricName=INVOCATIONS, Dimensions=[{"Name": "EndpointName", "Value": endpoint}]
    )
    for metric in (entry for page in pages for entry in page["Metrics"]):
        yield from (dimension["Value"] for dimension in metric["Dimensions"] if dimension["Name"] == "VariantName")


def _values(cloudwatch: Any, endpoint: str, variants: Sequence[str], start: datetime) -> Mapping[str, Sequence[float]]:
    """Returns the values of each minute and variant by metric."""
    wanted = [(name, "Sum") for name in (INVOCATIONS, *ERRORS)] + [(LATENCY, LATENCY_STATISTIC)]
    queries = [
        {"Id": f"m{number}", "Label": name, "MetricStat": _statistic(endpoint, variant, name, statistic)}
        for number, (variant, (name, statistic)) in enumerate(itertools.product(variants, wanted))
    ]
    end = time_of(cloudwatch) + timedelta(seconds=MINUTE)
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    found: dict[str, list[float]] = {}
    for series in (result for page in pages for result in page["MetricDataResults"]):
        found.setdefault(series["Label"], []).extend(series["Values"])
    return found


def _statistic(endpoint: str, variant: str, name: str, statistic: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": MINUTE, "Stat": statistic}
