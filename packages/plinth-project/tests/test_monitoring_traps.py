"""Data on which a monitor gives false alarms, misses a fault, or stops: awkward columns, and hostile requests."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from monitored import WINDOW, baseline_of
from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.report import Limits
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table

RARE = np.array([f"merchant {number}" for number in range(500)])
ZIPF = 1 / np.arange(1, 501) / (1 / np.arange(1, 501)).sum()
SEVENTHS = np.arange(1, 8) / 7


@pytest.fixture
def described(tmp_path):
    """Returns the baseline of a table, as the build writes it."""
    return partial(baseline_of, tmp_path)


def found(described, train, now):
    captures = Table(pd.DataFrame({"a": now}), [0.0] * len(now), ["a"])
    report = compare(captures, described(pd.DataFrame({"a": train})), Limits(), window=WINDOW)
    return report.verdict, [finding.sentence for finding in report.findings]


def with_gaps(random, rows):
    return np.where(random.random(rows) < 0.1, np.nan, random.normal(size=rows))


QUIET = {
    "fractions": lambda random, rows: random.choice(SEVENTHS, rows),
    "standardised flags": lambda random, rows: (random.integers(0, 2, rows) - 0.37) / 0.483,
    "constant fraction": lambda _, rows: np.full(rows, 1 / 3),
    "constant of many digits": lambda _, rows: np.full(rows, 1234567890123456),
    "500 merchants": lambda random, rows: random.choice(RARE, rows, p=ZIPF),
    "500 equal merchants": lambda random, rows: random.choice(RARE, rows),
    "names that occur once": lambda random, rows: [f"{number:x}" for number in random.integers(0, 2**62, rows)],
    "missing values": with_gaps,
}


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize(("trained", "rows"), [(5000, 200), (5000, 20_000), (500, 20_000)])
def test_awkward_columns_that_did_not_change_are_quiet(described, kind, trained, rows):
    train = QUIET[kind](np.random.default_rng(1), trained)
    for seed in range(2, 6):
        now = QUIET[kind](np.random.default_rng(seed), rows)
        assert found(described, train, now) == ("quiet", [])


def test_decimal_digits_of_float32_are_the_values_of_training(described):
    values = np.arange(1, 8) / 10
    train = np.random.default_rng(1).choice(values, 5000).astype(np.float32)
    assert found(described, train, np.random.default_rng(2).choice(values, 2000)) == ("quiet", [])


@pytest.mark.parametrize("train", [np.arange(5000.0), np.array(["x", "y"] * 2500)], ids=["numbers", "texts"])
def test_a_column_in_which_every_value_is_null_is_found(described, train):
    assert found(described, train, [None] * 500) == (
        "data quality",
        ["a: 100.0% of the rows have no value; 0.0% in training"],
    )


def test_a_change_among_many_rare_categories_is_found(described):
    train = np.random.default_rng(1).choice(RARE[:60], 5000)
    assert found(described, train, np.random.default_rng(2).choice(RARE[:20], 200))[0] == "drift"


def test_a_common_category_that_became_rare_is_found_among_500(described):
    train = np.random.default_rng(1).choice(RARE, 5000, p=ZIPF)
    now = np.random.default_rng(2).choice(RARE, 5000, p=ZIPF)
    assert found(described, train, np.where(now == "merchant 0", "merchant 9", now))[0] == "drift"


JSON = {"observedContentType": "application/json", "encoding": "JSON"}
CSV = {"observedContentType": "text/csv", "encoding": "CSV"}
ANSWER = {**JSON, "data": '{"predictions": [1]}'}


def captured(tmp_path, described, *bodies, features=("a", "b")):
    """Returns the captures of requests, and their report. Both answers and requests may be hostile."""
    lines = [
        json.dumps({"captureData": {"endpointInput": asked, "endpointOutput": answered}}) for asked, answered in bodies
    ]
    file = tmp_path / "1.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    captures = Captures([file], features)
    baseline = described(pd.DataFrame({"a": np.arange(500.0), "b": ["1", "2"] * 250}))
    report = compare(captures, baseline, Limits(), window=WINDOW)
    page = html(report, "fraud/scoring").encode()
    assert json.dumps(report.as_dict()).isascii()
    return captures, report, page


def asking(text, answered='{"predictions": [1]}'):
    return {**JSON, "data": text}, {**JSON, "data": answered}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (({**CSV, "data": "1," + "9" * 140_000}, ANSWER), "field larger"),
        (asking("[" * 100_000), "recursion"),
        (asking('{"instances": [{}]}', f'{{"predictions": [1{"0" * 400}]}}'), "too large"),
        (asking('{"instances": [{"\\ud800": 1}]}'), "half of a surrogate pair"),
        (asking('{"instances": [{"b": "\\uD800"}]}'), "half of a surrogate pair"),
        (({"observedContentType": "\ud800\n", "encoding": "CSV", "data": ""}, ANSWER), "of type \\ud800"),
    ],
    ids=["field", "depth", "prediction", "half in a name", "half in a value", "type"],
)  # fmt: skip
def test_a_hostile_request_is_one_unreadable_capture(tmp_path, described, body, reason):
    captures, report, _ = captured(
        tmp_path, described, body, asking('{"instances": [{"a": 1, "b": "\\ud83d\\ude00"}]}')
    )
    assert (report.rows, report.unreadable) == (1, 1)
    assert reason in captures.examples[0]


@pytest.mark.parametrize("value", ["1" + "0" * 400, "[1]", "{}", '"many"', "Infinity"])
def test_a_value_that_is_no_number_is_a_finding(tmp_path, described, value):
    _, report, _ = captured(tmp_path, described, asking(f'{{"instances": [{{"a": {value}, "b": "1"}}]}}'))
    assert [finding.sentence for finding in report.findings] == ["a: 1 of 1 values are no numbers"]


def test_whole_numbers_beside_a_gap_stay_the_texts_of_training(tmp_path, described):
    bodies = [asking(f'{{"instances": [{{"a": 1, "b": {value}}}]}}') for value in (1, "null")]
    _, report, _ = captured(tmp_path, described, *bodies)
    text = next(column for column in report.columns if column.name == "b")
    assert (text.rows, text.outside_share) == (1, 0.0)


def test_rows_in_csv_may_end_as_they_do_elsewhere(tmp_path, described):
    answers = {**CSV, "data": "0.1,0.2"}
    _, report, _ = captured(tmp_path, described, ({**CSV, "data": "1,1\r3,2\r\n\r\n"}, answers))
    assert (report.rows, report.unreadable) == (2, 0)


def test_names_that_a_client_makes_up_fill_neither_memory_nor_report(tmp_path, described):
    made_up = [asking(json.dumps({"instances": [{"a": 1, "b": "1", f"<b>{number}\n": 1}]})) for number in range(300)]
    captures, report, page = captured(
        tmp_path, described, *made_up, asking(json.dumps({"instances": [{"x" * 9999: 1}]}))
    )
    (batch,) = captures.batches()
    assert batch.rows.shape == (301, 22)
    assert len([finding for finding in report.findings if finding.kind == "unexpected column"]) == 20
    assert b"<b>" not in page
    assert all(finding.sentence.isprintable() for finding in report.findings)
    assert max(len(finding.column) for finding in report.findings) < 250
