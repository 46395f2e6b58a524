"""Findings about the data of a window, whatever its distribution: columns, types, missing values and ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scipy import stats

from plinth_project.monitoring.baseline import Baseline
from plinth_project.monitoring.comparison.tallies import Tally, TextTally
from plinth_project.monitoring.reading import printable
from plinth_project.monitoring.report import Finding, Limits

_SHOWN, _CHARACTERS = 3, 60
_COMMON = 0.05
"""Part of the training data from which on somebody misses a value."""


def of_columns(seen: Iterable[str], features: Sequence[str], baseline: Baseline, rows: int) -> Iterator[Finding]:
    """Yields columns that are missing, unexpected, or not in the baseline."""
    present = set(seen)
    for name in features:
        if name not in baseline.columns:
            text = f"{name}: the baseline of the version has no such column, so nobody compares it"
            yield Finding(kind="not in the baseline", column=name, sentence=text)
        elif rows and name not in present:
            yield Finding(kind="missing column", column=name, sentence=f"{name}: no row has this column")
    for name in sorted(present - set(features)):
        shown = printable(name)
        text = f"{shown}: rows have this column, which the version does not know"
        yield Finding(kind="unexpected column", column=shown, sentence=text)


def of_values(tally: Tally, limits: Limits) -> Iterator[Finding]:
    """Yields what is wrong with the values of a column."""
    name = tally.trained.name
    given = tally.rows - tally.missing
    if tally.wrong > limits.share * given:
        text = f"{name}: {tally.wrong} of {given} values are no numbers"
        yield Finding(kind="wrong type", column=name, sentence=text, value=tally.wrong / given, limit=limits.share)
    if tally.absent == tally.rows:
        return  # a missing column is a finding of its own
    completeness, known = tally.trained.completeness, tally.trained.rows
    trained = round(known / completeness) if completeness else known
    now = (tally.missing, tally.rows)
    yield from _too_many("missing values", tally, now, (trained - known, trained), limits, "have no value")
    # A sample of training has the smallest and the largest value, which the next row exceeds once in half as many.
    now, extremes = (tally.outside, tally.present), 2
    if isinstance(tally, TextTally):
        examples = ", ".join(repr(value[:_CHARACTERS]) for value in sorted(tally.new)[:_SHOWN])
        new = f"have a value that training has not, such as {examples}"
        if not tally.trained.unlisted:  # otherwise nobody knows which values are new
            yield from _too_many("new values", tally, now, (extremes, known), limits, new)
        yield from _gone(tally, limits)
    else:
        outside = "are outside of the range of training"
        yield from _too_many("outside the range", tally, now, (extremes, known), limits, outside)


def _too_many(
    kind: str, tally: Tally, now: tuple[int, int], trained: tuple[int, int], limits: Limits, verb: str
) -> Iterator[Finding]:
    """Yields a finding if more rows than in training are affected, by more than chance and by more than the limit.

    ``now`` and ``trained`` are affected rows and all rows. Both are samples (Fisher's exact test): a share of few rows
    of training is not exact, and the error would be the same in each window.
    """
    (number, of), (before, rows) = now, trained
    usual = min(before / max(rows, 1), 1.0)
    if not of or number / of <= usual + limits.share:
        return
    if stats.hypergeom.sf(number - 1, of + max(rows, before), number + before, of) >= limits.significance:
        return
    name, share = tally.trained.name, number / of
    text = f"{name}: {share:.1%} of the rows {verb}; {usual:.1%} in training"
    yield Finding(kind=kind, column=name, sentence=text, value=share, limit=usual + limits.share)


def _gone(tally: TextTally, limits: Limits) -> Iterator[Finding]:
    """Yields common values that no row has."""
    total = tally.trained.rows
    for value, count in tally.trained.counts.items():
        share = count / total
        if share >= _COMMON and not tally.known[value] and (1 - share) ** tally.present < limits.significance:
            text = f"{tally.trained.name}: no row has the value {value!r}, which {share:.1%} have in training"
            yield Finding(kind="missing value", column=tally.trained.name, sentence=text, value=0, limit=share)
