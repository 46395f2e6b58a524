"""Accuracy and recall of groups, once their truth is known, compared with those for data that training did not see.

The measures are the differences AD and RD of SageMaker Clarify (Amazon SageMaker Developer Guide, "Accuracy Difference"
and "Recall Difference"): that of the other rows, less that of the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.monitoring.baseline import Quality
from plinth_project.monitoring.comparison.distances import holm
from plinth_project.monitoring.groups import Facet, Share, Truth, are_enough, chance
from plinth_project.monitoring.report import GroupQuality, Limits

MEASURES = ("accuracy", "recall")


@dataclass(frozen=True, kw_only=True)
class _Difference:
    """A measure of both groups of a facet, now and in training."""

    facet: str
    measure: str
    now: tuple[Share, Share]
    """That of the group, and that of the other rows."""
    trained: tuple[Share, Share]

    @property
    def is_judged(self) -> bool:
        return are_enough((*self.now, *self.trained))

    @property
    def change(self) -> float:
        return _difference(self.now) - _difference(self.trained)

    @property
    def p_value(self) -> float:
        return chance(self.change, (*self.now, *self.trained))

    def quality(self, p_value: float | None, limits: Limits) -> GroupQuality:
        """Returns the comparison. ``p_value`` is corrected; None if there are too few rows."""
        group, others = self.now
        judged = p_value is not None
        return GroupQuality(
            facet=self.facet,
            measure=self.measure,
            rows=group.rows,
            other_rows=others.rows,
            trained=_difference(self.trained) if are_enough(self.trained) else None,
            now=_difference(self.now) if judged else None,
            p_value=p_value,
            drifted=p_value is not None and p_value < limits.significance and abs(self.change) >= limits.bias,
        )


def group_qualities(
    facets: Sequence[Facet],
    pairs: Sequence[tuple[float, str]],
    values: Sequence[Mapping[str, Any]],
    trained: Quality | None,
    limits: Limits,
) -> list[GroupQuality]:
    """Returns accuracy and recall of each facet. ``pairs`` are predictions with their labels, and ``values`` those of
    the columns of facets in the same rows."""
    counted = [facet for facet in facets if facet.truth is not None]
    if trained is None or not trained.classes or not counted:
        return []
    known = np.array([label in trained.classes for _, label in pairs], dtype=bool)
    truth = np.array([label == trained.classes[1] for _, label in pairs], dtype=bool)[known]
    scores = np.array([prediction for prediction, _ in pairs], dtype=float)[known]
    table = pd.DataFrame(list(values), dtype=object)[known]
    found = [one for facet in counted for one in _differences(facet, table, truth, scores)]
    corrected = iter(holm([one.p_value for one in found if one.is_judged]))
    return [one.quality(next(corrected) if one.is_judged else None, limits) for one in found]


def _differences(facet: Facet, table: pd.DataFrame, truth: Any, scores: Any) -> Iterator[_Difference]:
    if facet.column not in table or facet.truth is None:
        return
    members, predicted = facet.members(table[facet.column]), scores >= facet.threshold
    group, others = (Truth.of(truth[members == side], predicted[members == side]) for side in (1, 0))
    for measure in MEASURES:
        now, trained = (
            (getattr(one, measure), getattr(other, measure)) for one, other in ((group, others), facet.truth)
        )
        yield _Difference(facet=facet.name, measure=measure, now=now, trained=trained)


def _difference(shares: tuple[Share, Share]) -> float:
    group, others = shares
    return others.value - group.value
