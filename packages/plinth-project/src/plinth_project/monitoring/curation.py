"""The job that writes captured requests into a dataset of the lake, so that the next training can read them.

A person selects days and predictions; only rows whose truth is known are taken, unless the person wants others. The
owner of the dataset has agreed: otherwise its access point refuses the object.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.ground_truth.labels import Labels, read_labels
from plinth_project.monitoring.job import SUBJECT
from plinth_project.monitoring.reading import objects
from plinth_project.monitoring.sampling import Reservoir, Row
from plinth_project.monitoring.start import RECEIPT
from plinth_project.monitoring.windows import Window

ADDED = ("request", "row", "day", "version", "prediction", "label")
"""Columns of a file beside those of the model: id of the request, number of the row in it, its day, the number of the
version, what it predicted, and what really happened."""
_MOST = 100_000
"""Rows of a file. Of more rows, a random part is taken, each with the same chance."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Criteria by which a person selects captured requests."""

    first: Window
    last: Window
    """First and last day, both included."""
    least: float | None = None
    most: float | None = None
    """Bounds of the predictions, both included; None for all."""
    unlabelled: bool = False
    """Whether rows whose truth is not known are taken too."""

    @property
    def days(self) -> Iterator[Window]:
        day = self.first
        while day <= self.last:
            yield day
            day = Window(day.end, day.kind)

    def takes(self, prediction: float, label: str) -> bool:
        if (self.least is not None and prediction < self.least) or (self.most is not None and prediction > self.most):
            return False
        return bool(label) or self.unlabelled


@dataclass
class Curator:
    """Selects captured requests of one version."""

    s3: Any
    subject: Mapping[str, Any]
    seen: int = 0
    """Rows that were looked at."""
    unreadable: int = 0
    """Captures that cannot be read."""

    def selected(self, selection: Selection) -> list[Row]:
        """Returns the rows that a selection takes, at most 100,000.

        Raises: ValueError if a column of the model has the name of one that is added.
        """
        if taken := sorted(set(ADDED) & set(self.subject["features"])):
            raise ValueError(f"the model has a column {taken[0]}, which files of curation add; rename it")
        labels = self._labels(selection)
        kept = Reservoir(_MOST)
        for rows in self._rows(selection, labels):
            kept.add(len(rows), rows.__getitem__)
        return kept.rows

    def _labels(self, selection: Selection) -> Labels:
        arrived = objects(self.s3, self.subject["bucket"], self.subject["ground_truth"])
        since = selection.first.start
        later = [object_ for object_ in arrived if object_["LastModified"] >= since]
        return read_labels(self.s3, self.subject["bucket"], later, since)

    def _rows(self, selection: Selection, labels: Labels) -> Iterator[list[Row]]:
        """Yields the wanted rows of each request."""
        version = str(self.subject["version"]).rpartition("/")[2]
        for day in selection.days:
            for capture in self._captures(day):
                known = labels.by_id.get(capture.inference, ())
                # Labels of another number of rows belong to no row.
                truth = known if len(known) == len(capture.rows) else [""] * len(capture.rows)
                self.seen += len(capture.rows)
                wanted = list[Row]()
                for number, (row, prediction, label) in enumerate(
                    zip(capture.rows, capture.predictions, truth, strict=True)
                ):
                    if selection.takes(prediction, label):
                        about = (capture.inference, number, day.name, version, prediction, label)
                        values = {name: row.get(name) for name in self.subject["features"]}
                        wanted.append({**values, **dict(zip(ADDED, about, strict=True))})
                yield wanted

    def _captures(self, day: Window) -> Iterator[Any]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "captures.jsonl"
            for found in objects(self.s3, self.subject["bucket"], self.subject["captures"] + day.folder):
                self.s3.download_file(self.subject["bucket"], str(found["Key"]), str(file))
                captures = Captures([file], self.subject["features"])
                yield from captures.exchanges()
                self.unreadable += captures.unreadable


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="curation", description=__doc__)
    parser.add_argument("--report", type=Path, required=True, help="folder: receipt")
    for name in ("first", "last"):
        parser.add_argument(f"--{name}", type=Window.named, required=True, help=f"{name} day")
    for name in ("least", "most"):
        parser.add_argument(f"--{name}", type=float, help=f"{name} prediction")
    parser.add_argument("--unlabelled", action="store_true", help="take rows without a label, too")
    parser.add_argument("--access-point", required=True, help="alias of the access point of the dataset")
    parser.add_argument("--key", required=True, help="key of the object behind it")
    given = parser.parse_args(words)
    curator = Curator(
        s3=boto3.client("s3", os.environ["AWS_DEFAULT_REGION"]),
        subject=json.loads(SUBJECT.read_text(encoding="utf-8")),
    )
    selection = Selection(
        first=given.first, last=given.last, least=given.least, most=given.most, unlabelled=given.unlabelled
    )
    rows = curator.selected(selection)
    if rows:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.csv"
            with file.open("w", encoding="utf-8", newline="") as content:
                writer = csv.DictWriter(content, [*curator.subject["features"], *ADDED])
                writer.writeheader()
                writer.writerows(rows)
            curator.s3.upload_file(str(file), given.access_point, given.key)
    receipt = {"rows": len(rows), "seen": curator.seen, "unreadable": curator.unreadable, "key": given.key}
    report: Path = given.report
    report.mkdir(parents=True, exist_ok=True)
    (report / RECEIPT).write_text(json.dumps(receipt, indent=2), encoding="utf-8")
    sys.stdout.write(f"{len(rows)} of {curator.seen} rows: {given.key}\n")


if __name__ == "__main__":
    main()
