"""Ground truth of predictions: read from a CSV file, and uploaded in the format of SageMaker Model Monitor."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from selfservice.errors import BadInputError
from selfservice.promotions.monitoring.places import WATCHES, MonitorPlace
from selfservice.promotions.place import explained
from settings.data.ml_layout import GroundTruth

_COLUMNS = ("id", "label")
_ID = re.compile(r"[\x21-\x7e]{1,64}")
"""Inference ids (SageMaker Runtime API, InvokeEndpoint) without spaces."""
Labels = Mapping[str, Sequence[str]]
"""A label for each row of a request, by the id of the request. Empty for a row without a label."""


def read_labels(file: Path) -> Labels:
    """Reads a CSV file with the columns ``id`` and ``label``.

    Raises: BadInputError with the file, the line and what is expected.
    """
    labels: dict[str, list[str]] = {}
    for line, row in _rows(file):
        inference, label = row["id"] or "", (row["label"] or "").strip()
        if not _ID.fullmatch(inference):
            raise BadInputError(
                f"{file}, line {line}: id {inference[:80]!r}: write 1 to 64 ASCII characters without spaces"
            )
        if len(label.splitlines()) > 1:
            raise BadInputError(f"{file}, line {line}: label: contains a line break; write one value")
        labels.setdefault(inference, []).append(label)
    if empty := next((name for name, several in labels.items() if not any(several)), None):
        raise BadInputError(f"{file}: {empty} has no label; remove its lines until its truth is known")
    if not labels:
        raise BadInputError(f"{file}: has no labels; write a line such as 0b9f…,1 for each row of a request")
    return labels


def _rows(file: Path) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            reader = csv.DictReader(content, strict=True)
            if sorted(reader.fieldnames or ()) != sorted(_COLUMNS):
                have = ", ".join(reader.fieldnames or ()) or "nothing"
                raise BadInputError(f"{file}, line 1: the columns are {have[:200]}; write id,label")
            for row in reader:
                if None in row:
                    raise BadInputError(f"{file}, line {reader.line_num}: has more values than columns; write id,label")
                yield reader.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInputError(f"{file}: is no CSV file in UTF-8: {error}") from error


def upload(place: MonitorPlace, labels: Labels) -> str:
    """Uploads labels as one object, and returns its URI. Raises: RefusedError without the permission."""
    now = datetime.now(UTC)
    key = GroundTruth(use_case=place.names.use_case).key(f"{now:%Y/%m/%d/%H}/{now:%M%S}-{uuid4()}.jsonl")
    body = "".join(f"{_record(inference, several)}\n" for inference, several in labels.items())
    with explained(WATCHES):
        place.account.client("s3").put_object(Bucket=place.bucket, Key=key, Body=body.encode())
    return f"s3://{place.bucket}/{key}"


def _record(inference: str, labels: Sequence[str]) -> str:
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator="").writerow(labels)
    data = {"data": row.getvalue(), "encoding": "CSV"}
    return json.dumps({"groundTruthData": data, "eventMetadata": {"eventId": inference}, "eventVersion": "0"})
