"""Distances between the values of a window and those of training, and how likely chance explains them.

Both are counts in the same buckets. A test asks whether two samples can have one distribution; its p value gets small
in a large sample, however little they differ. A distance says how much they differ, and is noisy in a small sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from plinth_project.monitoring.comparison.tallies import NumberTally, TextTally

_PSI_BUCKETS = 10
_LEAST_EXPECTED = 5
"""Expected rows of a category in a chi-square test; rarer ones are put together in groups (Cochran, "Some Methods for
Strengthening the Common Chi-Square Tests", 1954)."""


@dataclass(frozen=True)
class Difference:
    """How much a column differs."""

    measure: str
    """Name of the distance that decides."""
    distance: float
    """0 for equal distributions, up to 1."""
    p_value: float
    psi: float
    """Population stability index; above 0.25 is usually called a major shift (Siddiqi, "Credit Risk Scorecards",
    2006)."""


def of_numbers(tally: NumberTally) -> Difference:
    """Returns the largest difference of accumulated shares (Kolmogorov-Smirnov). In buckets it is at most that of the
    values, so that its p value is rather too large."""
    trained = np.concatenate([[0.0], tally.trained.counts, [0.0]])
    before, now = trained.sum(), tally.counts.sum()
    distance = float(np.abs(np.cumsum(trained) / before - np.cumsum(tally.counts) / now).max())
    p_value = float(stats.kstwobign.sf(distance * np.sqrt(before * now / (before + now))))
    return Difference("Kolmogorov-Smirnov", distance, p_value, _psi(*_merged(trained, tally.counts)))


def of_texts(tally: TextTally) -> Difference:
    """Returns the Jensen-Shannon distance (base 2), and the p value of a chi-square test. Values that the baseline does
    not list are one category."""
    values = [*tally.trained.counts]
    trained = np.array([*(float(tally.trained.counts[value]) for value in values), float(tally.trained.unlisted)])
    now = np.array([*(float(tally.known[value]) for value in values), float(tally.outside)])
    distance = float(np.nan_to_num(jensenshannon(trained, now, base=2)))
    return Difference("Jensen-Shannon", distance, _chi_square(trained, now), _psi(trained, now))


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns p values that are corrected for the number of tests, so that the chance of any false alarm in a window is
    at most the significance, whatever the columns have in common (Holm, "A Simple Sequentially Rejective Multiple Test
    Procedure", 1979)."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[place] * (len(p_values) - rank)))
        corrected[place] = largest
    return corrected


def _chi_square(trained: Any, now: Any) -> float:
    table = np.array([trained, now])
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    least = expected.min(axis=0)
    rare = least < _LEAST_EXPECTED
    kept = np.column_stack([table[:, ~rare], _together(table[:, rare], least[rare])])
    return float(stats.chi2_contingency(kept, correction=False).pvalue) if kept.shape[1] > 1 else 1.0


def _together(table: Any, expected: Any) -> Any:
    """Returns a table with as many columns as have enough expected rows, or one. One for all would hide what changes
    among many rare categories."""
    if not len(expected):
        return table
    number = max(int(expected.sum() // (2 * _LEAST_EXPECTED)), 1)
    groups = np.minimum((np.cumsum(expected) / expected.sum() * number - 1e-9).astype(int), number - 1)
    return np.array([np.bincount(groups, weights=row, minlength=number) for row in table])


def _merged(trained: Any, now: Any) -> tuple[Any, Any]:
    """Returns both counts in about ten buckets with the same number of rows of training."""
    shares = np.cumsum(trained) / trained.sum()
    groups = np.minimum((shares * _PSI_BUCKETS - 1e-9).astype(int), _PSI_BUCKETS - 1)
    return (np.bincount(groups, weights=counts, minlength=_PSI_BUCKETS) for counts in (trained, now))  # type: ignore[return-value]


def _psi(trained: Any, now: Any) -> float:
    """Half a row is added to each bucket, so that an empty one has a finite index."""
    before, after = ((counts + 0.5) / (counts + 0.5).sum() for counts in (trained, now))
    return float(((after - before) * np.log(after / before)).sum())
