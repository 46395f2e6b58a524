"""The comparison of a window with the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plinth_project.monitoring.baseline import Baseline
from plinth_project.monitoring.distances import Difference, holm, of_numbers, of_texts
from plinth_project.monitoring.quality import of_columns, of_values
from plinth_project.monitoring.report import DRIFT, ColumnComparison, Finding, Limits, Report, Verdict
from plinth_project.monitoring.rows import Rows
from plinth_project.monitoring.tallies import NumberTally, Tally, tally_of

PREDICTED = "prediction"
"""Name of the column of predictions in a report. A feature of this name is compared apart."""


def compare(given: Rows, baseline: Baseline, limits: Limits, *, window: str) -> Report:
    """Returns what differs in the rows of a window, or of the run of a batch.

    A column has drifted if chance does not explain the difference (``limits.significance``, corrected for the number of
    columns), and if the difference matters (``limits.distance``).
    """
    tallies, seen, rows = _counted(given, baseline)
    findings = [*_of_captures(given, limits), *of_columns(seen, given.features, baseline, rows)]
    for tally in tallies:
        findings += of_values(tally, limits)
    judged = rows >= limits.minimum_rows
    columns = _compared(tallies, limits) if judged else [_measured(tally) for tally in tallies]
    findings += [_drift(column, limits) for column in columns if column.drifted]
    return Report(
        window=window,
        requests=given.requests,
        rows=rows,
        unreadable=given.unreadable,
        findings=findings,
        columns=columns,
        verdict=_verdict(rows, judged, tallies, findings),
        limits=limits,
    )


def _counted(given: Rows, baseline: Baseline) -> tuple[list[Tally], set[str], int]:
    by_name: Mapping[str, Tally] = {
        name: tally_of(baseline.columns[name]) for name in given.features if name in baseline.columns
    }
    predicted = None if baseline.predictions is None else NumberTally(baseline.predictions)
    seen: set[str] = set()
    rows = 0
    for batch in given.batches():
        rows += len(batch.rows)
        seen.update(map(str, batch.rows.columns))
        for name, tally in by_name.items():
            if name in batch.rows:
                tally.add(batch.rows[name])
            else:
                tally.add_absent(len(batch.rows))
        if predicted is not None:
            predicted.add(pd.Series(batch.predictions))
    return [*by_name.values(), *([] if predicted is None else [predicted])], seen, rows


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
    if any(one.kind == DRIFT for one in findings):
        return "drift"
    return "data quality" if findings else "quiet"


def _compared(tallies: Sequence[Tally], limits: Limits) -> list[ColumnComparison]:
    differences = [_difference(tally) for tally in tallies]
    known = [one for one in differences if one is not None]
    corrected = iter(holm([one.p_value for one in known]))
    return [
        _measured(tally) if one is None else _measured(tally, one, next(corrected), limits)
        for tally, one in zip(tallies, differences, strict=True)
    ]


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
    return [round(float(one), 6) for one in counts / max(counts.sum(), 1.0)]


def _drift(column: ColumnComparison, limits: Limits) -> Finding:
    text = (
        f"{column.name}: differs from training by {column.distance:.2f} ({column.measure}), {limits.distance:.2f} "
        f"allowed; population stability index {column.psi:.2f}"
    )
    return Finding(kind=DRIFT, column=column.name, sentence=text, value=column.distance, limit=limits.distance)
