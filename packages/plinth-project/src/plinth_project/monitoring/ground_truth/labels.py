"""Ground truth as people and systems upload it: a JSON document per line, in the format of SageMaker Model Monitor.

``{"groundTruthData": {"data": "1,0", "encoding": "CSV"}, "eventMetadata": {"eventId": "…"}, "eventVersion": "0"}`` has
a label for each row of the request with this inference id (SageMaker Developer Guide, "Ingest ground truth labels and
merge them with predictions").
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plinth_project.monitoring.reading import Unreadable
from plinth_project.monitoring.values import canonical

_DAMAGES = (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error)


@dataclass
class Labels:
    """Labels by inference id. An id that is labelled again has its last labels."""

    by_id: dict[str, Sequence[str]] = field(default_factory=dict)
    """A label for each row of a request; empty for a row without one."""
    new: set[str] = field(default_factory=set)
    """Ids of objects that arrived since the last comparison."""
    left_out: Unreadable = field(default_factory=Unreadable)
    """Lines of such objects that cannot be read."""

    def add(self, name: str, lines: Iterable[str], *, new: bool) -> None:
        """Reads an object. ``new`` says whether it arrived since the last comparison."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                inference, labels = _labels(json.loads(line))
            except _DAMAGES as error:
                if new:
                    self.left_out.add(f"{name}, line {number}", error)
                continue
            self.by_id[inference] = labels
            if new:
                self.new.add(inference)


def read_labels(s3: Any, bucket: str, arrived: Iterable[Mapping[str, Any]], since: datetime) -> Labels:
    """Returns the labels of objects as S3 lists them. Those of objects that were uploaded since a time are new."""
    labels = Labels()
    for object_ in arrived:
        body = s3.get_object(Bucket=bucket, Key=object_["Key"])["Body"]
        lines = (line.decode(errors="replace") for line in body.iter_lines())
        labels.add(str(object_["Key"]).rpartition("/")[2], lines, new=object_["LastModified"] >= since)
    return labels


def _labels(record: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    data, inference = record["groundTruthData"], record["eventMetadata"]["eventId"]
    if not isinstance(inference, str) or not inference:
        raise ValueError("eventId is no text")
    encoding, values = data["encoding"], data["data"]
    if encoding == "CSV":
        rows = csv.reader(str(values).splitlines())
        return inference, tuple(canonical(label) for row in rows for label in row)
    if encoding == "JSON":
        return inference, tuple("" if label is None else canonical(str(label)) for label in json.loads(str(values)))
    raise ValueError(f"encoding {encoding!r}; known are 'CSV' and 'JSON'")
