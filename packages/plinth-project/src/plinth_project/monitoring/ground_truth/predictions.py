"""Captured predictions by inference id, in a small object for each window: they wait for their truth."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

SUFFIX = ".jsonl.gz"
_FAST = 1
"""Compression level. Ids are random, and slower levels hardly make the object smaller."""


@dataclass
class PredictionFile:
    """A file with the id and the predictions of each request. It is written while captures are read."""

    path: Path
    requests: int = 0
    _open: IO[str] = field(init=False, repr=False)

    def __enter__(self) -> Self:
        self._open = gzip.open(self.path, "wt", _FAST, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, inference: str, predictions: Sequence[float]) -> None:
        self.requests += 1
        self._open.write(json.dumps([inference, list(predictions)], separators=(",", ":")) + "\n")


def read_predictions(path: Path) -> Iterator[tuple[str, Sequence[float]]]:
    """Yields id and predictions of each request."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            inference, predictions = json.loads(line)
            yield inference, predictions
