"""Counts of the values of a window, in the buckets of the baseline. They take little memory, however many rows there
are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.monitoring.baseline import Column, Numbers, Texts
from plinth_project.monitoring.values import numbers_of

_TOLERANCE, _PART_OF_BUCKET = 1e-7, 1e-3
"""A value that is smaller than a bound by this part of the bound belongs to it, if that is also a small part of the
buckets beside it. Training data may be float32, which requests repeat in decimal digits; a common value that is its
bucket's bound would move to the next bucket."""
_NEW_VALUES = 20
"""New texts of a column that are counted apart."""


@dataclass
class NumberTally:
    """Counts of a column of numbers."""

    trained: Numbers
    rows: int = 0
    missing: int = 0
    wrong: int = 0
    """Values that are no numbers."""
    counts: Any = None
    """Values below the first bucket, in each bucket, and above the last one; array of n + 2 numbers."""
    absent: int = 0
    """Rows of batches without the column. They are missing too."""

    def __post_init__(self) -> None:
        self.counts = np.zeros(len(self.trained.counts) + 2)

    def add(self, column: pd.Series) -> None:
        numbers = numbers_of(column)
        present = numbers[np.isfinite(numbers)]
        missing = int(column.isna().sum())
        self.rows += len(column)
        self.missing += missing
        self.wrong += len(column) - missing - len(present)
        if not len(self.trained.edges):
            return
        edges = _tolerant(self.trained.edges)
        inner = np.searchsorted(edges[1:-1], present, side="right")
        places = np.where(present < edges[0], 0, np.where(present > edges[-1], len(self.counts) - 1, inner + 1))
        self.counts += np.bincount(places, minlength=len(self.counts))

    def add_absent(self, rows: int) -> None:
        """Counts rows of a batch without the column."""
        self.absent += rows
        self.rows += rows
        self.missing += rows

    @property
    def present(self) -> int:
        return int(self.counts.sum())

    @property
    def outside(self) -> int:
        """Values outside of the range of the training data."""
        return int(self.counts[0] + self.counts[-1])


@dataclass
class TextTally:
    """Counts of a column of texts."""

    trained: Texts
    rows: int = 0
    missing: int = 0
    known: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    """Some of the values that the baseline does not list."""
    outside: int = 0
    """Number of values that the baseline does not list."""
    wrong: int = 0
    absent: int = 0

    def add(self, column: pd.Series) -> None:
        self.rows += len(column)
        present = column.dropna()
        self.missing += len(column) - len(present)
        for value, count in present.astype(str).value_counts().items():
            text, number = str(value), int(count)
            if text in self.trained.counts:
                self.known[text] += number
                continue
            self.outside += number
            if text in self.new or len(self.new) < _NEW_VALUES:
                self.new[text] += number

    def add_absent(self, rows: int) -> None:
        self.absent += rows
        self.rows += rows
        self.missing += rows

    @property
    def present(self) -> int:
        return self.known.total() + self.outside


Tally = NumberTally | TextTally


def tally_of(column: Column) -> Tally:
    return NumberTally(column) if isinstance(column, Numbers) else TextTally(column)


def _tolerant(edges: Any) -> Any:
    """Returns bounds that are a little lower, and the last one a little higher."""
    widths = np.diff(edges)
    narrower = np.minimum(np.append(widths, np.inf), np.insert(widths, 0, np.inf))
    part = np.where(narrower > 0, narrower * _PART_OF_BUCKET, np.inf)
    slack = np.minimum(np.abs(edges) * _TOLERANCE, part)
    return np.append(edges[:-1] - slack[:-1], edges[-1] + slack[-1])
