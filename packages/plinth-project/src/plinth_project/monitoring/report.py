"""Result of a comparison: a verdict, findings in sentences, and the measures of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from plinth_project.monitoring.baseline import Baseline
from plinth_project.monitoring.comparison.attributions import AttributionComparison
from plinth_project.monitoring.groups import GroupComparison

Verdict = Literal["quiet", "drift", "data quality", "too few rows", "no captures", "not comparable"]
DRIFT, BIAS, ATTRIBUTIONS = "drift", "drift of bias", "drift of attributions"
DRIFTS = (DRIFT, BIAS, ATTRIBUTIONS)
"""Kinds of findings about distributions and predictions. All others are about the data."""
DayVerdict = Literal["as in training", "worse", "too few labels", "not comparable"]
WORSE: DayVerdict = "worse"
_OWN = "plinth"
"""Member of ``monitoring_config`` with limits that Model Monitor does not know."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a comparison. Those of the constraints are versioned with the model."""

    minimum_rows: int = 200
    """Rows without which drift is not judged."""
    significance: float = 0.001
    """Chance of any false alarm in a window. Twenty quiet windows raise one in fifty times."""
    distance: float = 0.1
    """Distance that matters, as Model Monitor's ``comparison_threshold``. A large sample makes smaller differences
    significant too."""
    share: float = 0.01
    """Part of the values, 0 to 1, that may be missing, new, of another type or outside of the range in addition to
    those of training, and part of the captures that may be unreadable."""
    quality: float = 0.1
    """Loss of quality that matters, 0 to 1: part by which the area under the ROC curve may be nearer to chance, or the
    root mean square error larger, than on validation data."""

    bias: float = 0.1
    """Change of the difference between the shares of positive predictions of two groups that matters, 0 to 2."""
    attributions: float = 0.9
    """Gain that the order of the features by their attributions needs, 0 to 1, as Clarify requires."""

    @classmethod
    def of(cls, baseline: Baseline) -> Limits:
        """Returns the limits that were registered with a version."""
        own: Mapping[str, Any] = baseline.settings.get(_OWN, {})
        distribution: Mapping[str, Any] = baseline.settings.get("distribution_constraints", {})
        return cls(
            minimum_rows=int(own.get("minimum_rows", cls.minimum_rows)),
            significance=float(own.get("significance", cls.significance)),
            distance=float(distribution.get("comparison_threshold", cls.distance)),
            share=float(own.get("share", cls.share)),
            quality=float(own.get("quality", cls.quality)),
            bias=float(own.get("bias", cls.bias)),
            attributions=float(own.get("attributions", cls.attributions)),
        )


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a person should know."""

    kind: str
    """One of :data:`DRIFTS`, or what is wrong with the data: ``missing column``, ``new values``, …"""
    column: str
    """Name of the column, or of the facet; empty for a finding about the whole window."""
    sentence: str
    value: float | None = None
    limit: float | None = None

    @property
    def is_quality(self) -> bool:
        return self.kind not in DRIFTS


@dataclass(frozen=True, kw_only=True)
class ColumnComparison:
    """Measures of a column in a window."""

    name: str
    group: str
    rows: int
    """Rows that have a value."""
    missing_share: float
    outside_share: float
    """Part of the values that are new, or outside of the range of training."""
    measure: str = ""
    distance: float | None = None
    psi: float | None = None
    p_value: float | None = None
    """Corrected for the number of columns. None, like the distances, if the column was not compared."""
    drifted: bool = False
    trained: Sequence[float] = field(default=(), repr=False)
    now: Sequence[float] = field(default=(), repr=False)
    """Shares by bucket, or by value, for charts."""
    labels: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class GroupQuality:
    """How much better the predictions for other rows are than those for a group, by the labels that have arrived."""

    facet: str
    measure: str
    """``accuracy`` or ``recall``."""
    rows: int
    """Labelled rows of the group; for the recall, those with a positive label."""
    other_rows: int
    trained: float | None
    """Difference for data that training did not see, -1 to 1: the measure of the other rows, less that of the group."""
    now: float | None = None
    p_value: float | None = None
    """Corrected for the tests of the day. None, like the difference, if one of both has too few rows."""
    drifted: bool = False

    @property
    def sentence(self) -> str:
        return (
            f"{self.facet}: the {self.measure} of other rows is larger than that of the group by "
            f"{self.now or 0.0:+.2f}, for data that training did not see by {self.trained or 0.0:+.2f}"
        )


@dataclass(frozen=True, kw_only=True)
class DayQuality:
    """The quality of the predictions of a version on a day, by the labels that have arrived."""

    version: str
    """Folder of the version: its number with leading zeros."""
    day: str
    """Day of the predictions in UTC: ``2026-11-24``."""
    rows: int
    """Captured rows."""
    labelled: int
    """Rows with a label that the model knows."""
    unknown_labels: int
    """Rows with a label that is no class, or no number for a regression."""
    measure: str = ""
    """``roc_auc`` or ``rmse``; empty if the version has none."""
    trained: float | None = None
    """The measure on validation data."""
    now: float | None = None
    p_value: float | None = None
    verdict: DayVerdict
    groups: Sequence[GroupQuality] = ()
    """Accuracy and recall by group; empty for a version whose build did not count them."""

    @property
    def sentence(self) -> str:
        known = f"{self.day}, version {int(self.version)}: {self.labelled} of {self.rows} rows have a label"
        if self.now is None or self.trained is None:
            return f"{known}; {self.verdict}"
        return f"{known}; {self.measure} {self.now:.3f}, on validation data {self.trained:.3f}: {self.verdict}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """The comparison of one window with the baseline."""

    window: str
    requests: int
    rows: int
    unreadable: int
    findings: Sequence[Finding]
    columns: Sequence[ColumnComparison]
    verdict: Verdict
    limits: Limits
    days: Sequence[DayQuality] = ()
    """Days of earlier predictions for which other labels have arrived."""
    groups: Sequence[GroupComparison] = ()
    """Comparisons of the facets of the version."""
    attributions: AttributionComparison | None = None
    """None if predictions of the window were not explained."""

    @property
    def drifted(self) -> list[str]:
        """Names of what has drifted: columns, bias of facets, and attributions."""
        bias = [f"bias of {facet}" for facet in self.biased]
        attributions = ["attributions"] if self.attributions and self.attributions.drifted else []
        return [*(column.name for column in self.columns if column.drifted), *bias, *attributions]

    @property
    def biased(self) -> list[str]:
        """Names of the facets whose bias has drifted, in the window or by ground truth."""
        return list(dict.fromkeys(finding.column for finding in self.findings if finding.kind == BIAS))

    def worse_days(self, version: object) -> list[DayQuality]:
        """Returns the days on which a version, given by its ARN, is worse than on validation data."""
        number = int(str(version).rpartition("/")[2])
        return [day for day in self.days if day.verdict == WORSE and int(day.version) == number]

    def as_dict(self) -> dict[str, Any]:
        """Returns the report as JSON can contain it."""
        return asdict(self)
