"""Accuracy and recall of groups, once their truth is known, compared with those for data that training did not see.

The measures are the differences AD and RD of SageMaker Clarify (Amazon SageMaker Developer Guide, "Accuracy Difference"
and "Recall Difference"): that of the other rows, less that of the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.monitoring.baseline import Quality
from plinth_project.monitoring.comparison.distances import holm
from plinth_project.monitoring.groups import Change, Facet, Truth, are_enough
from plinth_project.monitoring.report import GroupQuality, Limits

MEASURES = ("accuracy", "recall")


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
    found = [change for facet in counted for change in _changes(facet, table, truth, scores)]
    corrected = iter(holm([change.p_value for _, _, change in found if change.is_judged]))
    return [
        _quality(facet, measure, change, next(corrected) if change.is_judged else None, limits)
        for facet, measure, change in found
    ]


def _changes(facet: Facet, table: pd.DataFrame, truth: Any, scores: Any) -> Iterator[tuple[str, str, Change]]:
    """Yields how each measure of a facet has changed, with the names of both."""
    if facet.column not in table or facet.truth is None:
        return
    members, predicted = facet.members(table[facet.column]), scores >= facet.threshold
    group, others = (Truth.of(truth[members == side], predicted[members == side]) for side in (1, 0))
    for measure in MEASURES:
        now, trained = (
            (getattr(inside, measure), getattr(outside, measure)) for inside, outside in ((group, others), facet.truth)
        )
        yield facet.name, measure, Change(now=now, trained=trained)


def _quality(facet: str, measure: str, change: Change, p_value: float | None, limits: Limits) -> GroupQuality:
    """Returns the comparison. ``p_value`` is corrected; None if there are too few rows."""
    group, others = change.now
    return GroupQuality(
        facet=facet,
        measure=measure,
        rows=group.rows,
        other_rows=others.rows,
        trained=change.before if are_enough(change.trained) else None,
        now=None if p_value is None else change.difference,
        p_value=p_value,
        drifted=change.is_drift(p_value, limits.significance, limits.bias),
    )
