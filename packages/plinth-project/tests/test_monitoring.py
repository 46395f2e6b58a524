"""Comparisons of captured requests with the baseline of training: which shift is noticed, and what is not."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from monitored import WINDOW, baseline_of
from plinth_project.monitoring.baseline import BaselineError, read_baseline
from plinth_project.monitoring.captures import Captures
from plinth_project.monitoring.comparison.distances import holm, of_numbers, of_texts
from plinth_project.monitoring.comparison.tallies import NumberTally, TextTally
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.effects.events import comparison_event
from plinth_project.monitoring.effects.metrics import metric_data, namespace_of
from plinth_project.monitoring.job import Monitor
from plinth_project.monitoring.report import Limits
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table

NUMBERS = [f"number_{place}" for place in range(20)]
TEXTS = [f"text_{place}" for place in range(5)]
FEATURES = [*NUMBERS, *TEXTS]


def data(rows, seed):
    """Returns rows of 20 columns of numbers (normal, skewed, whole and constant) and 5 of texts."""
    random = np.random.default_rng(seed)
    table = {}
    for place, name in enumerate(NUMBERS):
        kinds = (
            random.normal(100, 20, rows),
            random.lognormal(3, 1, rows),
            random.poisson(4, rows),
            np.full(rows, 7.0),
        )
        table[name] = kinds[place % 4]
    for place, name in enumerate(TEXTS):
        values = [f"value {number}" for number in range(2 + 10 * place)]
        shares = 1 / np.arange(1, len(values) + 1)
        table[name] = random.choice(values, rows, p=shares / shares.sum())
    return pd.DataFrame(table)


def predictions(table):
    return 1 / (1 + np.exp(-(table["number_0"] - 100) / 20))


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    held_out = predictions(data(2000, 2)).tolist()
    return baseline_of(tmp_path_factory.mktemp("baseline"), data(5000, 1), held_out)


def captured(table, answered=None):
    return Table(table, predictions(table) if answered is None else answered, FEATURES)


def report(baseline, table, answered=None, **limits):
    return compare(captured(table, answered), baseline, Limits(**limits), window=WINDOW)


def shifted(**changes):
    """Returns a change of a table, by column."""

    def change(table):
        return table.assign(**{name: function(table) for name, function in changes.items()})

    return change


def half(table, function):
    """Returns a column in which the second half of the rows is changed."""
    later = np.arange(len(table)) >= len(table) / 2
    return np.where(later, function(table), table["number_0"])


@pytest.mark.parametrize("rows", [200, 5000, 50_000])
def test_twenty_quiet_windows_raise_nothing(baseline, rows):
    seeds = range(100, 120) if rows < 50_000 else range(100, 102)
    found = [report(baseline, data(rows, seed)) for seed in seeds]
    assert [(result.verdict, [finding.sentence for finding in result.findings]) for result in found] == [
        ("quiet", [])
    ] * len(seeds)


@pytest.mark.requirement("MON-10.a")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (shifted(number_0=lambda t: t["number_0"] * 1.6), {"drift number_0", "outside the range number_0"}),
        (shifted(number_1=lambda t: t["number_1"] * 1.6), {"drift number_1"}),
        (shifted(number_0=lambda t: half(t, lambda u: u["number_0"] + 25)), {"drift number_0"}),
        (
            shifted(number_0=lambda t: np.where(t["text_0"] == "value 0", t["number_0"] + 15, t["number_0"])),
            {"drift number_0"},
        ),
        (
            shifted(number_0=lambda t: t["number_0"] * 1000),
            {"drift number_0", "outside the range number_0"},
        ),
        (
            shifted(number_3=lambda t: t["number_3"] + 1),
            {"drift number_3", "outside the range number_3"},
        ),
        (
            shifted(text_0=lambda t: np.full(len(t), "value 0")),
            {"drift text_0", "missing value text_0"},
        ),
        (
            shifted(text_1=lambda t: t["text_1"].where(np.arange(len(t)) % 10 > 0, "new")),
            {"drift text_1", "new values text_1"},
        ),
        (
            shifted(number_0=lambda t: t["number_0"].where(np.arange(len(t)) % 20 > 0)),
            {"missing values number_0"},
        ),
        (
            shifted(number_0=lambda t: t["number_0"].astype(object).where(np.arange(len(t)) % 50 > 0, "many")),
            {"wrong type number_0"},
        ),
        (lambda t: t.rename(columns={"number_0": "amount"}), {"missing column number_0", "unexpected column amount"}),
    ],
    ids=[
        "unit", "times 1.6", "sudden", "one segment", "another unit", "constant", "missing category", "new category",
        "missing values", "type", "renamed column",
    ],
)  # fmt: skip
def test_a_shift_is_found_in_its_column_and_in_no_other(baseline, change, expected):
    table = data(2000, 7)
    found = report(baseline, change(table), predictions(table))
    assert {f"{finding.kind} {finding.column}" for finding in found.findings} == expected


def test_a_gradual_shift_is_found_once_it_matters(baseline):
    grown = [data(2000, 7).assign(number_0=lambda t, step=step: t["number_0"] + 4 * step) for step in range(5)]
    verdicts = [report(baseline, table, predictions(data(2000, 7))).verdict for table in grown]
    assert verdicts == ["quiet", "quiet", "drift", "drift", "drift"]


def test_predictions_that_drift_are_found_when_no_column_has_drifted(baseline):
    table = data(2000, 7)
    findings = report(baseline, table, predictions(table) ** 3).findings
    assert {(finding.kind, finding.column) for finding in findings} >= {("drift", "prediction")}
    assert {finding.column for finding in findings} == {"prediction"}
    group = {column.name: column.group for column in report(baseline, table).columns}
    assert group["prediction"] == "predictions"
    # The distribution of permuted predictions is the same. Only ground truth shows that they are wrong.
    permuted = np.random.default_rng(3).permutation(predictions(table))
    assert report(baseline, table, permuted).verdict == "quiet"


def test_few_rows_are_not_called_quiet_and_none_are_no_captures(baseline):
    few = report(baseline, data(199, 7).assign(number_0=lambda t: t["number_0"] * 3))
    assert few.verdict == "too few rows"
    assert not [column for column in few.columns if column.drifted]
    assert report(baseline, data(0, 7)).verdict == "no captures"


def test_a_baseline_of_another_version_is_not_comparable(baseline):
    captures = Table(data(500, 7), [], ["other"])
    nothing = replace(baseline, columns={}, predictions=None)
    found = compare(captures, nothing, Limits(), window=WINDOW)
    assert found.verdict == "not comparable"
    assert {finding.kind for finding in found.findings} == {"not in the baseline", "unexpected column"}


def test_a_share_that_is_significant_and_small_is_no_finding(baseline):
    table = data(20_000, 7)
    table.loc[::200, "number_0"] = np.nan
    assert report(baseline, table).findings == []


def test_limits_come_from_the_constraints_of_the_version(baseline):
    own = {"plinth": {"minimum_rows": 50}, "distribution_constraints": {"comparison_threshold": 0.4}}
    assert Limits.of(replace(baseline, settings=own)) == Limits(minimum_rows=50, distance=0.4)
    assert Limits.of(baseline) == Limits()


def tally(baseline, name, column):
    kind = NumberTally if name in NUMBERS else TextTally
    made = kind(baseline.columns[name])
    for part in np.array_split(column.to_numpy(), 3):
        made.add(pd.Series(part))
    return made


@pytest.mark.parametrize("factor", [1.0, 1.05, 1.6])
def test_the_distance_of_numbers_is_that_of_scipy_on_the_values(baseline, factor):
    train, now = data(5000, 1)["number_1"], data(3000, 9)["number_1"] * factor
    exact = stats.ks_2samp(train, now, method="asymp")
    found = of_numbers(tally(baseline, "number_1", now))
    # The values are in fifty buckets, and what is between their bounds is not seen.
    assert exact.statistic - 0.021 <= found.distance <= exact.statistic + 1e-9
    assert found.p_value >= exact.pvalue * 0.99


def test_the_distance_of_texts_is_that_of_scipy_on_the_counts(baseline):
    train, now = data(5000, 1)["text_2"], data(3000, 9)["text_2"].replace("value 1", "value 0")
    found = of_texts(tally(baseline, "text_2", now))
    counts = pd.DataFrame({"train": train.value_counts(), "now": now.value_counts()}).fillna(0)
    assert found.distance == pytest.approx(jensenshannon(counts["train"], counts["now"], base=2))
    assert found.p_value == pytest.approx(stats.chi2_contingency(counts.T, correction=False).pvalue, abs=1e-12)


def test_p_values_are_corrected_for_the_number_of_tests():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.9]) == [1.0, 1.0]


def capture(asked, answered, **changes):
    """Returns a line as SageMaker writes it."""
    part = {"observedContentType": "application/json", "encoding": "JSON"}
    content = {"endpointInput": {**part, "data": asked}, "endpointOutput": {**part, "data": answered}}
    for name, change in changes.items():
        content[name] |= change
    return json.dumps({"captureData": content, "eventMetadata": {"eventId": "1"}, "eventVersion": "0"})


def encoded(text):
    return {"data": base64.b64encode(text.encode()).decode(), "encoding": "BASE64"}


def read(tmp_path, *lines):
    file = tmp_path / "1.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    captures = Captures([file], ["a", "b"])
    batches = list(captures.batches())
    rows = [row for batch in batches for row in batch.rows.to_dict("records")]
    return captures, rows, [float(prediction) for batch in batches for prediction in batch.predictions]


def test_requests_in_json_csv_and_base64_are_read_with_their_predictions(tmp_path):
    csv = {"observedContentType": "text/csv; charset=utf-8", "encoding": "CSV"}
    captures, rows, answers = read(
        tmp_path,
        capture('{"instances": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}', '{"predictions": [0.1, 0.2]}'),
        capture('3,"z, w"\n,\n', "0.3\n0.4", endpointInput=csv, endpointOutput=csv),
        capture(
            "", "", endpointInput=encoded('{"instances": [{"a": 5}]}'), endpointOutput=encoded('{"predictions": [1]}')
        ),
    )
    assert (captures.requests, captures.unreadable) == (3, 0)
    assert [row["b"] for row in rows[:3]] == ["x", "y", "z, w"]
    assert answers == [0.1, 0.2, 0.3, 0.4, 1.0]
    assert pd.isna(rows[3]["a"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "1.jsonl, line 2: Expecting property name"),
        ('{"captureData": {}}', "has no 'endpointInput'"),
        (capture('{"rows": []}', '{"predictions": []}'), "has no 'instances'"),
        (capture('{"instances": [{"a": 1}]}', '{"predictions": []}'), "1 rows, but 0 predictions"),
        (capture('{"instances": [1]}', '{"predictions": [1]}'), "instances are no objects"),
        (capture("x", '{"predictions": [1]}', endpointInput={"observedContentType": "image/png"}), "of type image/png"),
        (capture("", "", endpointInput={"data": "a", "encoding": "BASE64"}), "base64"),
        (
            capture("1\n", '{"predictions": [1]}', endpointInput={"observedContentType": "text/csv"}),
            "a row of 1 values, but the version has 2 columns",
        ),
    ],
)
def test_a_damaged_capture_is_counted_with_its_place_and_the_others_are_read(tmp_path, line, reason):
    good = capture('{"instances": [{"a": 1, "b": 2}]}', '{"predictions": [1]}')
    captures, rows, _ = read(tmp_path, good, line, good)
    assert (len(rows), captures.requests, captures.unreadable) == (2, 2, 1)
    assert reason.lower() in captures.examples[0].lower()


def test_damaged_captures_are_one_finding(baseline, tmp_path):
    file = tmp_path / "1.jsonl"
    file.write_text("{\n" * 9)
    found = compare(Captures([file], FEATURES), baseline, Limits(), window=WINDOW)
    (finding,) = found.findings
    assert (finding.kind, finding.value, found.verdict) == ("unreadable captures", 1.0, "no captures")


def test_a_few_damaged_captures_and_wrong_values_are_counted_and_are_no_finding(baseline):
    table = data(300, 7)
    rows = captured(table.assign(number_0=table["number_0"].astype(object).where(table.index != 5, "many")), [])
    found = compare(replace(rows, unreadable=1), baseline, Limits(), window=WINDOW)
    assert (found.unreadable, found.findings, found.verdict) == (1, [], "quiet")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("statistics.json", "{", "statistics.json: Expecting"),
        ("statistics.json", '{"features": [{"name": "a"}]}', "statistics.json: has no 'string_statistics'"),
        ("constraints.json", "{}", "constraints.json: has no 'features'"),
    ],
)
def test_a_damaged_baseline_names_the_file_and_the_place(tmp_path, file, content, message):
    for name in ("statistics.json", "constraints.json"):
        (tmp_path / name).write_text('{"features": []}')
    (tmp_path / file).write_text(content)
    with pytest.raises(BaselineError, match=message):
        read_baseline(tmp_path / "statistics.json", tmp_path / "constraints.json")


def test_metrics_count_what_has_drifted_by_version_and_group_of_columns(baseline):
    subject = {"use_case": "fraud/scoring", "environment": "production", "version": "arn:…:model-package/group/3"}
    table = data(2000, 7)
    found = report(baseline, table.assign(number_0=table["number_0"] * 1.6, text_1="new"), predictions(table))
    metrics = {
        (metric["MetricName"], tuple(dimension["Value"] for dimension in metric["Dimensions"])): metric["Value"]
        for metric in metric_data(found, subject)
    }
    assert namespace_of(subject) == "plinth/fraud/scoring"
    assert metrics[("DriftedColumns", ("production",))] == 2
    assert metrics[("DriftedColumns", ("production", "3", "numbers"))] == 1
    assert metrics[("DriftedColumns", ("production", "3", "texts"))] == 1
    assert metrics[("DriftedColumns", ("production", "3", "predictions"))] == 0
    assert metrics[("ComparedRows", ("production",))] == 2000
    quality = metrics[("DataQualityFindings", ("production",))]
    assert quality == len([finding for finding in found.findings if finding.kind != "drift"]) > 0


def test_the_event_of_a_comparison_names_the_report_and_what_has_drifted_without_special_characters(baseline):
    subject = {
        "use_case": "fraud/scoring",
        "environment": "production",
        "version": "arn:…:model-package/group/3",
        "bucket": "ml",
        "results": "scoring/monitoring/results/00003/",
        "bus": "arn:aws:events:eu-west-1:111122223333:event-bus/fraud--scoring-monitoring",
    }
    table = data(2000, 7)
    found = report(baseline, table.assign(number_1=table["number_1"] * 1.6, text_1="new"), predictions(table))
    event = comparison_event(found, subject)
    assert (event["EventBusName"], event["Source"]) == (subject["bus"], "fraud.scoring")
    detail = json.loads(event["Detail"])
    assert (detail["verdict"], detail["rows"], detail["version"]) == ("drift", 2000, subject["version"])
    assert detail["reason"] == "drift in production: number_1 text_1"
    assert detail["report"] == f"s3://ml/scoring/monitoring/results/00003/{found.window}/report.html"
    hostile = [replace(column, name='",<x>"\n' * 9, drifted=True) for column in [*found.columns, *found.columns]]
    reason = json.loads(comparison_event(replace(found, columns=hostile), subject)["Detail"])["reason"]
    assert not set(reason) & set('"<>,\n')
    assert len(reason) <= 256


def test_an_event_that_is_not_accepted_fails_the_job_after_its_metrics(baseline):
    class Client:
        def __init__(self):
            self.sent = []

        def put_metric_data(self, **given):
            self.sent.append(given)

        def put_events(self, Entries):  # noqa: N803 (name of the API)
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "NotAuthorized"}]}

    subject = dict.fromkeys(("use_case", "environment", "version", "bucket", "results"), "1")
    client = Client()
    found = report(baseline, data(300, 7))
    Monitor(s3=client, cloudwatch=client, events=client, subject={**subject, "bus": ""}).publish(found, stopped=False)
    with pytest.raises(OSError, match=r"bus-1 does not accept the event: .*NotAuthorized"):
        Monitor(s3=client, cloudwatch=client, events=client, subject={**subject, "bus": "bus-1"}).publish(
            found, stopped=False
        )
    assert len(client.sent) == 2


def test_the_page_of_a_report_shows_hostile_names_as_texts_and_needs_nothing_else(baseline):
    hostile = "<script>alert(1)</script>\u202e"
    found = report(baseline, data(2000, 7).assign(**{hostile: 1}))
    page = html(found, "fraud/scoring <b>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page
    assert "http" not in page.replace('lang="en"', "")
    assert page.count("<svg") == len(found.columns)
    json.dumps(found.as_dict(), allow_nan=False)
