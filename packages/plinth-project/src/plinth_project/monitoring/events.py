"""The event of a comparison, which may start a retraining in the account of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plinth_project.metadata import metadata_value
from plinth_project.monitoring.report import Report

COMPARISON = "Model Comparison"
"""Detail type of the events."""
_NAMED = 5
"""Columns that a reason names."""


def comparison_event(report: Report, subject: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the event of a comparison as PutEvents takes it.

    ``reason`` has only letters, digits, spaces and ``_ . : / = + - @``, because it becomes metadata of a version, and a
    target puts it into JSON as it is. Names of columns may have any characters.
    """
    detail = {
        "environment": subject["environment"],
        "version": subject["version"],
        "window": report.window,
        "verdict": report.verdict,
        "rows": report.rows,
        "reason": _reason(report, subject),
        "report": f"s3://{subject['bucket']}/{subject['results']}{report.window}/report.html",
    }
    return {
        "EventBusName": subject["bus"],
        "Source": str(subject["use_case"]).replace("/", "."),
        "DetailType": COMPARISON,
        "Detail": json.dumps(detail),
    }


def _reason(report: Report, subject: Mapping[str, Any]) -> str:
    drifted = [column.name for column in report.columns if column.drifted]
    if not drifted:
        return f"{report.verdict} in {subject['environment']}"
    others = len(drifted) - _NAMED
    names = " ".join([*drifted[:_NAMED], *([f"and {others} more"] if others > 0 else [])])
    return metadata_value(f"drift in {subject['environment']}: {names}")
