"""Rows that are compared with a baseline: those of captured requests, or of the input of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd


@dataclass(frozen=True)
class Batch:
    """Rows of requests, and the prediction of each."""

    rows: pd.DataFrame
    predictions: Sequence[float]


class Rows(Protocol):
    """Rows in batches. While they are read, their source counts what they come from."""

    @property
    def features(self) -> Sequence[str]:
        """Names of the columns of the version."""

    @property
    def requests(self) -> int:
        """Requests that were read."""

    @property
    def unreadable(self) -> int:
        """Requests that could not be read."""

    @property
    def examples(self) -> Sequence[str]:
        """Place and reason of the first of them."""

    def batches(self) -> Iterator[Batch]:
        """Yields all rows."""


@dataclass(frozen=True)
class Table:
    """Rows that are a table already, with their predictions, which may be none."""

    rows: pd.DataFrame
    predictions: Sequence[float]
    features: Sequence[str]
    unreadable: int = 0
    examples: Sequence[str] = ()

    @property
    def requests(self) -> int:
        return len(self.rows)

    def batches(self) -> Iterator[Batch]:
        if len(self.rows):
            yield Batch(self.rows, self.predictions)
