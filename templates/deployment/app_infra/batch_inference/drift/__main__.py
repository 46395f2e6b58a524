"""Compares the columns of an input, and the predictions, with the registered baseline of the version.

The comparison is that of captured requests: ``plinth_project.monitoring``, which the release ships. In production, an
event tells the account of the registry what it found, which may start a retraining.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plinth_project.monitoring.baseline import read_baseline
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.effects.bus import bus_arn
from plinth_project.monitoring.effects.events import comparison_event
from plinth_project.monitoring.report import Limits, Report
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table

from batch_inference.report.__main__ import read_predictions
from shared_libraries.archives import ARCHIVE, about_model
from shared_libraries.arguments import add_path
from shared_libraries.tables import read_table


def tell(report: Report, bus: str, subject: Mapping[str, Any]) -> None:
    """Sends the event of a comparison. Raises: OSError if EventBridge does not accept it."""
    import boto3

    answer = boto3.client("events").put_events(Entries=[comparison_event(report, {**subject, "bus": bus})])
    if answer["FailedEntryCount"]:
        raise OSError(f"{bus} does not accept the event: {answer['Entries'][0]}")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="drift", description=__doc__)
    for name in ("input", "version", "predictions", "output"):
        add_path(parser, name, f"folder: {name}")
    parser.add_argument("--run", required=True, help="build id of the run")
    parser.add_argument("--bus", help="name of the bus in the account of the registry; without it, nobody is told")
    parser.add_argument("--version-arn", help="ARN of the version that predicts")
    parser.add_argument("--use-case", help="team and use case")
    parser.add_argument("--report", help="URI of report.html once the job has ended")
    given = parser.parse_args(words)
    version: Path = given.version
    baseline = read_baseline(version / "statistics.json", version / "constraints.json")
    predictions = read_predictions(given.predictions).tolist()
    table, names = read_table(given.input), about_model(version / ARCHIVE)["features"]
    # Other columns of an input, such as ids, are not compared.
    rows = Table(table[[name for name in names if name in table]], predictions, names)
    report = compare(rows, baseline, Limits.of(baseline), window=given.run)
    differing = sorted({finding.column or finding.kind for finding in report.findings})
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    summary = {"verdict": report.verdict, "differing": len(differing), "columns": ", ".join(differing)}
    (output / "drift.json").write_text(json.dumps(summary, indent=2))
    (output / "report.json").write_text(json.dumps(report.as_dict(), indent=2))
    (output / "report.html").write_text(html(report, "Input of batch inference"))
    if given.bus:
        about = {"use_case": given.use_case, "version": given.version_arn, "report": given.report}
        tell(report, bus_arn(given.bus, given.version_arn), {**about, "environment": "production"})
    for finding in report.findings:
        print(finding.sentence)
    print(f"{report.verdict}: {len(differing)} columns differ in {report.rows} rows")


if __name__ == "__main__":
    main()
