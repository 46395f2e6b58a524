"""Metrics of a report for CloudWatch: what alarms watch, and what dashboards show by version and group of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from plinth_project.monitoring.report import WORSE, DayQuality, Report

DRIFTED, QUALITY, ROWS, UNREADABLE = "DriftedColumns", "DataQualityFindings", "ComparedRows", "UnreadableCaptures"
WORSE_DAYS, QUALITY_OF_MODEL, LABELLED = "WorseDays", "ModelQuality", "LabelledRows"
"""Metrics of ground truth. Without new labels there are none."""
STOPPED = "PredictionsStopped"
BIAS, ATTRIBUTIONS = "bias", "attributions"
"""Groups of what has drifted, beside those of columns."""


def namespace_of(subject: Mapping[str, Any]) -> str:
    """Returns the namespace of the metrics of a use case: ``plinth/fraud/scoring``."""
    return f"plinth/{subject['use_case']}"


def metric_data(report: Report, subject: Mapping[str, Any], *, stopped: bool = False) -> list[dict[str, Any]]:
    """Returns metrics as PutMetricData takes them. ``stopped`` tells whether predictions are off.

    Each metric is published for the environment, which alarms watch from version to version. Drifted columns are also
    published by version and group of columns.
    """
    place = [{"Name": "Environment", "Value": subject["environment"]}]
    version = {"Name": "Version", "Value": str(subject["version"]).rpartition("/")[2]}
    totals = {
        DRIFTED: len(report.drifted),
        QUALITY: sum(finding.is_quality for finding in report.findings),
        ROWS: report.rows,
        UNREADABLE: report.unreadable,
        STOPPED: int(stopped),
    }
    by_group = Counter({column.group: 0 for column in report.columns})
    by_group.update(column.group for column in report.columns if column.drifted)
    if report.groups or report.biased:
        by_group[BIAS] = len(report.biased)
    if report.attributions:
        by_group[ATTRIBUTIONS] = int(report.attributions.drifted)
    return [
        *(_metric(name, value, place) for name, value in totals.items()),
        *(
            _metric(DRIFTED, drifted, [*place, version, {"Name": "ColumnGroup", "Value": group}])
            for group, drifted in sorted(by_group.items())
        ),
        *_of_ground_truth(report, place),
    ]


def _of_ground_truth(report: Report, place: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Returns metrics of the days that were judged: how many are worse, and the quality of each version on its last
    one."""
    judged = [day for day in report.days if day.now is not None]
    if not judged:
        return []
    last = {day.version: day for day in judged}
    return [
        _metric(WORSE_DAYS, sum(day.verdict == WORSE for day in judged), place),
        _metric(LABELLED, sum(day.labelled for day in judged), place),
        *(_metric(QUALITY_OF_MODEL, day.now or 0.0, [*place, *_of_day(day)], "None") for day in last.values()),
    ]


def _of_day(day: DayQuality) -> list[dict[str, str]]:
    return [{"Name": "Version", "Value": str(int(day.version))}, {"Name": "Measure", "Value": day.measure}]


def _metric(name: str, value: float, dimensions: list[dict[str, str]], unit: str = "Count") -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": unit}
