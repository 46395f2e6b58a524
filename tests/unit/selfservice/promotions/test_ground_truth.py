"""Tests of the files that `plinth ground-truth` reads and uploads, and of their use by `plinth monitor --quality`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from plinth_project.monitoring.ground_truth.labels import Labels as JoinedLabels
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.promotions.monitoring.comparisons import qualities, quality_rows
from selfservice.promotions.monitoring.ground_truth import read_labels, upload
from selfservice.promotions.monitoring.places import MonitorPlace
from settings.data.ml_layout import GroundTruth, parse_key
from settings.derived.use_case_names import UseCaseNames


class Bucket:
    """An ML bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def can_paginate(self, _: str) -> bool:
        return False

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        assert Bucket == "ml-prod-fraud"
        self.objects[Key] = Body

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        return {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": io.BytesIO(self.objects[Key])}


def place(bucket: Bucket) -> MonitorPlace:
    account = Account(id="1", region="eu-west-1", role_arn=None)
    account._clients["s3"] = bucket
    names = UseCaseNames(team="fraud", use_case="scoring")
    return MonitorPlace(names=names, environment="production", account=account, bucket="ml-prod-fraud")


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "truth.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.requirement("MON-07.a")
def test_the_job_reads_what_is_uploaded_as_it_was_written(tmp_path: Path) -> None:
    bucket = Bucket()
    lines = 'label,id\n1,request-1\n"no, or late",request-2\n0.0,request-1\n,request-1\n'
    labels = read_labels(written(tmp_path, "\ufeff" + lines))
    uri = upload(place(bucket), labels)
    ((key, body),) = bucket.objects.items()
    assert uri == f"s3://ml-prod-fraud/{key}"
    assert parse_key(key).folder == GroundTruth(use_case="scoring")
    joined = JoinedLabels()
    joined.add("1", body.decode().splitlines(), new=True)
    assert joined.by_id == {"request-1": ("1", "0", ""), "request-2": ("no, or late",)}
    assert joined.left_out.count == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"truth.csv, line 1: the columns are nothing; write id,label"),
        ("id,truth\n1,1\n", r"line 1: the columns are id, truth; write id,label"),
        ("id,label\n", r"truth.csv: has no labels; write a line such as"),
        ("id,label\na,1\nb,1,2\n", r"line 3: has more values than columns; write id,label"),
        ("id,label\n,1\n", r"line 2: id '': write 1 to 64 ASCII characters"),
        ("id,label\nä,1\n", r"line 2: id 'ä': write"),
        (f"id,label\n{'a' * 65},1\n", r"line 2: id 'a+': write"),
        ('id,label\na,"1\n0"\n', r"line 3: label: contains a line break; write one value"),
        ("id,label\na,\nb,1\n", r"truth.csv: a has no label; remove its lines until its truth is known"),
        (b"id,label\n\xff,1\n", r"truth.csv: is no CSV file in UTF-8"),
        ('id,label\na,"1\n', r"truth.csv: is no CSV file in UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line_before_anything_is_uploaded(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(BadInputError, match=message):
        read_labels(written(tmp_path, content))


def test_days_of_all_versions_are_shown_with_the_newest_first() -> None:
    bucket, results = Bucket(), "scoring/monitoring/results"
    judged = {"rows": 900, "labelled": 450, "measure": "roc_auc", "trained": 0.91, "now": 0.7, "verdict": "worse"}
    for version, day in (("00002", "2026-11-24"), ("00003", "2026-11-25")):
        content = {**judged, "version": version, "day": day}
        bucket.objects[f"{results}/{version}/{day}/quality.json"] = json.dumps(content).encode()
    bucket.objects[f"{results}/00003/2026-11-25/report.json"] = b"{}"
    newest, older = quality_rows(qualities(place(bucket)))
    assert (newest["day"], newest["version"], newest["labelled"]) == ("2026-11-25", "3", "50%")
    assert (older["day"], older["trained"], older["now"], older["verdict"]) == ("2026-11-24", "0.910", "0.700", "worse")
