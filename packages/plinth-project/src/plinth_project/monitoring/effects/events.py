"""The event of a comparison, which may start a retraining in the account of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plinth_project.metadata import metadata_value
from plinth_project.monitoring.report import WORSE, Report

COMPARISON = "Model Comparison"
"""Detail type of the events."""
_NAMED = 5
"""Columns that a reason names."""


def comparison_event(report: Report, subject: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the event of a comparison as PutEvents takes it.

    ``reason`` has only letters, digits, spaces and ``_ . : / = + - @``, because it becomes metadata of a version, and a
    target puts it into JSON as it is. Names of columns may have any characters.
    """
    return _event(report, subject, verdict=report.verdict, rows=report.rows, reason=_reason(report, subject))


def quality_events(report: Report, subject: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns an event if the served version is worse on one of the judged days; it names the last of them."""
    worse = report.worse_days(subject["version"])
    if not worse:
        return []
    day = worse[-1]
    reason = f"{day.measure} of {day.day} in {subject['environment']} is {day.now:.3f} instead of {day.trained:.3f}"
    return [_event(report, subject, verdict=WORSE, rows=day.labelled, reason=metadata_value(reason))]


def _event(report: Report, subject: Mapping[str, Any], *, verdict: str, rows: int, reason: str) -> dict[str, Any]:
    detail = {
        "environment": subject["environment"],
        "version": subject["version"],
        "window": report.window,
        "verdict": verdict,
        "rows": rows,
        "reason": reason,
        "report": subject.get("report") or f"s3://{subject['bucket']}/{subject['results']}{report.window}/report.html",
    }
    return {
        "EventBusName": subject["bus"],
        "Source": str(subject["use_case"]).replace("/", "."),
        "DetailType": COMPARISON,
        "Detail": json.dumps(detail),
    }


def _reason(report: Report, subject: Mapping[str, Any]) -> str:
    if not report.drifted:
        return f"{report.verdict} in {subject['environment']}"
    others = len(report.drifted) - _NAMED
    names = " ".join([*report.drifted[:_NAMED], *([f"and {others} more"] if others > 0 else [])])
    return metadata_value(f"drift in {subject['environment']}: {names}")
