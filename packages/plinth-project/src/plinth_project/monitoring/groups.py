"""Bias of predictions: how the share of positive ones differs between two groups of the rows, in training and now.

The measure is the difference in positive proportions in predicted labels (DPPL) of SageMaker Clarify, which needs no
ground truth. A group is a value or a range of a feature; the build decides which groups are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from plinth_project.monitoring.values import canonical, numbers_of

_LEAST_ROWS = 30
"""Rows of a group without which its share is not compared."""


@dataclass(kw_only=True)
class Share:
    """Rows of a group, and how many predictions for them are positive."""

    rows: int = 0
    positive: int = 0

    def add(self, positive: Any) -> None:
        """Adds rows. ``positive`` is an array of booleans."""
        self.rows += len(positive)
        self.positive += int(positive.sum())

    @property
    def value(self) -> float:
        return self.positive / self.rows if self.rows else math.nan

    @property
    def variance(self) -> float:
        """Variance of the value. Two rows of each kind more keep that of a share of 0 or 1 above zero (Agresti and
        Coull, "Approximate Is Better than Exact for Interval Estimation of Binomial Proportions", 1998)."""
        rows = self.rows + 4
        share = (self.positive + 2) / rows
        return share * (1 - share) / rows


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Rows of a group whose truth is known, and how many of them were predicted right."""

    rows: int
    right: int
    actual: int
    """Rows whose truth is positive."""
    found: int
    """Number of these rows whose prediction is positive."""

    @property
    def accuracy(self) -> Share:
        return Share(rows=self.rows, positive=self.right)

    @property
    def recall(self) -> Share:
        return Share(rows=self.actual, positive=self.found)

    @classmethod
    def of(cls, truth: Any, predicted: Any) -> Truth:
        """Counts rows; both arrays say which of them are positive."""
        return cls(
            rows=len(truth),
            right=int((truth == predicted).sum()),
            actual=int(truth.sum()),
            found=int((truth & predicted).sum()),
        )


@dataclass(frozen=True, kw_only=True)
class Facet:
    """A column, its group that may be at a disadvantage, and the predictions for rows that training did not see."""

    name: str
    """``sex=f`` or ``age>=60``."""
    column: str
    values: Sequence[str]
    at_least: float | None
    at_most: float | None
    threshold: float
    """Prediction from which on a row is positive."""
    group: Share
    others: Share
    truth: tuple[Truth, Truth] | None = None
    """Counts of the same rows with their truth: those of the group, and the others. None if the build has none."""

    def members(self, column: pd.Series) -> Any:
        """Returns an array: 1 for rows of the group, 0 for others, and NaN for rows without a value, or with one that
        is no number where numbers are expected."""
        if not self.values:
            numbers = numbers_of(column)
            inside = numbers >= self.at_least if self.at_least is not None else numbers <= (self.at_most or 0.0)
            return np.where(np.isfinite(numbers), inside, np.nan)
        texts = column.map(_text, na_action="ignore")
        return np.where(column.notna(), texts.isin([_text(value) for value in self.values]), np.nan)

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Facet:
        """Returns a facet as the baseline describes it."""
        return cls(
            name=str(described["facet"]),
            column=str(described["column"]),
            values=[str(value) for value in described.get("values", [])],
            at_least=described.get("at_least"),
            at_most=described.get("at_most"),
            threshold=float(described["threshold"]),
            group=Share(**described["group"]),
            others=Share(**described["others"]),
            truth=_truth(described.get("truth")),
        )

    @property
    def described(self) -> dict[str, Any]:
        """The facet as the baseline describes it."""
        members = {name: value for name, value in asdict(self).items() if name not in ("name", "truth")}
        counts = None if self.truth is None else dict(zip(("group", "others"), map(asdict, self.truth), strict=True))
        return {"facet": self.name, **members, "truth": counts}


def are_enough(shares: Iterable[Share]) -> bool:
    """Returns whether shares have the rows without which they are not compared."""
    return min(share.rows for share in shares) >= _LEAST_ROWS


Shares = tuple[Share, Share]
"""That of the group, and that of the other rows."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A share of the other rows, less that of the group: now, and for rows that training did not see."""

    now: Shares
    trained: Shares

    @property
    def is_judged(self) -> bool:
        return are_enough((*self.now, *self.trained))

    @property
    def difference(self) -> float:
        return _difference(self.now)

    @property
    def before(self) -> float:
        return _difference(self.trained)

    @property
    def p_value(self) -> float:
        """Chance of such a change of the difference if nothing has changed."""
        error = math.sqrt(sum(share.variance for share in (*self.now, *self.trained)))
        return float(2 * stats.norm.sf(abs(self._size) / error))

    @property
    def _size(self) -> float:
        return self.difference - self.before

    def is_drift(self, p_value: float | None, significance: float, allowed: float) -> bool:
        """Returns whether the change matters. ``p_value`` is corrected; None if there are too few rows."""
        return p_value is not None and p_value < significance and abs(self._size) >= allowed


def _difference(shares: Shares) -> float:
    group, others = shares
    return others.value - group.value


@dataclass(frozen=True, kw_only=True)
class GroupComparison:
    """The bias of a window, compared with that for rows that training did not see."""

    facet: str
    rows: int
    """Rows of the group."""
    other_rows: int
    trained: float | None
    """Difference in positive proportions, -1 to 1: that of the other rows, less that of the group. None if the build
    saw rows of one of both only."""
    now: float | None = None
    p_value: float | None = None
    """Corrected for the number of tests. None, like the difference, if one of both has too few rows."""
    drifted: bool = False


class GroupTally:
    """Counts of the predictions for both groups of a facet."""

    def __init__(self, trained: Facet) -> None:
        self.trained, self.group, self.others = trained, Share(), Share()

    def add(self, rows: pd.DataFrame, predictions: Sequence[float]) -> None:
        """Adds rows. Without the column, or without predictions, nothing is counted."""
        if self.trained.column not in rows or len(predictions) != len(rows):
            return
        members = self.trained.members(rows[self.trained.column])
        positive = np.asarray(predictions, dtype=float) >= self.trained.threshold
        self.group.add(positive[members == 1])
        self.others.add(positive[members == 0])

    @property
    def change(self) -> Change:
        return Change(now=(self.group, self.others), trained=(self.trained.group, self.trained.others))

    def compared(self, p_value: float | None, significance: float, allowed: float) -> GroupComparison:
        """Returns the comparison. ``p_value`` is corrected; None if the window has too few rows."""
        change = self.change
        return GroupComparison(
            facet=self.trained.name,
            rows=self.group.rows,
            other_rows=self.others.rows,
            trained=None if math.isnan(change.before) else change.before,
            now=None if p_value is None else change.difference,
            p_value=p_value,
            drifted=change.is_drift(p_value, significance, allowed),
        )


def _text(value: Any) -> str:
    """Returns a value as facets name it, whatever a caller sent: 1, 1.0, "1" and true are the same."""
    return canonical(str(int(value) if isinstance(value, bool) else value))


def _truth(described: Mapping[str, Any] | None) -> tuple[Truth, Truth] | None:
    return None if described is None else (Truth(**described["group"]), Truth(**described["others"]))
