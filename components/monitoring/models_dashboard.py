"""A CloudWatch dashboard of all models that an account serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.monitoring.dashboard_widgets import Chart, create_dashboard

_FIVE_MINUTES, _HOUR, _DAY = 300, 3600, 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelsDashboardArgs:
    """Arguments of :class:`ModelsDashboard`."""

    dashboard_name: str
    """Name of the dashboard, up to 255 letters, digits, hyphens and underscores (a CloudWatch limit)."""

    region: str
    """Region of the metrics."""

    environment: str
    """Name of the environment, which metrics of monitoring have as a dimension: ``production``."""


class ModelsDashboard(pulumi.ComponentResource):
    """A dashboard with requests, errors, latency and use of the instances of all endpoints in an account, and what
    monitoring found (MON-08).

    Its charts search for metrics, so that a released model appears and a retired one disappears without a change. A
    search finds metrics that had data in the last two weeks, and up to 500 lines (CloudWatch User Guide, "Use search
    expressions in graphs"). In a monitoring account it also finds those of linked accounts, whose labels name the
    account.

    Creates: the dashboard.

    Outputs: ``dashboard_name``.

    Cost: 3 USD a month, after three free dashboards in the account.

    Example::

        ModelsDashboard("models", ModelsDashboardArgs(
            dashboard_name="fraud-production-models", region="eu-west-1", environment="production",
        ))
    """

    dashboard_name: pulumi.Output[str]
    """Name of the dashboard."""

    def __init__(self, name: str, args: ModelsDashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:ModelsDashboard", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.dashboard_name = create_dashboard(name, args.dashboard_name, _charts(args), args.region, child)
        self.register_outputs({"dashboard_name": self.dashboard_name})


def _charts(args: ModelsDashboardArgs) -> list[Chart]:
    of_variants = "{AWS/SageMaker,EndpointName,VariantName}"
    of_instances = '{"/aws/sagemaker/Endpoints",EndpointName,VariantName}'
    used = ["CPUUtilization", "MemoryUtilization"]
    monitored = f'Environment="{args.environment}"'
    return [
        _chart("Requests", of_variants, ["Invocations"], "Sum", _FIVE_MINUTES),
        _chart("Errors", of_variants, ["Invocation4XXErrors", "Invocation5XXErrors"], "Sum", _FIVE_MINUTES),
        _chart("Latency in microseconds", of_variants, ["ModelLatency"], "p99", _FIVE_MINUTES),
        _chart("Use of instances in percent", of_instances, used, "Maximum", _FIVE_MINUTES),
        _chart("Drifted columns", monitored, ["DriftedColumns"], "Maximum", _HOUR),
        _chart("Findings about data", monitored, ["DataQualityFindings"], "Maximum", _HOUR),
        _chart("Quality by ground truth", monitored, ["ModelQuality"], "Average", _DAY),
    ]


def _chart(title: str, where: str, names: Sequence[str], statistic: str, seconds: int) -> Chart:
    """Returns a chart of the metrics with one of the names. ``where`` is a schema or a dimension of a search."""
    any_name = " OR ".join(f'MetricName="{name}"' for name in names)
    wanted = f"({any_name})" if len(names) > 1 else any_name
    search: list[Any] = [{"expression": f"SEARCH('{where} {wanted}', '{statistic}', {seconds})"}]
    return Chart(title=title, metrics=[search], statistic=statistic, seconds=seconds)
