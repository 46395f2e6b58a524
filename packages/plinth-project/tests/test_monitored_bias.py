"""Bias and explanations of later predictions, compared with those for rows that training did not see."""

from __future__ import annotations

import json
import sys
import tarfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitored import ALGORITHMS, WINDOW, baseline_of
from plinth_project.modules import importable, load
from plinth_project.monitoring.baseline import BaselineError, read_baseline
from plinth_project.monitoring.comparison.attributions import Model, Sample, gain
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.effects.events import comparison_event
from plinth_project.monitoring.effects.metrics import metric_data
from plinth_project.monitoring.groups import Facet, Share
from plinth_project.monitoring.report import Limits
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table

FEATURES = ["income", "sex"]
SUBJECT = {
    "use_case": "fraud/scoring",
    "environment": "production",
    "version": "arn:aws:sagemaker:eu-west-1:1:model-package/fraud/3",
    "bus": "arn:bus",
    "bucket": "ml",
    "results": "scoring/monitoring/results/00003/",
}


def data(rows, seed):
    random = np.random.default_rng(seed)
    return pd.DataFrame({"income": random.normal(size=rows), "sex": random.choice(["f", "m"], rows, p=[0.4, 0.6])})


def predictions(table, advantage=0.4, seed=9):
    """Returns scores of which those of men are positive more often."""
    random = np.random.default_rng(seed)
    raised = table["income"] + np.where(table["sex"] == "m", advantage, -advantage) + random.normal(size=len(table))
    return (1 / (1 + np.exp(-raised))).tolist()


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    """Returns the baseline of a version whose build compared women with others, and explained predictions."""
    folder, unseen = tmp_path_factory.mktemp("baseline"), data(3000, 2)
    scores = predictions(unseen)
    baseline_of(folder, data(5000, 1), scores)
    with importable(ALGORITHMS):
        described = load(ALGORITHMS, "postprocessing/baseline/__main__.py")
        fairness = load(ALGORITHMS, "shared_libraries/fairness.py")
    model = type("Model", (), {"features": FEATURES})()
    facets = [fairness.Facet.of("sex=f"), fairness.Facet.of("region=south")]
    members = fairness.members(unseen.assign(region="south"), facets)
    file = folder / "statistics.json"
    groups = described.groups_of(model, members, scores)
    assert [group["facet"] for group in groups] == ["sex=f"], "requests do not have other columns"
    content = {**json.loads(file.read_text()), "groups": groups, "attributions": {"income": 0.8, "sex": 0.3}}
    file.write_text(json.dumps(content))
    return read_baseline(file, folder / "constraints.json")


@pytest.fixture(autouse=True)
def _without_the_modules_of_the_template():
    yield
    forget()


def forget():
    """Forgets the modules of the template."""
    for name in [module for module in sys.modules if module.partition(".")[0] in TEMPLATE]:
        del sys.modules[name]


TEMPLATE = ("inference", "postprocessing", "shared_libraries", "training")


def report(baseline, table, scores, explain=None):
    return compare(Table(table, scores, FEATURES), baseline, Limits(), window=WINDOW, explain=explain)


@pytest.mark.parametrize("rows", [200, 2000, 50_000])
def test_twenty_quiet_windows_have_no_drift_of_bias(baseline, rows):
    for seed in range(20 if rows < 50_000 else 2):
        table = data(rows, 100 + seed)
        found = report(baseline, table, predictions(table, seed=seed))
        assert found.verdict == "quiet", [finding.sentence for finding in found.findings]
        (group,) = found.groups
        assert group.now is not None
        assert group.now == pytest.approx(group.trained, abs=0.3)


@pytest.mark.requirement("MON-06.a", "MON-06.c", "WP-03.c")
def test_a_group_that_gets_fewer_positive_predictions_is_drift_of_bias(baseline):
    table = data(2000, 7)
    # As many predictions are positive as before, and other people get them.
    found = report(baseline, table, predictions(table, advantage=0.9))
    (finding,) = found.findings
    assert (finding.kind, finding.column) == ("drift of bias", "sex=f")
    assert finding.sentence.startswith("sex=f: the share of positive predictions of other rows is larger than that of")
    assert found.verdict == "drift"
    assert found.drifted == ["bias of sex=f"]
    detail = json.loads(comparison_event(found, SUBJECT)["Detail"])
    assert (detail["verdict"], detail["reason"]) == ("drift", "drift in production: bias of sex=f")
    metrics = {
        (metric["MetricName"], metric["Dimensions"][-1]["Value"]): metric["Value"]
        for metric in metric_data(found, SUBJECT)
    }
    assert metrics["DriftedColumns", "production"] == 1
    assert (metrics["DriftedColumns", "bias"], metrics["DriftedColumns", "texts"]) == (1, 0)
    assert metrics["DataQualityFindings", "production"] == 0
    page = html(found, "scoring")
    assert '<tr class="drifted"><th scope="row">sex=f</th><td>yes</td>' in page


def test_a_group_with_few_rows_is_not_judged(baseline):
    table = data(2000, 7).assign(sex="m")
    table.loc[:20, "sex"] = "f"
    found = report(baseline, table, [0.9 if sex == "m" else 0.1 for sex in table["sex"]])
    (group,) = found.groups
    assert (group.rows, group.now, group.drifted) == (21, None, False)


def test_a_group_that_the_build_did_not_see_is_not_judged(baseline):
    (facet,) = baseline.facets
    unseen = replace(baseline, facets=[replace(facet, group=Share())])
    table = data(2000, 7)
    found = report(unseen, table, predictions(table))
    (group,) = found.groups
    assert (group.trained, group.now, group.drifted) == (None, None, False)
    json.dumps(found.as_dict(), allow_nan=False)
    assert "sex=f" in html(found, "scoring")


