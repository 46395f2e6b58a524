"""Ground truth that arrives days after predictions: the quality of the right days, and what is wrong with labels."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import boto3
import numpy as np
import pandas as pd
import pytest
from moto import mock_aws
from sklearn.metrics import roc_auc_score

from monitored import ALGORITHMS, baseline_of
from plinth_project.modules import importable, load
from plinth_project.monitoring.baseline import Quality
from plinth_project.monitoring.comparison.verdict import compare
from plinth_project.monitoring.effects.events import comparison_event, quality_events
from plinth_project.monitoring.effects.metrics import metric_data
from plinth_project.monitoring.ground_truth.judge import Judge
from plinth_project.monitoring.ground_truth.labels import Labels
from plinth_project.monitoring.ground_truth.measure import area_under_curve, day_quality
from plinth_project.monitoring.ground_truth.predictions import PredictionFile, read_predictions
from plinth_project.monitoring.groups import Facet, Share, Truth
from plinth_project.monitoring.report import Limits
from plinth_project.monitoring.report_page import html
from plinth_project.monitoring.rows import Table
from plinth_project.monitoring.values import canonical
from plinth_project.monitoring.windows import Window

TODAY = Window.around(datetime.now(UTC), "day")
SUBJECT = {
    "use_case": "fraud/scoring",
    "environment": "production",
    "version": "arn:aws:sagemaker:eu-west-1:111122223333:model-package/fraud--scoring/3",
    "bucket": "acme-ml",
    "bus": "arn:aws:events:eu-west-1:111122223333:event-bus/fraud--scoring-monitoring",
    "capture_percentage": 100,
    "results": "scoring/monitoring/results/00003/",
    "predictions": "scoring/monitoring/predictions/00003/",
    "ground_truth": "scoring/monitoring/ground-truth/",
    "ground_truth_days": 7,
}
TRAINED = Quality(measure="roc_auc", value=0.9, error=0.01, classes=("0", "1"))
SURE = Quality(measure="roc_auc", value=0.9, error=0.001, classes=("0", "1"))


def day(days_ago):
    return Window.around(TODAY.start - timedelta(days=days_ago), "day")


def scores(rows, seed, distance=1.8):
    """Returns scores and truth; with a distance of 1.8, the area under the ROC curve is 0.9."""
    random = np.random.default_rng(seed)
    truth = random.random(rows) < 0.3
    return (random.normal(size=rows) + distance * truth).tolist(), truth.astype(int).tolist()


@pytest.fixture
def bucket(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme-ml")
        yield client


class Service:
    """A use case whose predictions are kept and whose ground truth arrives."""

    def __init__(self, s3, folder):
        self.s3, self.folder, self.baseline = s3, folder, baseline_of(folder, pd.DataFrame({"a": [1, 2]}))

    def judge(self, version=3, **changes):
        places = {name: SUBJECT[name].replace("00003", f"{version:05}") for name in ("results", "predictions")}
        return Judge(s3=self.s3, subject={**SUBJECT, **places, **changes})

    def predicts(self, window, predictions, *, version=3, trained=TRAINED, prefix="id", **limits):
        object.__setattr__(self.baseline, "quality", trained)
        with PredictionFile(self.folder / "kept") as kept:
            for number, prediction in enumerate(predictions):
                kept.add(f"{prefix}-{number}", [prediction])
        self.judge(version).keep(window, kept.path, self.baseline, Limits(**limits))

    def learns(self, labels, *, prefix="id", name="1.jsonl"):
        lines = (record(f"{prefix}-{number}", label) for number, label in enumerate(labels))
        self.upload("".join(f"{line}\n" for line in lines), name)

    def upload(self, text, name="1.jsonl"):
        self.s3.put_object(
            Bucket="acme-ml", Key=f"scoring/monitoring/ground-truth/2026/11/27/10/{name}", Body=text.encode()
        )


def record(inference, label, **changes):
    data = {"data": str(label), "encoding": "CSV", **changes}
    return json.dumps({"groundTruthData": data, "eventMetadata": {"eventId": inference}, "eventVersion": "0"})


@pytest.fixture
def service(bucket, tmp_path):
    return Service(bucket, tmp_path)


def told(judged):
    return [(quality.version, quality.day, quality.labelled, quality.rows, quality.verdict) for quality in judged.days]


@pytest.mark.requirement("MON-07.a")
def test_truth_that_is_three_days_late_gives_the_quality_of_the_days_of_the_predictions(service):
    good, truth = scores(1000, 1)
    service.predicts(day(3), good, prefix="good")
    permuted = np.random.default_rng(2).permutation(good).tolist()
    service.predicts(day(2), permuted, prefix="permuted")
    assert service.judge().judged(day(1)).days == []
    service.learns(truth, prefix="good", name="1.jsonl")
    service.learns(truth[:600], prefix="permuted", name="2.jsonl")
    judged = service.judge().judged(TODAY)
    assert told(judged) == [
        ("00003", day(3).name, 1000, 1000, "as in training"),
        ("00003", day(2).name, 600, 1000, "worse"),
    ]
    assert judged.findings == []
    stored = json.load(
        service.s3.get_object(Bucket="acme-ml", Key=f"scoring/monitoring/results/00003/{day(2).name}/quality.json")[
            "Body"
        ]
    )
    assert stored == asdict(judged.days[1])
    assert service.judge().judged(TODAY).days == [], "nothing has changed since the last comparison"


def test_hours_of_a_day_are_one_day_and_later_labels_judge_it_again(service):
    predictions, truth = scores(1000, 1)
    hours = [Window.named(f"{day(2).name}T{hour}") for hour in ("08", "09")]
    service.predicts(hours[0], predictions[:500], prefix="early")
    service.predicts(hours[1], predictions[500:], prefix="late")
    service.learns(truth[:500], prefix="early", name="1.jsonl")
    assert told(service.judge().judged(TODAY)) == [("00003", day(2).name, 500, 1000, "as in training")]
    service.learns(truth[500:], prefix="late", name="2.jsonl")
    assert told(service.judge().judged(TODAY)) == [("00003", day(2).name, 1000, 1000, "as in training")]


def test_a_day_leaves_the_comparison_as_a_whole_also_if_windows_are_hours(service):
    predictions, truth = scores(1000, 1)
    for number, hour in enumerate(("00", "23")):
        part = slice(500 * number, 500 * (number + 1))
        service.predicts(Window.named(f"{day(7).name}T{hour}"), predictions[part], prefix=hour)
        service.learns(truth[part], prefix=hour, name=f"{hour}.jsonl")
    noon = Window.named(f"{TODAY.name}T12")
    service.s3.put_object(Bucket="acme-ml", Key=f"{SUBJECT['predictions']}quality.json", Body=of_another_release())
    before = replace(noon, start=noon.start - timedelta(days=1))
    assert told(service.judge().judged(before)) == [("00003", day(7).name, 1000, 1000, "as in training")]
    assert service.judge().judged(noon).days == [], "nothing has changed"


def of_another_release():
    """Returns what is known of a version, with a member that this release does not know, and without one."""
    limits = {name: value for name, value in asdict(Limits()).items() if name != "quality"}
    return json.dumps({"quality": {**asdict(TRAINED), "rows": 900}, "limits": {**limits, "windows": 3}}).encode()


def test_a_version_that_is_no_longer_served_is_judged_by_its_own_quality_and_starts_no_retraining(service):
    predictions, truth = scores(1000, 1, distance=0.5)
    service.predicts(day(2), predictions, version=2)
    service.predicts(
        day(1), predictions, version=3, prefix="new", trained=Quality(**{**asdict(TRAINED), "value": 0.64})
    )
    service.learns(truth, name="1.jsonl")
    service.learns(truth, prefix="new", name="2.jsonl")
    judged = service.judge().judged(TODAY)
    assert told(judged) == [
        ("00002", day(2).name, 1000, 1000, "worse"),
        ("00003", day(1).name, 1000, 1000, "as in training"),
    ]
    assert quality_events(judged.added_to(quiet(service)), SUBJECT) == []


def quiet(service):
    return compare(Table(pd.DataFrame({"a": [1]}), [0.5], ["a"]), service.baseline, Limits(), window=TODAY.name)


@pytest.mark.requirement("MON-05.a")
def test_a_worse_day_is_a_metric_an_event_and_a_sentence_of_the_page(service):
    predictions, truth = scores(1000, 1, distance=0.5)
    service.predicts(day(2), predictions)
    service.learns(truth)
    report = service.judge().judged(TODAY).added_to(quiet(service))
    (event,) = quality_events(report, SUBJECT)
    detail = json.loads(event["Detail"])
    assert (detail["verdict"], detail["rows"], detail["version"]) == ("worse", 1000, SUBJECT["version"])
    assert detail["reason"].startswith(f"roc_auc of {day(2).name} in production is 0.6")
    metrics = {
        (metric["MetricName"], *(part["Value"] for part in metric["Dimensions"])): metric["Value"]
        for metric in metric_data(report, SUBJECT)
    }
    assert metrics["WorseDays", "production"] == 1
    assert metrics["LabelledRows", "production"] == 1000
    assert metrics["ModelQuality", "production", "3", "roc_auc"] == report.days[0].now
    assert f"{day(2).name}, version 3: 1000 of 1000 rows have a label; roc_auc 0.6" in html(report, "fraud/scoring")


def test_without_new_labels_there_is_no_metric_that_could_end_an_alarm(service):
    report = service.judge().judged(TODAY).added_to(quiet(service))
    assert not {"WorseDays", "ModelQuality"} & {metric["MetricName"] for metric in metric_data(report, SUBJECT)}
    assert "Ground truth" not in html(report, "fraud/scoring")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{\n", "1 lines cannot be read: 1.jsonl, line 1: Expecting property name"),
        ('{"eventMetadata": {"eventId": "id-1"}}\n', "line 1: has no 'groundTruthData'"),
        (record("id-1", "1", encoding="XML") + "\n", "line 1: encoding 'XML'; known are 'CSV' and 'JSON'"),
        (record("", "1") + "\n", "line 1: eventId is no text"),
        (record("id-0", "1,0") + "\n", "1 ids have another number of labels than their request has rows"),
        (record("twice-0", "1") + "\n", "1 ids are those of several requests, so their labels are left out"),
        (
            "".join(record(f"never-{n}", "1") + "\n" for n in range(3)),
            "3 of 3 ids have no captured prediction of the last 7 days; the id is",
        ),
    ],
)
def test_ground_truth_that_belongs_to_nothing_is_one_finding(service, text, sentence):
    service.predicts(day(3), [0.1], prefix="twice")
    service.predicts(day(2), [0.1], prefix="twice")
    service.predicts(day(1), [0.1, 0.2])
    service.upload(text)
    judged = service.judge().judged(TODAY)
    (finding,) = judged.findings
    assert (finding.kind, finding.sentence.startswith("ground truth: "), sentence in finding.sentence) == (
        "ground truth",
        True,
        True,
    )
    assert judged.days == []
    assert judged.added_to(quiet(service)).verdict == "too few rows"


def test_labels_of_requests_that_are_not_captured_are_no_finding(service):
    predictions, truth = scores(1000, 1)
    service.predicts(day(1), predictions[:290])
    service.learns(truth)
    assert service.judge(capture_percentage=30).judged(TODAY).findings == []
    (finding,) = service.judge(capture_percentage=90).judged(TODAY).findings
    assert "710 of 1000 ids have no captured prediction" in finding.sentence


def test_labels_that_are_no_class_are_a_finding_and_do_not_count(service):
    predictions, truth = scores(400, 1)
    service.predicts(day(1), predictions)
    service.learns(["maybe" if number < 100 else label for number, label in enumerate(truth)])
    judged = service.judge().judged(TODAY)
    assert told(judged) == [("00003", day(1).name, 300, 400, "as in training")]
    assert [finding.sentence for finding in judged.findings] == [
        f"ground truth: 100 labels of {day(1).name} are no value that the model predicts"
    ]


def test_predictions_that_are_older_than_their_truth_may_be_are_left_out(service):
    predictions, truth = scores(1000, 1)
    service.predicts(day(9), predictions)
    service.learns(truth)
    judged = service.judge().judged(TODAY)
    assert judged.days == []
    assert "1000 of 1000 ids have no captured prediction of the last 7 days" in judged.findings[0].sentence


def test_a_label_that_is_given_again_replaces_the_first():
    labels = Labels()
    labels.add("1.jsonl", [record("a", "0"), record("b", "[1.0, null]", encoding="JSON")], new=False)
    labels.add("2.jsonl", [record("a", " 1 ")], new=True)
    assert labels.by_id == {"a": ("1",), "b": ("1", "")}
    assert labels.new == {"a"}


def judged(pairs, trained=TRAINED, **limits):
    return day_quality("00003", "2026-11-24", pairs, len(pairs), trained, Limits(**limits))


def pairs_of(rows, seed, distance=1.8):
    predictions, truth = scores(rows, seed, distance)
    return list(zip(predictions, map(str, truth), strict=True))


@pytest.mark.parametrize("rows", [200, 5000])
def test_days_of_the_same_quality_are_not_called_worse(rows):
    assert {judged(pairs_of(rows, seed)).verdict for seed in range(100)} == {"as in training"}


def test_few_labels_and_labels_of_one_class_are_not_judged():
    pairs = pairs_of(199, 1)
    assert judged(pairs).verdict == "too few labels"
    assert judged([(prediction, "1") for prediction, _ in pairs_of(300, 1)]).verdict == "too few labels"
    assert judged(pairs, minimum_rows=100).verdict == "as in training"
    assert judged(pairs, None).verdict == "not comparable"


def test_a_loss_that_is_significant_and_small_does_not_count():
    found = judged(pairs_of(100_000, 1, distance=1.7), SURE)
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert (found.verdict, judged(pairs_of(100_000, 1, distance=1.7), SURE, quality=0.01).verdict) == (
        "as in training",
        "worse",
    )


def test_the_area_and_its_error_are_those_of_repeated_samples():
    found = area_under_curve(*map(np.array, scores(500, 1)))
    assert found.value == pytest.approx(roc_auc_score(*reversed(scores(500, 1))))
    several = [roc_auc_score(*reversed(scores(500, seed))) for seed in range(1000)]
    errors = [area_under_curve(*map(np.array, scores(500, seed))).error for seed in range(1000)]
    assert np.mean(errors) == pytest.approx(np.std(several), rel=0.1)
    with importable(ALGORITHMS):
        template = load(ALGORITHMS, "shared_libraries/metrics.py").quality(*reversed(scores(500, 1)), [0, 1])
    assert (template["value"], template["error"]) == pytest.approx((found.value, found.error))


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "as in training"), (1.3, "worse"), (0.7, "as in training")])
def test_a_regression_is_worse_if_its_errors_are_larger(factor, verdict):
    random = np.random.default_rng(1)
    trained = Quality(measure="rmse", value=10.0, error=3.2)
    truth = random.normal(100, 50, 2000)
    pairs = [(float(value + random.normal(0, 10 * factor)), str(value)) for value in truth]
    found = judged([*pairs, (1.0, "many")], trained)
    assert (found.verdict, found.unknown_labels) == (verdict, 1)
    assert found.now == pytest.approx(10 * factor, rel=0.05)


@pytest.mark.parametrize(
    ("label", "known"), [("1.0", "1"), (" yes ", "yes"), ("0.50", "0.5"), ("nan", "nan"), ("1e400", "inf")]
)
def test_labels_are_compared_as_numbers_where_they_are_numbers(label, known):
    assert canonical(label) == known


def facet(name="sex=f", **changes):
    """Returns a facet whose groups the model treated alike: nine of ten rows right, eight of ten positives found."""
    truth = Truth(rows=1000, right=900, actual=400, found=320)
    share = Share(rows=1000, positive=380)
    told = {"column": "sex", "values": ["f"], "at_least": None, "at_most": None, "threshold": 0.5}
    return Facet(name=name, **{**told, "group": share, "others": share, "truth": (truth, truth), **changes})


def answers(service, facets, *, missed, rows=1000, columns=("sex",), version=3, seed=5):
    """Keeps predictions and their truth. Of the positive rows, this part is missed: that of women, and of others."""
    random = np.random.default_rng(seed)
    women, truth = random.random(rows) < 0.5, random.random(rows) < 0.4
    misses = random.random(rows) < np.where(women, *missed)
    wrong = random.random(rows) < 0.03
    predicted = np.where(truth, ~misses, wrong)
    object.__setattr__(service.baseline, "facets", facets)
    object.__setattr__(service.baseline, "quality", TRAINED)
    with PredictionFile(service.folder / "kept", columns) as kept:
        for number in range(rows):
            asked = {"sex": "f" if women[number] else "m", "amount": 1}
            kept.add(f"id-{number}", [0.9 if predicted[number] else 0.1], [asked])
    service.judge(version).keep(day(2), kept.path, service.baseline, Limits())
    service.learns(truth.astype(int).tolist())
    return service.judge().judged(TODAY)


@pytest.mark.requirement("WP-03.c", "MON-06.a")
def test_a_group_whose_positive_rows_are_missed_more_often_than_in_training_has_drifted(service):
    judged = answers(service, [facet()], missed=(0.6, 0.2))
    (judged_day,) = judged.days
    by_measure = {group.measure: group for group in judged_day.groups}
    recall = by_measure["recall"]
    assert recall.drifted
    assert recall.trained == pytest.approx(0.0)
    assert recall.now == pytest.approx(0.4, abs=0.1)
    (finding,) = [
        candidate for candidate in judged.findings if candidate.column == "sex=f" and "recall" in candidate.sentence
    ]
    assert finding.kind == "drift of bias"
    report = judged.added_to(quiet(service))
    assert (report.verdict, report.drifted) == ("drift", ["bias of sex=f"])
    metrics = {
        metric["MetricName"]: metric["Value"]
        for metric in metric_data(report, SUBJECT)
        if len(metric["Dimensions"]) == 1
    }
    assert metrics["DriftedColumns"] == 1
    assert "the recall of other rows is larger" in html(report, "scoring")
    event = json.loads(comparison_event(report, SUBJECT)["Detail"])
    assert (event["verdict"], "bias of sex=f" in event["reason"]) == ("drift", True)


def test_groups_that_are_treated_as_in_training_are_no_finding(service):
    alike = answers(service, [facet()], missed=(0.2, 0.2))
    assert [group.drifted for group in alike.days[0].groups] == [False, False]
    assert alike.findings == []


FEW = Truth(rows=20, right=18, actual=9, found=8)


@pytest.mark.parametrize(
    ("facets", "columns"),
    [([facet(truth=None)], ("sex",)), ([facet()], ())],
    ids=["an older build counted no truth", "an older release kept no groups"],
)
def test_without_groups_of_both_sides_there_is_no_comparison(service, facets, columns):
    judged = answers(service, facets, missed=(0.9, 0.2), columns=columns)
    assert (judged.days[0].groups, judged.findings) == ([], [])


@pytest.mark.parametrize(
    ("facets", "rows"),
    [([facet(truth=(FEW, facet().truth[1]))], 1000), ([facet()], 100)],
    ids=["few rows in training", "few positive rows now"],
)
def test_groups_of_few_rows_are_not_judged(service, facets, rows):
    judged = answers(service, facets, missed=(0.9, 0.2), rows=rows)
    (recall,) = (group for group in judged.days[0].groups if group.measure == "recall")
    assert (recall.now, recall.p_value, recall.drifted) == (None, None, False)


def test_bias_of_a_version_that_is_no_longer_served_is_known_and_no_finding(service):
    judged = answers(service, [facet()], missed=(0.6, 0.2), version=2)
    assert any(group.drifted for group in judged.days[0].groups)
    assert judged.findings == []


def test_what_a_caller_sends_as_a_group_is_kept_only_if_it_is_a_value(tmp_path):
    with PredictionFile(tmp_path / "kept", ["sex"]) as kept:
        kept.add("1", [0.5, 0.5, 0.5], [{"sex": "f"}, {"sex": ["f"]}, {}])
    (read,) = read_predictions(tmp_path / "kept")
    assert read.columns == {"sex": ["f", None, None]}
    assert Facet.of(facet().described) == facet()
