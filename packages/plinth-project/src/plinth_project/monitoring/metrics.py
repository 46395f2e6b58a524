"""Metrics of a report for CloudWatch: what alarms watch, and what dashboards show by version and group of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_project.monitoring.report import Report

DRIFTED, QUALITY, ROWS, UNREADABLE = "DriftedColumns", "DataQualityFindings", "ComparedRows", "UnreadableCaptures"


def namespace_of(subject: Mapping[str, Any]) -> str:
    """Returns the namespace of the metrics of a use case: ``plinth/fraud/scoring``."""
    return f"plinth/{subject['use_case']}"


def metric_data(report: Report, subject: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns metrics as PutMetricData takes them.

    Each metric is published for the environment, which alarms watch from version to version. Drifted columns are also
    published by version and group of columns.
    """
    place = [{"Name": "Environment", "Value": subject["environment"]}]
    version = {"Name": "Version", "Value": str(subject["version"]).rpartition("/")[2]}
    drifted = sum(column.drifted for column in report.columns)
    totals = {
        DRIFTED: drifted,
        QUALITY: sum(finding.is_quality for finding in report.findings),
        ROWS: report.rows,
        UNREADABLE: report.unreadable,
    }
    groups = sorted({column.group for column in report.columns})
    return [
        *(_metric(name, value, place) for name, value in totals.items()),
        *(
            _metric(
                DRIFTED,
                sum(column.drifted for column in report.columns if column.group == group),
                [*place, version, {"Name": "ColumnGroup", "Value": group}],
            )
            for group in groups
        ),
    ]


def _metric(name: str, value: float, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": "Count"}
