"""The job: compares the captures of a window with the baseline, and publishes the report and its metrics."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from plinth_project.monitoring.baseline import Baseline, read_baseline
from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.comparison.attributions import ARCHIVE, Model
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.effects.events import comparison_event, quality_events
from plinth_project.monitoring.effects.metrics import metric_data, namespace_of
from plinth_project.monitoring.effects.switch import Switch
from plinth_project.monitoring.ground_truth.judge import Judge
from plinth_project.monitoring.ground_truth.predictions import PredictionFile
from plinth_project.monitoring.reading import objects
from plinth_project.monitoring.report import Limits, Report
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.windows import Window

SUBJECT = Path(__file__).parents[2] / "subject.json"
_DOWNLOADS = 8
_MOST_METRICS = 1000
"""Metrics in a request (CloudWatch API, PutMetricData)."""


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """Compares one version in one environment."""

    s3: Any
    cloudwatch: Any
    events: Any
    subject: Mapping[str, Any]
    archive: Path | None = None
    """The model, if the comparison explains predictions."""

    def compared(self, window: Window, baseline: Baseline) -> Report:
        """Returns what differs in the captures of a window, and what ground truth says that has arrived. There may be
        none of either."""
        limits = Limits.of(baseline)
        judge = Judge(s3=self.s3, subject=self.subject)
        with TemporaryDirectory() as name:
            keys = list(self._keys(window))
            files = [Path(name) / f"{number:08}.jsonl" for number in range(len(keys))]
            with ThreadPoolExecutor(_DOWNLOADS) as threads:
                list(threads.map(self._download, keys, files))
            columns = sorted({facet.column for facet in baseline.facets})
            with PredictionFile(Path(name) / "predictions", columns) as predictions:
                captures = Captures(files, self.subject["features"], keep=predictions.add)
                model = Model(self.archive, Path(name) / "model") if self.archive else None
                explain = model.attributions if model else None
                report = compare(captures, baseline, limits, window=window.name, explain=explain)
            if predictions.requests:
                judge.keep(window, predictions.path, baseline, limits)
        return judge.judged(window).added_to(report)

    def _keys(self, window: Window) -> Iterator[str]:
        captured = objects(self.s3, self.subject["bucket"], self.subject["captures"] + window.folder)
        yield from (str(found["Key"]) for found in captured)

    def _download(self, key: str, file: Path) -> None:
        self.s3.download_file(self.subject["bucket"], key, str(file))

    def publish(self, report: Report, *, stopped: bool) -> None:
        """Publishes the metrics of a report and, if the subject names a bus, its events. ``stopped`` tells whether
        predictions are off.

        Raises: OSError if EventBridge does not accept the event.
        """
        data = metric_data(report, self.subject, stopped=stopped)
        for start in range(0, len(data), _MOST_METRICS):
            self.cloudwatch.put_metric_data(
                Namespace=namespace_of(self.subject), MetricData=data[start : start + _MOST_METRICS]
            )
        if self.subject["bus"]:
            events = [comparison_event(report, self.subject), *quality_events(report, self.subject)]
            answer = self.events.put_events(Entries=events)
            if answer["FailedEntryCount"]:
                refused = next(entry for entry in answer["Entries"] if "ErrorCode" in entry)
                raise OSError(f"{self.subject['bus']} does not accept the event: {refused}")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="monitoring", description=__doc__)
    for name in ("statistics", "constraints", "report"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"folder: {name}")
    parser.add_argument("--model", type=Path, help="folder: model; with it, predictions are explained")
    parser.add_argument("--window", required=True, help="hour or day, such as 2026-11-27T13")
    given = parser.parse_args(words)
    region = os.environ["AWS_DEFAULT_REGION"]
    monitor = Monitor(
        s3=boto3.client("s3", region),
        cloudwatch=boto3.client("cloudwatch", region),
        events=boto3.client("events", region),
        subject=json.loads(SUBJECT.read_text(encoding="utf-8")),
        archive=given.model / ARCHIVE if given.model else None,
    )
    window = Window.named(given.window)
    baseline = read_baseline(given.statistics / "statistics.json", given.constraints / "constraints.json")
    found = monitor.compared(window, baseline)
    folder: Path = given.report
    folder.mkdir(parents=True, exist_ok=True)
    about = {name: monitor.subject[name] for name in ("use_case", "environment", "version")}
    (folder / "report.json").write_text(json.dumps({**about, **found.as_dict()}, indent=2), encoding="utf-8")
    title = f"{about['use_case']} in {about['environment']}, version {about['version'].rpartition('/')[2]}"
    (folder / "report.html").write_text(html(found, title), encoding="utf-8")
    switch = Switch(s3=monitor.s3, subject=monitor.subject)
    reason = switch.stop(found, window, datetime.now(UTC))
    monitor.publish(found, stopped=bool(reason) or switch.stopped())
    sentences = [*(finding.sentence for finding in found.findings), *(day.sentence for day in found.days)]
    stop = [f"predictions are stopped: {reason}"] if reason else []
    lines = [*sentences, *stop, f"{found.verdict}: {found.rows} rows in {window.name}"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
