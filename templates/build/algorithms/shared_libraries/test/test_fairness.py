from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from shared_libraries.fairness import (
    Facet,
    FacetError,
    Values,
    bias_of_data,
    bias_of_predictions,
    members,
    metrics_of,
    positive_class,
    report,
    weights,
)

# Group d: 4 rows, 1 of them positive. Group a: 6 rows, 4 of them positive.
SEX = ["f"] * 4 + ["m"] * 6
LABELS = np.array([1, 0, 0, 0, 1, 1, 1, 1, 0, 0], dtype=bool)
PREDICTED = np.array([0, 0, 0, 1, 1, 1, 1, 0, 1, 0], dtype=bool)
GROUPS = members(pd.DataFrame({"sex": SEX}), [Facet.of("sex=f")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sex=f,x", [1, 0, 1, np.nan]),
        ("age>=60", [0, 1, np.nan, 1]),
        ("age<=40", [1, 0, np.nan, 0]),
        ("age=40,70", [1, 1, np.nan, 0]),
    ],
)
def test_a_facet_says_which_rows_belong_to_its_group(text: str, expected: list[float]) -> None:
    table = pd.DataFrame({"sex": ["f", "m", "x", None], "age": [40, 70, np.nan, 60]})
    found = members(table, [Facet.of(text)])
    assert found[text].tolist() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sex", "expected column=value"),
        ("sex>=3", "sex does not contain numbers"),
        ("age>=old", "old is not a number"),
        ("age=old", "old is not a number"),
    ],
)
def test_a_facet_that_cannot_be_read_is_refused(text: str, reason: str) -> None:
    with pytest.raises(FacetError, match=reason):
        members(pd.DataFrame({"sex": ["f"], "age": [40]}), [Facet.of(text)])


@pytest.mark.parametrize(("text", "reason"), [("sex=x", "no row"), ("sex=f,m", "every row")])
def test_a_facet_without_two_groups_is_refused(text: str, reason: str) -> None:
    groups = members(pd.DataFrame({"sex": SEX}), [Facet.of(text)])
    with pytest.raises(FacetError, match=f"facet {text}: {reason}"):
        bias_of_data(groups, LABELS)


def test_bias_is_measured_before_and_after_training() -> None:
    before, after = bias_of_data(GROUPS, LABELS), bias_of_predictions(GROUPS, LABELS, PREDICTED)
    assert before == {"sex=f": {"CI": 0.2, "DPL": round(4 / 6 - 1 / 4, 4)}}
    assert after == {"sex=f": {"DPPL": round(4 / 6 - 1 / 4, 4), "DI": 0.375, "AD": round(4 / 6 - 2 / 4, 4), "RD": 0.75}}


def test_metrics_of_gates_are_those_of_the_worst_facet() -> None:
    measured: dict[str, Values] = {
        "sex=f": {"DI": 0.5, "AD": -0.2, "RD": 0.1},
        "age>=60": {"DI": 4.0, "AD": 0.1, "RD": None},
    }
    assert metrics_of(measured) == {"disparate_impact": 0.25, "accuracy_difference": 0.2, "recall_difference": 1.0}


def test_a_measure_that_nobody_knows_is_null_in_the_report() -> None:
    labels = np.array([0] * 4 + [1] * 6, dtype=bool)
    measured = bias_of_predictions(GROUPS, labels, np.zeros(10, dtype=bool))
    assert measured["sex=f"]["RD"] is None
    assert measured["sex=f"]["DI"] is None
    (facet,) = report(measured, "label")["facets"]["sex"]
    assert facet["value_or_threshold"] == "f"
    assert {metric["name"]: metric["value"] for metric in facet["metrics"]}["RD"] is None


def test_reweighed_labels_do_not_depend_on_the_group() -> None:
    labels = pd.Series(LABELS.astype(int))
    found = weights(GROUPS, labels)
    shares = [np.average(labels[rows], weights=found[rows]) for rows in (slice(0, 4), slice(4, 10))]
    assert shares == pytest.approx([0.5, 0.5])
    assert found.sum() == pytest.approx(10)


def test_the_second_class_is_positive() -> None:
    assert positive_class(pd.Series(["yes", "no", None])) == "yes"
