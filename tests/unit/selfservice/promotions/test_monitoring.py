"""Tests of how `plinth monitor` evaluates reports and starts a comparison."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.monitoring.comparisons import columns, reports, rows, sparkline, start
from selfservice.promotions.monitoring.places import WATCHES, MonitorPlace
from settings.derived.use_case_names import UseCaseNames

RESULTS = "scoring/monitoring/results"
COLUMN = {"group": "numbers", "psi": 0.4, "drifted": True}


def report(window: str, distance: float | None = 0.3, **changes: object) -> dict[str, Any]:
    column = {**COLUMN, "name": "amount", "distance": distance, "drifted": bool(distance)}
    finding = {"kind": "drift", "column": "amount", "sentence": "amount: differs"}
    return {
        "window": window,
        "version": "arn:aws:sagemaker:eu-west-1:1:model-package/fraud--scoring-main/3",
        "rows": 900,
        "verdict": "drift" if distance else "quiet",
        "findings": [finding] if distance else [],
        "columns": [column],
        **changes,
    }


def test_bias_and_attributions_that_have_drifted_are_named_with_the_columns() -> None:
    groups = [{"facet": "sex=f", "drifted": True}, {"facet": "age>=60", "drifted": False}]
    (row,) = rows([report("2026-11-27", groups=groups, attributions={"drifted": True})])
    assert row["drifted"] == "amount bias:sex=f attributions"


class Aws:
    """S3, Lambda and SageMaker with what a test puts into them."""

    def __init__(self, objects: dict[str, Any] | None = None, job: dict[str, str] | None = None) -> None:
        self.objects, self.job, self.payloads = objects or {}, job or {}, [{"job": "job-1", "window": "2026-11-27"}]
        self.error: dict[str, str] = {}

    def can_paginate(self, _: str) -> bool:
        return False

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "ml-prod-fraud"
        return {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "ml-prod-fraud"
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "fraud--scoring-prod-start-monitor"
        self.asked = json.loads(Payload)
        return {"Payload": io.BytesIO(json.dumps(self.payloads[0]).encode()), **self.error}

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, str]:  # noqa: N803
        assert ProcessingJobName == "job-1"
        return self.job


def place(aws: Aws) -> MonitorPlace:
    account = Account(id="1", region="eu-west-1", role_arn=None)
    account._clients.update(dict.fromkeys(("s3", "lambda", "sagemaker"), aws))
    names = UseCaseNames(team="fraud", use_case="scoring")
    return MonitorPlace(names=names, environment="production", account=account, bucket="ml-prod-fraud")


def test_the_newest_windows_come_first_whatever_their_version() -> None:
    windows = {"2026-11-26": "00002", "2026-11-27": "00002", "2026-11-28": "00001"}
    found = {f"{RESULTS}/{version}/{window}/report.json": report(window) for window, version in windows.items()}
    aws = Aws({**found, f"{RESULTS}/00001/2026-11-28/report.html": "page"})
    assert [comparison["window"] for comparison in reports(place(aws))] == ["2026-11-28", "2026-11-27", "2026-11-26"]
    assert [comparison["window"] for comparison in reports(place(aws), most=1)] == ["2026-11-28"]


def test_a_row_says_what_a_window_found() -> None:
    drifted, quiet = rows([report("2026-11-27"), report("2026-11-26", None)])
    assert drifted["verdict"] == "drift"
    assert (drifted["version"], drifted["drifted"], drifted["findings"]) == ("3", "amount", "drift amount")
    assert (quiet["drifted"], quiet["findings"]) == (None, None)


def test_a_column_has_a_history_with_the_oldest_window_first() -> None:
    (row,) = columns([report("2026-11-27", 0.99), report("2026-11-26", None), report("2026-11-25", 0.0)], [])
    assert (row["distance"], row["drifted"], row["history"]) == ("0.990", "yes", "▁ █")
    assert sparkline([0.0, 0.5, 1.0]) == "▁▅█"
    with pytest.raises(BadInputError, match="no report has a column ammount; there are: amount"):
        columns([report("2026-11-27")], ["ammount"])


def test_a_comparison_is_awaited_and_its_failure_says_why() -> None:
    aws = Aws(job={"ProcessingJobStatus": "Completed"})
    assert start(place(aws), "2026-11-27") == "2026-11-27"
    assert aws.asked == {"window": "2026-11-27"}
    failed = Aws(job={"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: no baseline"})
    with pytest.raises(RefusedError, match="job-1 is Failed: AlgorithmError: no baseline"):
        start(place(failed), None)
    assert failed.asked == {}


def test_a_window_that_the_function_refuses_is_bad_input() -> None:
    aws = Aws()
    aws.payloads, aws.error = [{"errorMessage": "window: 2027-01-01 is in the future"}], {"FunctionError": "Unhandled"}
    with pytest.raises(BadInputError, match="is in the future"):
        start(place(aws), "2027-01-01")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [("AccessDenied", WATCHES), ("ResourceNotFoundException", "release a version whose inference_config")],
)
def test_without_permission_or_release_the_answer_says_what_to_do(code: str, remedy: str) -> None:
    aws = Aws()

    def invoke(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "Invoke")

    aws.invoke = invoke  # type: ignore[assignment,method-assign]
    with pytest.raises(RefusedError, match=remedy):
        start(place(aws), None)
