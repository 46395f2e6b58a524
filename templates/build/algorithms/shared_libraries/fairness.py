"""Bias: how labels and predictions differ between two groups of the rows.

A facet is a column and the group of its rows that may be at a disadvantage (d); all other rows with a value are the
group with which it is compared (a). Measures and reports are those of SageMaker Clarify: Amazon SageMaker Developer
Guide, "Pre-training Bias Metrics" and "Post-training Data and Model Bias Metrics" (read 2026-11-28). Positive is the
second of the two classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

BIAS = "bias.json"
"""Report of the measures."""
Values = Mapping[str, float | None]
_TEXT = re.compile(r"([^=<>]+)(>=|<=|=)(.+)")
_DIGITS = 4
IMPACT = "DI"
METRICS = {
    "CI": "class_imbalance",
    "DPL": "label_proportion_difference",
    "DPPL": "predicted_proportion_difference",
    IMPACT: "disparate_impact",
    "AD": "accuracy_difference",
    "RD": "recall_difference",
}
"""Names of the metrics of gates by Clarify's abbreviations."""
DESCRIPTIONS = {
    "CI": "Class Imbalance",
    "DPL": "Difference in Positive Proportions in Labels",
    "DPPL": "Difference in Positive Proportions in Predicted Labels",
    IMPACT: "Disparate Impact",
    "AD": "Accuracy Difference",
    "RD": "Recall Difference",
}


class FacetError(ValueError):
    """A facet cannot be read, or its groups have no rows."""


