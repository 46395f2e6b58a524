"""Captured predictions by inference id, in a small object for each window: they wait for their truth.

Beside the predictions of a request are the values of the columns that divide its rows into groups.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Self

SUFFIX = ".jsonl.gz"
_FAST = 1
"""Compression level. Ids are random, and slower levels hardly make the object smaller."""
Row = Mapping[str, Any]
_NOTHING: Row = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The predictions of a request."""

    inference: str
    predictions: Sequence[float]
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Values of the columns of facets, one for each row. Earlier releases kept none."""

    def row(self, number: int) -> Row:
        """Returns the values of a row."""
        if not self.columns:
            return _NOTHING  # most versions have no groups, and a window may have a million rows
        return {column: values[number] for column, values in self.columns.items()}


@dataclass
class PredictionFile:
    """A file with the id and the predictions of each request. It is written while captures are read."""

    path: Path
    columns: Sequence[str] = ()
    """Columns of facets, whose values are kept beside the predictions."""
    requests: int = 0
    _open: IO[str] = field(init=False, repr=False)

    def __enter__(self) -> Self:
        self._open = gzip.open(self.path, "wt", _FAST, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, inference: str, predictions: Sequence[float], rows: Sequence[Row] = ()) -> None:
        """Adds a request with its rows."""
        self.requests += 1
        line: list[Any] = [inference, list(predictions)]
        if self.columns and rows:
            line.append({column: [_scalar(row.get(column)) for row in rows] for column in self.columns})
        self._open.write(json.dumps(line, separators=(",", ":")) + "\n")


def read_predictions(path: Path) -> Iterator[Kept]:
    """Yields the predictions of each request."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            inference, predictions, *more = json.loads(line)
            yield Kept(inference=inference, predictions=predictions, columns=more[0] if more else {})


def _scalar(value: Any) -> Any:
    """Returns a value that a group may have; None for anything else that a caller sent."""
    return value if isinstance(value, str | int | float) else None
