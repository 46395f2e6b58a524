"""A CloudWatch dashboard of an endpoint and the API in front of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.monitoring.dashboard_widgets import Chart, create_dashboard


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingDashboardArgs:
    """Arguments of :class:`ServingDashboard`."""

    dashboard_name: str
    """Name of the dashboard, up to 255 letters, digits, hyphens and underscores (a CloudWatch limit)."""

    region: str
    """Region of the metrics."""

    endpoint_name: str
    """Name of the endpoint."""

    variant_names: Sequence[str]
    """Names of its variants, the shadow included."""

    api_name: str | None = None
    """Name of the API. None shows the endpoint alone."""

    function_name: str | None = None
    """Name of the function between API and endpoint."""


class ServingDashboard(pulumi.ComponentResource):
    """A dashboard with requests, errors and latency of endpoint, function and API, and the use of the instances.

    Creates: the dashboard.

    Outputs: ``dashboard_name``.

    Cost: 3 USD a month, after three free dashboards in the account.

    Example::

        ServingDashboard("dashboard", ServingDashboardArgs(
            dashboard_name="fraud--scoring-prod", region="eu-west-1", endpoint_name="fraud--scoring-prod",
            variant_names=["AllTraffic"], api_name="fraud--scoring-prod", function_name="fraud--scoring-prod-predict",
        ))
    """

    dashboard_name: pulumi.Output[str]
    """Name of the dashboard."""

    def __init__(self, name: str, args: ServingDashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:ServingDashboard", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.dashboard_name = create_dashboard(name, args.dashboard_name, _charts(args), args.region, child)
        self.register_outputs({"dashboard_name": self.dashboard_name})


def _charts(args: ServingDashboardArgs) -> list[Chart]:
    variants = [{"EndpointName": args.endpoint_name, "VariantName": variant} for variant in args.variant_names]
    requests, instances = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
    charts = [
        ("Requests", _metrics(requests, ["Invocations", "InvocationsPerInstance"], variants), "Sum"),
        ("Errors", _metrics(requests, ["Invocation4XXErrors", "Invocation5XXErrors"], variants), "Sum"),
        ("Latency in microseconds", _metrics(requests, ["ModelLatency", "OverheadLatency"], variants), "p99"),
        (
            "Use of instances in percent",
            _metrics(instances, ["CPUUtilization", "MemoryUtilization", "DiskUtilization"], variants),
            "Maximum",
        ),
    ]
    if args.function_name is not None:
        function = [{"FunctionName": args.function_name}]
        charts.append(
            ("Function", _metrics("AWS/Lambda", ["Invocations", "Errors", "Throttles", "Duration"], function), "Sum")
        )
    if args.api_name is not None:
        api = [{"ApiName": args.api_name}]
        charts.append(("API", _metrics("AWS/ApiGateway", ["Count", "4XXError", "5XXError"], api), "Sum"))
    return [Chart(title=title, metrics=metrics, statistic=statistic) for title, metrics, statistic in charts]


def _metrics(namespace: str, names: Sequence[str], dimensions: Sequence[Mapping[str, str]]) -> list[list[str]]:
    return [
        [namespace, name, *(word for pair in dimension.items() for word in pair)]
        for dimension in dimensions
        for name in names
    ]