@dataclass(frozen=True, kw_only=True)
class Facet:
    """A column and the group that may be at a disadvantage."""

    text: str
    """``sex=F,X``, ``age>=60`` or ``age<=25``."""
    column: str
    sign: str
    group: str

    @classmethod
    def of(cls, text: str) -> Facet:
        """Raises FacetError."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise FacetError(f"facet {text}: expected column=value,value or column>=number or column<=number")
        column, sign, group = found.groups()
        return cls(text=text, column=column, sign=sign, group=group)

    def members(self, table: pd.DataFrame) -> pd.Series:
        """Returns 1 for each row of the group, 0 for the others, and NaN for rows without a value.

        Raises FacetError if a bound or a value of a column of numbers is no number.
        """
        column = table[self.column]
        if self.sign == "=":
            wanted = self.group.split(",")
            inside = column.isin([self._number(part) for part in wanted] if _is_numeric(column) else wanted)
        elif not _is_numeric(column):
            raise FacetError(f"facet {self.text}: the column {self.column} does not contain numbers")
        else:
            bound = self._number(self.group)
            inside = column >= bound if self.sign == ">=" else column <= bound
        return inside.astype(float).where(column.notna())

    @property
    def bounds(self) -> dict[str, Any]:
        """The group as ``values``, ``at_least`` or ``at_most``."""
        if self.sign == "=":
            return {"values": self.group.split(",")}
        return {"at_least" if self.sign == ">=" else "at_most": float(self.group)}

    def _number(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise FacetError(f"facet {self.text}: {text} is not a number; {self.column} contains numbers") from None


def positive_class(labels: pd.Series) -> Any:
    """Returns the positive one of two classes, as scikit-learn orders them."""
    return sorted(labels.dropna().unique())[-1]


def members(table: pd.DataFrame, facets: Sequence[Facet]) -> pd.DataFrame:
    """Returns the group of each row by facet: a column for each of them, named by its text."""
    return pd.DataFrame({facet.text: facet.members(table) for facet in facets}, index=table.index)


def bias_of_data(groups: pd.DataFrame, positive: Any) -> dict[str, Values]:
    """Returns the measures of each facet before training. ``positive`` says which labels are positive.

    Raises FacetError if a group has no rows.
    """
    return {name: _of_data(d, a) for name, d, a in _split(groups, {"label": positive})}


def bias_of_predictions(groups: pd.DataFrame, positive: Any, predicted: Any) -> dict[str, Values]:
    """Returns the measures of each facet after training. ``predicted`` says which predictions are positive.

    Raises FacetError if a group has no rows.
    """
    return {name: _of_predictions(d, a) for name, d, a in _split(groups, {"label": positive, "predicted": predicted})}


def metrics_of(measured: Mapping[str, Values]) -> dict[str, float]:
    """Returns the metrics of gates: the largest difference of all facets, without its sign. That of the disparate
    impact is the smallest of all ratios and their inverses.

    A measure that a facet does not give counts as unfair: nobody knows that it is fair.
    """
    found: dict[str, float] = {}
    for values in measured.values():
        for short, value in values.items():
            name = METRICS[short]
            if short == IMPACT:
                found[name] = min(found.get(name, 1.0), min(value, 1 / value) if value else 0.0)
            else:
                found[name] = max(found.get(name, 0.0), 1.0 if value is None else abs(value))
    return {name: round(value, _DIGITS) for name, value in found.items()}


def report(measured: Mapping[str, Values], label: str) -> dict[str, Any]:
    """Returns measures as the bias metrics of an ``analysis.json`` of Clarify."""
    facets: dict[str, list[dict[str, Any]]] = {}
    for text, values in measured.items():
        facet = Facet.of(text)
        metrics = [{"name": name, "description": DESCRIPTIONS[name], "value": value} for name, value in values.items()]
        group = facet.group if facet.sign == "=" else f"{facet.sign}{facet.group}"
        facets.setdefault(facet.column, []).append({"value_or_threshold": group, "metrics": metrics})
    return {"label": label, "facets": facets}


def weights(groups: pd.DataFrame, labels: pd.Series) -> Any:
    """Returns a weight for each row, with which labels do not depend on the groups any more.

    Source: Kamiran and Calders, "Data preprocessing techniques for classification without discrimination", Knowledge
    and Information Systems 33 (2012), reweighing. Several facets make a group for each combination.
    """
    keys = groups.fillna(-1).groupby(list(groups.columns)).ngroup()
    expected = keys.map(keys.value_counts()) * labels.map(labels.value_counts()) / len(labels)
    seen = labels.groupby([keys, labels]).transform("size")
    return (expected / seen).to_numpy()


def _split(groups: pd.DataFrame, columns: Mapping[str, Any]) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Yields each facet with the rows of its group, and of the other one."""
    table = pd.DataFrame({name: np.asarray(values, dtype=bool) for name, values in columns.items()})
    for name in groups.columns:
        inside = groups[name].to_numpy()
        d, a = table[inside == 1], table[inside == 0]
        if d.empty or a.empty:
            raise FacetError(f"facet {name}: {'no' if d.empty else 'every'} row of the data belongs to the group")
        yield str(name), d, a


def _of_data(d: pd.DataFrame, a: pd.DataFrame) -> Values:
    imbalance = (len(a) - len(d)) / (len(a) + len(d))
    return _rounded({"CI": imbalance, "DPL": a["label"].mean() - d["label"].mean()})


def _of_predictions(d: pd.DataFrame, a: pd.DataFrame) -> Values:
    share_of_d, share_of_a = d["predicted"].mean(), a["predicted"].mean()
    recalls = [group.loc[group["label"], "predicted"].mean() for group in (a, d)]
    correct = [(group["label"] == group["predicted"]).mean() for group in (a, d)]
    return _rounded(
        {
            "DPPL": share_of_a - share_of_d,
            IMPACT: share_of_d / share_of_a if share_of_a else np.nan,
            "AD": correct[0] - correct[1],
            "RD": recalls[0] - recalls[1],
        }
    )


def _rounded(values: Mapping[str, float]) -> Values:
    """Returns None for a measure that the rows do not give, such as the recall of a group without positive labels."""
    return {name: None if np.isnan(value) else round(float(value), _DIGITS) for name, value in values.items()}


def _is_numeric(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))