def test_rows_without_predictions_are_of_no_group(baseline):
    found = report(baseline, data(300, 7), [])
    assert (found.groups[0].rows, found.groups[0].other_rows) == (0, 0)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"values": ["1", "f"]}, [1, 1, 1, 0, np.nan, 1]),
        ({"at_least": 1}, [1, 1, np.nan, 1, np.nan, 1]),
        ({"at_most": 1.5}, [1, 1, np.nan, 0, np.nan, 1]),
    ],
)
def test_values_belong_to_a_group_whatever_the_caller_sent(definition, expected):
    column = pd.Series([1, "1.0", "f", 2.5, None, True], dtype=object)
    counts = {"rows": 1, "positive": 1}
    given = {"facet": "x", "column": "x", "threshold": 0.5, "group": counts, "others": counts, **definition}
    assert Facet.of(given).members(column).tolist() == pytest.approx(expected, nan_ok=True)


def test_a_share_of_a_few_rows_is_not_exact():
    assert Share(rows=10, positive=10).variance > Share(rows=1000, positive=1000).variance > 0


def test_damaged_groups_are_named(tmp_path):
    baseline_of(tmp_path, data(50, 1))
    file = tmp_path / "statistics.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "groups": [{"facet": "sex=f"}]}))
    with pytest.raises(BaselineError, match=r"statistics\.json: has no 'column'"):
        read_baseline(file, tmp_path / "constraints.json")


def quiet(table, explain, baseline):
    return report(baseline, table, predictions(table), explain)


@pytest.mark.requirement("MON-06.b", "MON-06.c")
@pytest.mark.parametrize(
    ("now", "drifted"),
    [({"income": 0.9, "sex": 0.2}, []), ({"income": 0.2, "sex": 0.9}, ["attributions"])],
)
def test_another_order_of_the_features_is_drift_of_attributions(baseline, now, drifted):
    seen = []

    def explain(rows):
        seen.append(rows)
        return now

    table = data(3000, 7)
    found = quiet(table, explain, baseline)
    assert found.drifted == drifted
    assert found.verdict == ("drift" if drifted else "quiet")
    (rows,) = seen
    assert (len(rows), list(rows.columns)) == (500, FEATURES)
    assert found.attributions is not None
    assert (found.attributions.rows, found.attributions.now) == (500, now)
    if drifted:
        (finding,) = found.findings
        assert "predictions rely most on sex, income; in training on income, sex" in finding.sentence
        assert metric_data(found, SUBJECT)[0]["Value"] == 1
    assert "Mean size of the SHAP values of each feature in 500 predictions" in html(found, "scoring")


def test_what_cannot_be_explained_is_one_finding(baseline):
    def explain(rows):
        raise RuntimeError("no trees")

    table = data(300, 7)
    for failing, reason in (
        (baseline, "RuntimeError: no trees"),
        (replace(baseline, attributions={}), "ValueError: the version was built without `explanation`"),
    ):
        found = quiet(table, explain, failing)
        (finding,) = found.findings
        assert finding.sentence.startswith(f"predictions cannot be explained: {reason}")
        assert (found.verdict, found.attributions) == ("data quality", None)
    found = report(baseline, table.drop(columns=["sex"]), predictions(table), lambda rows: {})
    assert "predictions cannot be explained: ValueError: no row has the column sex" in [
        finding.sentence for finding in found.findings
    ]


def test_a_window_with_few_rows_is_not_explained(baseline):
    table = data(100, 7)
    assert quiet(table, lambda rows: pytest.fail("was explained"), baseline).verdict == "too few rows"


def test_the_gain_is_that_of_an_order_by_its_weights_in_training():
    trained = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert gain(trained, {"a": 9, "b": 5, "c": 1}) == 1
    best, reversed_order = 3 + 2 / np.log2(3) + 1 / 2, 1 + 2 / np.log2(3) + 3 / 2
    assert gain(trained, {"a": 1, "b": 2, "c": 3}) == pytest.approx(reversed_order / best)
    assert gain({"a": 0.0}, {"a": 1}) == 1


def test_a_sample_has_each_row_with_the_same_chance(baseline):
    counts = np.zeros(1000)
    for seed in range(40):
        sample = Sample(100, seed)
        for start in (0, 50, 400):
            end = {0: 50, 50: 400, 400: 1000}[start]
            sample.add(pd.DataFrame({"income": range(start, end), "sex": "f"}))
        counts[sample.table(FEATURES, baseline)["income"].astype(int)] += 1
    assert counts.sum() == 4000
    assert [counts[start : start + 250].sum() for start in range(0, 1000, 250)] == pytest.approx([1000] * 4, rel=0.15)


def test_the_code_in_the_archive_of_a_version_explains_its_predictions(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ALGORITHMS))
    train = load(ALGORITHMS, "training/train/__main__.py")
    table = data(400, 3).assign(granted=lambda rows: (rows["income"] > 0).astype(int))
    fitted = train.fit(table, problem="classification", target="granted", seed=1, max_iter=5)
    model = train.predictor_of(fitted, table[FEATURES], problem="classification", target="granted")
    model.save(tmp_path, {})
    train.add_code(tmp_path)
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as packed:
        for name in ("about.json", "model.joblib", "code"):
            packed.add(tmp_path / name, name)
    monkeypatch.undo()
    forget()
    found = Model(tmp_path / "model.tar.gz", tmp_path / "unpacked").attributions(table[FEATURES])
    assert set(found) == set(FEATURES)
    assert found["income"] > 10 * found["sex"]
    assert sys.modules["inference.serve.attributions"].__file__.startswith(str(tmp_path / "unpacked"))
