"""The switch of predictions: when a comparison stops them, and what the function makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clients import Store
from plinth_project.modules import load
from plinth_project.monitoring.effects.metrics import metric_data
from plinth_project.monitoring.effects.switch import Switch, reason_to_stop
from plinth_project.monitoring.report import ColumnComparison, DayQuality, Finding, Limits, Report
from plinth_project.monitoring.windows import Window

FUNCTIONS = Path(__file__).parents[3] / "templates" / "deployment" / "app_infra" / "lambda"
KEY = "scoring/monitoring/switch/predictions.json"
SUBJECT = {
    "use_case": "fraud/scoring",
    "environment": "production",
    "version": "arn:…:model-package/group/3",
    "bucket": "ml",
    "switch": KEY,
}
WINDOW, NOW = Window.named("2026-11-27T13"), datetime(2026, 11, 27, 14, 20, tzinfo=UTC)
RANGE = Finding(kind="out of range", column="amount", sentence="amount is out of range")
DRIFTED = ColumnComparison(name="age", group="number", rows=1000, missing_share=0, outside_share=0, drifted=True)
WORSE = DayQuality(version="00003", day="2026-11-24", rows=9, labelled=9, unknown_labels=0, verdict="worse")
QUIET = Report(
    window=WINDOW.name,
    requests=10,
    rows=1000,
    unreadable=0,
    findings=[],
    columns=[replace(DRIFTED, drifted=False)],
    verdict="quiet",
    limits=Limits(),
)
OUT_OF_RANGE = replace(QUIET, findings=[RANGE], verdict="data quality")
BOTH = replace(OUT_OF_RANGE, columns=[DRIFTED], verdict="drift", days=[WORSE])


class Bucket(Store):
    """Objects, as a bucket of S3 answers."""

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 (name of the API)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return super().get_object(Key=Key)


def switch(*causes: str, bucket: Bucket | None = None) -> Switch:
    return Switch(s3=bucket or Bucket(), subject={**SUBJECT, "stops_predictions_on": list(causes)})


@pytest.mark.parametrize(
    ("report", "causes", "reason"),
    [
        (OUT_OF_RANGE, ["data quality"], "out of range amount"),
        (OUT_OF_RANGE, ["drift", "worse"], ""),
        (OUT_OF_RANGE, [], ""),
        (BOTH, ["drift"], "drift of age"),
        (BOTH, ["worse"], "worse predictions on 2026-11-24"),
        (
            BOTH,
            ["worse", "drift", "data quality"],
            "out of range amount and drift of age and worse predictions on 2026-11-24",
        ),
        (QUIET, ["drift", "worse", "data quality"], ""),
        (replace(OUT_OF_RANGE, verdict="too few rows"), ["data quality"], ""),
        (replace(OUT_OF_RANGE, findings=[replace(RANGE, column="")]), ["data quality"], ""),
        (replace(QUIET, days=[replace(WORSE, version="00002")]), ["worse"], ""),
    ],
)
def test_only_the_findings_of_the_configuration_stop_predictions(
    report: Report, causes: Sequence[str], reason: str
) -> None:
    assert reason_to_stop(report, {**SUBJECT, "stops_predictions_on": causes}) == reason


def function_switch(bucket: Bucket) -> Any:
    """Returns the switch as the function of the template reads it."""
    return load(FUNCTIONS, "predict/switch.py").Switch(store=bucket, bucket="ml", key=KEY)


@pytest.mark.requirement("MON-10.b")
def test_values_out_of_range_stop_the_function_until_a_person_decides() -> None:
    bucket = Bucket()
    found = switch("data quality", bucket=bucket)
    assert (found.stopped(), function_switch(bucket).reason()) == (False, "")
    assert found.stop(OUT_OF_RANGE, WINDOW, NOW) == "out of range amount"
    assert json.loads(bucket.objects[KEY]) == {
        "state": "off",
        "reason": "out of range amount",
        "by": "monitoring",
        "at": "2026-11-27T14:20:00+00:00",
    }
    assert (found.stopped(), function_switch(bucket).reason()) == (True, "out of range amount")
    before = bucket.objects[KEY]
    assert found.stop(OUT_OF_RANGE, WINDOW, NOW.replace(hour=15)) == "", "it is stopped already"
    assert bucket.objects[KEY] == before


@pytest.mark.parametrize(
    ("content", "stopped", "stops"),
    [
        ({"state": "on", "at": "2026-11-27T12:59:59+00:00"}, False, True),
        ({"state": "on", "at": "2026-11-27T13:10:00+00:00"}, False, False),
        ({"state": "on"}, False, True),
        ({"state": "off"}, True, False),
        ([], True, False),
    ],
)
def test_what_a_person_has_turned_on_since_the_window_began_stays_on(content: Any, stopped: bool, stops: bool) -> None:
    bucket = Bucket()
    bucket.objects[KEY] = json.dumps(content).encode()
    found = switch("data quality", bucket=bucket)
    assert found.stopped() == stopped
    assert bool(found.stop(OUT_OF_RANGE, WINDOW, NOW)) == stops


@pytest.mark.parametrize("stopped", [False, True])
def test_a_metric_tells_whether_predictions_are_stopped(stopped: bool) -> None:
    (found,) = [
        metric
        for metric in metric_data(QUIET, SUBJECT, stopped=stopped)
        if metric["MetricName"] == "PredictionsStopped"
    ]
    assert found["Value"] == float(stopped)
    assert found["Dimensions"] == [{"Name": "Environment", "Value": "production"}]
