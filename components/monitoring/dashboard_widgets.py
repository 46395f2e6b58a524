"""Charts of CloudWatch dashboards, in rows of three."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

_COLUMNS, _WIDTH, _HEIGHT = 24, 8, 6
"""A dashboard has 24 columns (CloudWatch User Guide, "Dashboard body structure and syntax")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart of metrics over time."""

    title: str

    metrics: Sequence[Sequence[Any]]
    """Items of ``metrics`` in the body of a dashboard: ``["AWS/SageMaker", "Invocations", "EndpointName", "scoring"]``,
    or ``[{"expression": "SEARCH(…)"}]``."""

    statistic: str
    """Statistic of all metrics: ``Sum``, ``p99``."""

    seconds: int = 60
    """Time that each point covers."""


def create_dashboard(
    name: str, dashboard_name: str, charts: Iterable[Chart], region: str, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Creates a dashboard, and returns its name. ``region`` is that of the metrics."""
    dashboard = aws.cloudwatch.Dashboard(
        name, dashboard_name=dashboard_name, dashboard_body=_body(charts, region), opts=opts
    )
    return dashboard.dashboard_name


def _body(charts: Iterable[Chart], region: str) -> str:
    in_a_row = _COLUMNS // _WIDTH
    widgets = [
        {
            "type": "metric",
            "x": number % in_a_row * _WIDTH,
            "y": number // in_a_row * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
            "properties": {
                "title": chart.title,
                "region": region,
                "metrics": chart.metrics,
                "stat": chart.statistic,
                "period": chart.seconds,
                "view": "timeSeries",
            },
        }
        for number, chart in enumerate(charts)
    ]
    return json.dumps({"widgets": widgets})
