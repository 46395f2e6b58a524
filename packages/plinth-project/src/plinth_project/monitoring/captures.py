"""Requests and predictions that an endpoint captured, in batches of rows.

SageMaker writes a JSON document per line (SageMaker Developer Guide, "View captured data"). A body is
``{"instances": [{column: value}]}`` and ``{"predictions": [number]}`` in JSON, or rows in CSV without a header, whose
columns are in the order of the model.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from plinth_project.monitoring.reading import Unreadable
from plinth_project.monitoring.rows import Batch

BATCH_ROWS = 20_000
"""Rows that are in memory at once."""
_UNKNOWN = 20
"""Columns without a feature that are kept. A client that makes up a name for each request would fill the memory."""
_CSV, _JSON = "text/csv", "application/json"
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, csv.Error)
"""Errors of the parsers for what a client may have sent."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    inference: str
    """Id that the caller gave, or that of SageMaker; empty without both."""
    rows: Sequence[Mapping[str, Any]]
    predictions: Sequence[float]
    """The prediction of each row."""


@dataclass
class Captures:
    """Captures of files. While its batches are read, it counts what they contain."""

    files: Iterable[Path]
    features: Sequence[str]
    keep: Callable[[str, Sequence[float], Sequence[Mapping[str, Any]]], None] | None = None
    """Is called with the inference id, the predictions and the rows of each capture that can be read."""
    requests: int = 0
    left_out: Unreadable = field(default_factory=Unreadable)
    unknown: set[str] = field(default_factory=set)
    """The first columns that are no feature."""

    @property
    def unreadable(self) -> int:
        return self.left_out.count

    @property
    def examples(self) -> Sequence[str]:
        return self.left_out.examples

    def exchanges(self) -> Iterator[Exchange]:
        """Yields all requests. A capture that cannot be read is counted and left out."""
        for place, line in self._lines():
            try:
                capture = json.loads(line)
                asked, answered = _exchange(capture, self.features)
                inference = _inference_id(capture)
            except _UNREADABLE as error:
                self.left_out.add(place, error)
                continue
            self.requests += 1
            yield Exchange(inference=inference, rows=asked, predictions=answered)

    def batches(self) -> Iterator[Batch]:
        """Yields all rows."""
        rows: list[Mapping[str, Any]] = []
        predictions: list[float] = []
        for exchange in self.exchanges():
            if self.keep is not None and exchange.inference:
                self.keep(exchange.inference, exchange.predictions, exchange.rows)
            rows += exchange.rows
            predictions += exchange.predictions
            if len(rows) >= BATCH_ROWS:
                yield Batch(self._table(rows), predictions)
                rows, predictions = [], []
        if rows:
            yield Batch(self._table(rows), predictions)

    def _table(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Returns the values as they were sent: without the type, pandas makes 1.0 of 1 in a column with a gap."""
        present = set[str]().union(*rows)
        room = _UNKNOWN - len(self.unknown)
        self.unknown.update(sorted(present.difference(self.features, self.unknown))[:room])
        columns = [name for name in [*self.features, *sorted(self.unknown)] if name in present]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _lines(self) -> Iterator[tuple[str, str]]:
        for file in self.files:
            with file.open(encoding="utf-8", errors="replace") as content:
                yield from (
                    (f"{file.name}, line {number}", line) for number, line in enumerate(content, 1) if line.strip()
                )


def _inference_id(capture: Mapping[str, Any]) -> str:
    """Returns the id that the caller gave, or that of SageMaker; empty without both."""
    about = capture.get("eventMetadata", {})
    return str(about.get("inferenceId") or about.get("eventId", ""))


def _exchange(capture: Mapping[str, Any], features: Sequence[str]) -> tuple[list[Mapping[str, Any]], list[float]]:
    data = capture["captureData"]
    asked = _rows(data["endpointInput"], features)
    answered = _predictions(data["endpointOutput"])
    if len(asked) != len(answered):
        raise ValueError(f"{len(asked)} rows, but {len(answered)} predictions")
    return asked, answered


def _body(part: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the type and the text of a body."""
    text = str(part["data"])
    if part["encoding"] == "BASE64":
        text = base64.b64decode(text, validate=True).decode()
    _refuse_halves(text)
    return str(part.get("observedContentType", "")).partition(";")[0].strip().lower(), text


def _rows(part: Mapping[str, Any], features: Sequence[str]) -> list[Mapping[str, Any]]:
    kind, text = _body(part)
    if kind == _CSV:
        lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
        if wrong := next((len(line) for line in lines if len(line) != len(features)), None):
            raise ValueError(f"a row of {wrong} values, but the version has {len(features)} columns")
        return [dict(zip(features, (value or None for value in line), strict=True)) for line in lines]
    if kind != _JSON:
        raise ValueError(f"a request of type {kind or 'unknown'}; known are {_JSON} and {_CSV}")
    rows = json.loads(text)["instances"]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("instances are no objects")
    if "\\ud" in text.lower():
        _refuse_halves(json.dumps(rows, ensure_ascii=False))
    return list(rows)


def _refuse_halves(text: str) -> None:
    """Raises ValueError for half of a surrogate pair: JSON can escape one, no file can contain it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair, which no text contains") from None


def _predictions(part: Mapping[str, Any]) -> list[float]:
    kind, text = _body(part)
    values = json.loads(text)["predictions"] if kind == _JSON else text.replace(",", " ").split()
    return [float(value) for value in values]
