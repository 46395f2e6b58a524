"""How much a use case predicted by month: requests that endpoints answered, and completed runs of batch inference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from selfservice.engine.account_access import Account
from settings.derived.use_case_names import UseCaseNames
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

ANSWERING = ("AllTraffic", "Candidate")
"""Variants whose answers callers get. A shadow variant gets copies of the same requests."""
_DAY = 86_400
_RUNS = "PipelineExecutionSummaries"


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """Numbers of predictions that production made in a month."""

    requests: int = 0
    batches: int = 0


def predictions_by_month(account: Account, names: UseCaseNames, first: date, last: date) -> dict[str, Predictions]:
    """Returns the predictions of production by month (``2026-11``), from a day to the end of the month of another."""
    name = f"{names.prefix}-{ENVIRONMENT_ABBREVIATIONS['production']}"
    requests, batches = _requests(account, name, first, _next_month(last)), _batches(account, name, first)
    return {month: Predictions(requests=requests[month], batches=batches[month]) for month in {*requests, *batches}}


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _requests(account: Account, endpoint: str, first: date, end: date) -> Counter[str]:
    """Returns the requests to an endpoint by month. CloudWatch keeps the sums of hours for 15 months."""
    queries = [
        {
            "Id": f"variant{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "Invocations",
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": endpoint},
                        {"Name": "VariantName", "Value": variant},
                    ],
                },
                "Period": _DAY,
                "Stat": "Sum",
            },
        }
        for number, variant in enumerate(ANSWERING)
    ]
    found: Counter[str] = Counter()
    asked = {"MetricDataQueries": queries, "StartTime": _midnight(first), "EndTime": _midnight(end)}
    for result in account.every("cloudwatch", "get_metric_data", "MetricDataResults", **asked):
        for at, value in zip(result["Timestamps"], result["Values"], strict=True):
            found[f"{at.astimezone(UTC):%Y-%m}"] += round(value)
    return found


def _batches(account: Account, prefix: str, first: date) -> Counter[str]:
    """Returns the completed runs of batch inference by month."""
    return Counter(
        f"{run['StartTime'].astimezone(UTC):%Y-%m}"
        for pipeline in _pipelines(account, prefix)
        for run in account.every(
            "sagemaker", "list_pipeline_executions", _RUNS, PipelineName=pipeline, CreatedAfter=_midnight(first)
        )
        if run["PipelineExecutionStatus"] == "Succeeded"
    )


def _pipelines(account: Account, prefix: str) -> Iterator[str]:
    listed: Iterator[dict[str, Any]] = account.every(
        "sagemaker", "list_pipelines", "PipelineSummaries", PipelineNamePrefix=prefix
    )
    yield from (str(pipeline["PipelineName"]) for pipeline in listed)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
