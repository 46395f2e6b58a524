"""Rules about CloudWatch cross-account observability: links share metrics of models, and no logs or traces."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

LINK = ("aws:oam/link:Link",)

_METRICS = "AWS::CloudWatch::Metric"
_FILTER = ("linkConfiguration", "metricConfiguration", "filter")
_EVERYTHING = "*"
"""Filter that shares the metrics of all namespaces (OAM API Reference, MetricConfiguration)."""


def shares_chosen_metrics(resource: Resource) -> Violation | None:
    shared = resource.properties.items("resourceTypes")
    if isinstance(shared, Unknown):
        return None
    if any(kind not in (_METRICS, UNKNOWN) for kind in shared or []):
        return violation("shares more than metrics", fix=f"set resourceTypes to {_METRICS} alone")
    chosen = resource.properties.value(*_FILTER)
    if is_missing(chosen) or chosen == _EVERYTHING:
        return violation(
            "shares the metrics of every namespace",
            fix="set linkConfiguration.metricConfiguration.filter to the namespaces that are shown",
        )
    return None


RULES = (
    Rule(
        id="CW-02",
        title="Links to a monitoring account share chosen metrics only",
        severity="high",
        sources=("data perimeter, untrusted resources", "CloudWatch User Guide, cross-account observability"),
        remedy="Share metrics, with a filter for their namespaces. Logs and traces contain data of the team and stay "
        "in its account.",
        checks=for_each(LINK, shares_chosen_metrics),
    ),
)
