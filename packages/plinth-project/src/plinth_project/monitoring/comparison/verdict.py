"""The comparison of a window with the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.monitoring.baseline import Baseline
from plinth_project.monitoring.comparison.attributions import (
    AttributionComparison,
    Explain,
    Sample,
    compare_attributions,
)
from plinth_project.monitoring.comparison.distances import Difference, holm, of_numbers, of_texts
from plinth_project.monitoring.comparison.quality import of_columns, of_values
from plinth_project.monitoring.comparison.tallies import NumberTally, Tally, tally_of
from plinth_project.monitoring.groups import GroupComparison, GroupTally
from plinth_project.monitoring.reading import printable
from plinth_project.monitoring.report import (
    ATTRIBUTIONS,
    BIAS,
    DRIFT,
    DRIFTS,
    ColumnComparison,
    Finding,
    Limits,
    Report,
    Verdict,
)
from plinth_project.monitoring.rows import Rows

PREDICTED = "prediction"
"""Name of the column of predictions in a report. A feature of this name is compared apart."""
_NAMED = 3
"""Features that a finding about attributions names."""


def compare(given: Rows, baseline: Baseline, limits: Limits, *, window: str, explain: Explain | None = None) -> Report:
    """Returns what differs in the rows of a window, or of the run of a batch.

    A column has drifted if chance does not explain the difference (``limits.significance``, corrected for the number of
    columns and facets), and if the difference matters (``limits.distance``). The same is true of the bias of a facet
    (``limits.bias``). ``explain`` returns the weight of each feature for some of the rows; without it, attributions
    are not compared.
    """
    counts = _counted(given, baseline, Sample() if explain else None)
    rows, tallies = counts.rows, counts.tallies
    findings = [*_of_captures(given, limits), *of_columns(counts.seen, given.features, baseline, rows)]
    for tally in tallies:
        findings += of_values(tally, limits)
    judged = rows >= limits.minimum_rows
    columns, groups = _compared(counts, limits) if judged else _not_compared(counts, limits)
    findings += [_drift(column, limits) for column in columns if column.drifted]
    findings += [_drift_of_bias(group, limits) for group in groups if group.drifted]
    attributions = None
    if explain and counts.sample and judged:
        attributions, of_explanation = _explained(explain, counts.sample, given.features, baseline, limits)
        findings += of_explanation
    return Report(
        window=window,
        requests=given.requests,
        rows=rows,
        unreadable=given.unreadable,
        findings=findings,
        columns=columns,
        verdict=_verdict(rows, judged, tallies, findings),
        limits=limits,
        groups=groups,
        attributions=attributions,
    )


@dataclass(kw_only=True)
class _Counts:
    """Counts of the rows by column and by group, and a sample of the rows."""

    tallies: Sequence[Tally]
    groups: Sequence[GroupTally]
    sample: Sample | None
    seen: set[str] = field(default_factory=set)
    """Columns of the rows."""
    rows: int = 0


def _counted(given: Rows, baseline: Baseline, sample: Sample | None) -> _Counts:
    by_name: Mapping[str, Tally] = {
        name: tally_of(baseline.columns[name]) for name in given.features if name in baseline.columns
    }
    predicted = None if baseline.predictions is None else NumberTally(baseline.predictions)
    tallies = [*by_name.values(), *([] if predicted is None else [predicted])]
    counts = _Counts(tallies=tallies, groups=[GroupTally(facet) for facet in baseline.facets], sample=sample)
    for batch in given.batches():
        counts.rows += len(batch.rows)
        counts.seen.update(map(str, batch.rows.columns))
        for name, tally in by_name.items():
            if name in batch.rows:
                tally.add(batch.rows[name])
            else:
                tally.add_absent(len(batch.rows))
        if predicted is not None:
            predicted.add(pd.Series(batch.predictions))
        for group in counts.groups:
            group.add(batch.rows, batch.predictions)
        if sample is not None:
            sample.add(batch.rows)
    return counts


def _explained(
    explain: Explain, sample: Sample, features: Sequence[str], baseline: Baseline, limits: Limits
) -> tuple[AttributionComparison | None, list[Finding]]:
    """Returns the comparison of the attributions, and what keeps it from being made or what it found."""
    try:
        compared = compare_attributions(sample, features, baseline, explain, allowed=limits.attributions)
    except Exception as error:
        # The code of the model raises what it wants. Whatever it is, the rest of the report is right.
        text = f"predictions cannot be explained: {printable(f'{type(error).__name__}: {error}')}"
        return None, [Finding(kind="explanation", column="", sentence=text)]
    return compared, [_drift_of_attributions(compared, limits)] if compared.drifted else []


def _of_captures(given: Rows, limits: Limits) -> list[Finding]:
    """Returns a finding if many captures cannot be read. One caller alone does not set an alarm off."""
    share = given.unreadable / max(given.requests + given.unreadable, 1)
    if share <= limits.share:
        return []
    text = f"{given.unreadable} captures cannot be read: {'; '.join(given.examples)}"
    return [Finding(kind="unreadable captures", column="", sentence=text, value=share, limit=limits.share)]


def _verdict(rows: int, judged: bool, tallies: Sequence[Tally], findings: Sequence[Finding]) -> Verdict:
    if not rows:
        return "no captures"
    if not tallies:
        return "not comparable"
    if not judged:
        return "too few rows"
    if any(finding.kind in DRIFTS for finding in findings):
        return "drift"
    return "data quality" if findings else "quiet"


def _compared(counts: _Counts, limits: Limits) -> tuple[list[ColumnComparison], list[GroupComparison]]:
    """Compares columns and facets, with p values that are corrected for the number of both."""
    differences = [_difference(tally) for tally in counts.tallies]
    known = [difference.p_value for difference in differences if difference is not None]
    corrected = iter(holm([*known, *(group.change.p_value for group in counts.groups if group.change.is_judged)]))
    columns = [
        _measured(tally) if difference is None else _measured(tally, difference, next(corrected), limits)
        for tally, difference in zip(counts.tallies, differences, strict=True)
    ]
    return columns, [
        group.compared(next(corrected) if group.change.is_judged else None, limits.significance, limits.bias)
        for group in counts.groups
    ]


def _not_compared(counts: _Counts, limits: Limits) -> tuple[list[ColumnComparison], list[GroupComparison]]:
    """Returns the measures of a window with too few rows."""
    groups = [group.compared(None, limits.significance, limits.bias) for group in counts.groups]
    return [_measured(tally) for tally in counts.tallies], groups


def _difference(tally: Tally) -> Difference | None:
    """Returns None for a column without values, in the window or in training."""
    if not tally.present or not tally.trained.rows:
        return None
    return of_numbers(tally) if isinstance(tally, NumberTally) else of_texts(tally)


def _measured(
    tally: Tally, difference: Difference | None = None, p_value: float | None = None, limits: Limits | None = None
) -> ColumnComparison:
    labels, trained, now = _shares(tally)
    drifted = (
        difference is not None
        and limits is not None
        and p_value is not None
        and p_value < limits.significance
        and difference.distance >= limits.distance
    )
    return ColumnComparison(
        name=tally.trained.name,
        group=tally.trained.group,
        rows=tally.present,
        missing_share=tally.missing / tally.rows if tally.rows else 0.0,
        outside_share=tally.outside / tally.present if tally.present else 0.0,
        measure=difference.measure if difference else "",
        distance=difference.distance if difference else None,
        psi=difference.psi if difference else None,
        p_value=p_value,
        drifted=drifted,
        trained=trained,
        now=now,
        labels=labels,
    )


def _shares(tally: Tally) -> tuple[list[str], list[float], list[float]]:
    """Returns the buckets of a column, and the part of the rows in each: in training and in the window."""
    if isinstance(tally, NumberTally):
        edges = [f"{edge:g}" for edge in tally.trained.edges]
        labels = ["below", *(f"from {edge}" for edge in edges[:-1]), "above"]
        trained, now = np.concatenate([[0.0], tally.trained.counts, [0.0]]), tally.counts
    else:
        labels = [*tally.trained.counts, "other"]
        trained = np.array([*map(float, tally.trained.counts.values()), float(tally.trained.unlisted)])
        now = np.array([*(float(tally.known[value]) for value in tally.trained.counts), float(tally.outside)])
    return labels, _parts(trained), _parts(now)


def _parts(counts: Any) -> list[float]:
    return [round(float(count), 6) for count in counts / max(counts.sum(), 1.0)]


def _drift(column: ColumnComparison, limits: Limits) -> Finding:
    text = (
        f"{column.name}: differs from training by {column.distance:.2f} ({column.measure}), {limits.distance:.2f} "
        f"allowed; population stability index {column.psi:.2f}"
    )
    return Finding(kind=DRIFT, column=column.name, sentence=text, value=column.distance, limit=limits.distance)


def _drift_of_bias(group: GroupComparison, limits: Limits) -> Finding:
    text = (
        f"{group.facet}: the share of positive predictions of other rows is larger than that of the group by "
        f"{group.now:+.2f}, for data that training did not see by {group.trained:+.2f}; a change of {limits.bias:.2f} "
        "allowed"
    )
    change = (group.now or 0.0) - (group.trained or 0.0)
    return Finding(kind=BIAS, column=group.facet, sentence=text, value=abs(change), limit=limits.bias)


def _drift_of_attributions(compared: AttributionComparison, limits: Limits) -> Finding:
    order = sorted(compared.now, key=lambda name: -compared.now[name])[:_NAMED]
    before = sorted(compared.trained, key=lambda name: -compared.trained[name])[:_NAMED]
    text = (
        f"predictions rely most on {', '.join(map(printable, order))}; in training on "
        f"{', '.join(map(printable, before))} (gain {compared.gain:.2f}, {limits.attributions:.2f} needed)"
    )
    return Finding(kind=ATTRIBUTIONS, column="", sentence=text, value=compared.gain, limit=limits.attributions)
