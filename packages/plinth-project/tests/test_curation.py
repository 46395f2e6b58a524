"""Captured requests that become rows of a dataset: which of them, with which label, and where they are written."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from plinth_project.deployment.monitoring import code_files
from plinth_project.monitoring import curation
from plinth_project.monitoring.curation import Curator, Selection, main
from plinth_project.monitoring.start import Starter
from plinth_project.monitoring.windows import Window

SUBJECT = {
    "bucket": "ml-prod",
    "features": ["amount", "country"],
    "version": "arn:aws:sagemaker:eu-west-1:1:model-package/fraud--scoring-main/3",
    "captures": "scoring/monitoring/capture/00003/fraud--scoring-prod/AllTraffic/",
    "ground_truth": "scoring/monitoring/ground-truth/",
}
TODAY = Window.around(datetime.now(UTC), "day")
YESTERDAY = Window.before(TODAY.start, "day")


@pytest.fixture
def s3():
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        for bucket in ("ml-prod", "drop"):
            client.create_bucket(Bucket=bucket)
        yield client


def capture(s3, day, hour, **requests):
    """Stores captures of an hour: rows of amount and prediction, by the id of their request."""
    lines = []
    for inference, rows in requests.items():
        asked = {"instances": [{"amount": amount, "country": "IE"} for amount, _ in rows]}
        parts = {"endpointInput": asked, "endpointOutput": {"predictions": [prediction for _, prediction in rows]}}
        data = {
            name: {"observedContentType": "application/json", "encoding": "JSON", "data": json.dumps(body)}
            for name, body in parts.items()
        }
        lines.append(json.dumps({"captureData": data, "eventMetadata": {"eventId": "e", "inferenceId": inference}}))
    key = f"{SUBJECT['captures']}{day.folder}{hour:02}/1.jsonl"
    s3.put_object(Bucket="ml-prod", Key=key, Body="\n".join([*lines, "damaged"]).encode())


def learn(s3, **labels):
    lines = [
        json.dumps({"groundTruthData": {"data": text, "encoding": "CSV"}, "eventMetadata": {"eventId": inference}})
        for inference, text in labels.items()
    ]
    s3.put_object(Bucket="ml-prod", Key=f"{SUBJECT['ground_truth']}1.jsonl", Body="\n".join(lines).encode())


def selected(s3, **selection):
    curator = Curator(s3=s3, subject=SUBJECT)
    found = curator.selected(Selection(**{"first": YESTERDAY, "last": TODAY, **selection}))
    return curator, [(row["request"], row["row"], row["amount"], row["label"]) for row in found]


@pytest.mark.requirement("WP-19")
@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, [("a", 0, 1, "1"), ("b", 0, 3, "0")]),
        ({"first": TODAY}, [("b", 0, 3, "0")]),
        ({"last": YESTERDAY}, [("a", 0, 1, "1")]),
        ({"least": 0.4, "most": 0.6}, [("b", 0, 3, "0")]),
        ({"unlabelled": True, "last": YESTERDAY}, [("a", 0, 1, "1"), ("a", 1, 2, ""), ("c", 0, 4, "")]),
    ],
)
def test_a_person_selects_days_and_predictions_of_rows_whose_truth_is_known(s3, selection, expected):
    capture(s3, YESTERDAY, 3, a=[(1, 0.1), (2, 0.9)], c=[(4, 0.2)])
    capture(s3, TODAY, 0, b=[(3, 0.5)])
    # Labels of another number of rows than the request has are left out.
    learn(s3, a="1,", b="0", c="1,1")
    curator, found = selected(s3, **selection)
    assert found == expected
    assert curator.unreadable >= 1


def test_of_more_rows_than_fit_a_random_part_is_taken(s3, monkeypatch):
    monkeypatch.setattr(curation, "_MOST", 20)
    capture(s3, TODAY, 0, a=[(number, 0.5) for number in range(400)])
    learn(s3, a=",".join(["1"] * 400))
    curator, found = selected(s3)
    assert (curator.seen, len(found)) == (400, 20)
    amounts = {amount for _, _, amount, _ in found}
    assert len(amounts) == 20
    assert 5 <= sum(amount < 200 for amount in amounts) <= 15


def test_a_column_of_the_name_of_an_added_one_is_refused(s3):
    curator = Curator(s3=s3, subject={**SUBJECT, "features": ["amount", "label"]})
    with pytest.raises(ValueError, match="the model has a column label, which files of curation add"):
        curator.selected(Selection(first=TODAY, last=TODAY))


@pytest.mark.requirement("WP-19")
def test_the_job_writes_one_file_and_a_receipt(s3, tmp_path, monkeypatch):
    capture(s3, TODAY, 1, a=[(1, 0.25)])
    learn(s3, a="1")
    (tmp_path / "subject.json").write_text(json.dumps(SUBJECT))
    monkeypatch.setattr(curation, "SUBJECT", tmp_path / "subject.json")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    words = ["--report", str(tmp_path / "report"), f"--first={TODAY.name}", f"--last={TODAY.name}"]
    main([*words, "--access-point=drop", "--key=results/reviewed/1.csv"])
    body = s3.get_object(Bucket="drop", Key="results/reviewed/1.csv")["Body"].read().decode()
    (row,) = csv.DictReader(io.StringIO(body))
    assert row == {
        "amount": "1", "country": "IE", "request": "a", "row": "0", "day": TODAY.name, "version": "3",
        "prediction": "0.25", "label": "1",
    }  # fmt: skip
    receipt = json.loads((tmp_path / "report" / "receipt.json").read_text())
    assert receipt == {"rows": 1, "seen": 1, "unreadable": 1, "key": "results/reviewed/1.csv"}
    main([*words, "--least=0.9", "--access-point=drop", "--key=results/reviewed/2.csv"])
    assert json.loads((tmp_path / "report" / "receipt.json").read_text())["rows"] == 0
    assert s3.list_objects_v2(Bucket="drop")["KeyCount"] == 1


class Jobs:
    def create_processing_job(self, **request):
        self.request = request


@pytest.fixture
def starter(s3, tmp_path):
    for name, file in code_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(file.read_bytes())
    subject = {"window": "hour", "bucket": "ml-prod", "results": "scoring/monitoring/results/00003/"}
    (tmp_path / "subject.json").write_text(json.dumps(subject))
    request = {
        "ProcessingJobName": "fraud--scoring-prod-monitor",
        "AppSpecification": {
            "ContainerEntrypoint": ["python", "-m", "plinth_project.monitoring.job"],
            "ContainerArguments": ["--statistics", "/opt/s", "--report", "/opt/ml/processing/report"],
        },
        "ProcessingInputs": [
            {"S3Input": {"S3Uri": "s3://ml-prod/code/"}},
            {"S3Input": {"S3Uri": "s3://models/s.json"}},
        ],
        "ProcessingOutputConfig": {
            "Outputs": [{"S3Output": {"S3Uri": "s3://ml-prod/scoring/monitoring/results/00003/"}}]
        },
    }
    (tmp_path / "request.json").write_text(json.dumps(request))
    return Starter(s3=s3, sagemaker=Jobs(), code=tmp_path)


WANTED = {
    "first": "2026-11-20",
    "last": "2026-11-27",
    "least": None,
    "most": 0.6,
    "unlabelled": True,
    "access_point": "fraud--reviewed--drop-3x7-s3alias",
    "folder": "results/reviewed/fraud/production/curated/scoring/",
}


def test_the_function_starts_the_job_with_what_a_person_wants(starter):
    now = datetime(2026, 11, 28, 6, 7, 8, tzinfo=UTC)
    answer = starter.start({"curate": WANTED}, now)
    request = starter.sagemaker.request
    assert answer == {
        "job": "fraud--scoring-prod-monitor-curated-20261128T060708",
        "receipt": "scoring/monitoring/results/00003/curated-20261128T060708/receipt.json",
    }
    assert request["ProcessingJobName"] == answer["job"]
    specification = request["AppSpecification"]
    assert specification["ContainerEntrypoint"] == ["python", "-m", "plinth_project.monitoring.curation"]
    assert specification["ContainerArguments"] == [
        "--report", "/opt/ml/processing/report", "--first=2026-11-20", "--last=2026-11-27",
        f"--access-point={WANTED['access_point']}", f"--key={WANTED['folder']}curated-20261128T060708.csv",
        "--most=0.6", "--unlabelled",
    ]  # fmt: skip
    assert len(request["ProcessingInputs"]) == 1
    (output,) = request["ProcessingOutputConfig"]["Outputs"]
    folder = answer["receipt"].removesuffix("receipt.json")
    assert output["S3Output"]["S3Uri"] == f"s3://ml-prod/{folder}"


@pytest.mark.parametrize("days", [{"first": "2026-11-28"}, {"last": "2026-11-27T13"}, {"first": "yesterday"}])
def test_days_that_are_none_or_not_in_order_start_nothing(starter, days):
    with pytest.raises(ValueError, match=r"days: |window: "):
        starter.start({"curate": {**WANTED, **days}}, datetime.now(UTC))
    assert not hasattr(starter.sagemaker, "request")
