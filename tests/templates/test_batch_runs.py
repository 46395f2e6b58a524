"""Batch inference of a generated deployment repository in the sandbox, from the arrival of an input to the lake."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator

import pandas as pd
import pytest

from plinth_sandbox.testing import EmulatedAws
from tests.templates.batch_account import BUCKET, LANDING, SAMPLE, VERSION_ARN, BatchAccount, opened
from tests.templates.batch_intake import BatchIntake
from tests.templates.projects import environment

pytestmark = pytest.mark.nightly

DAY, NEXT = "20260102T060000-1a2b3c4", "20260103T060000-1a2b3c4"
PREDICT = """
import sys
from pathlib import Path
import pandas as pd
sys.path.insert(0, sys.argv[1] + "/code")
from inference.serve.predictor import Predictor
table = pd.read_csv(sys.stdin)
print("\\n".join(map(repr, Predictor.load(Path(sys.argv[1])).predictions(table))))
"""
"""Predicts a table with the model of a folder, without a service."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchAccount]:
    """Returns an account in which the inputs of two days have arrived. The second one is not like the training data."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        found = BatchAccount(server, tmp_path_factory.mktemp("batch"))
        found.arrive(DAY, arrivals().to_csv(index=False))
        for _ in range(2):
            found.mark(DAY)
        found.arrive(NEXT, arrivals().assign(bmi=lambda table: table["bmi"] + 20).to_csv(index=False))
        yield found


def arrivals() -> pd.DataFrame:
    """Returns the rows of a day: an id, the columns of the model in another order, and no label."""
    table = pd.read_csv(SAMPLE).drop(columns="progression")
    table = table[sorted(table.columns, reverse=True)]
    return table.assign(patient=[f"p-{number}" for number in range(len(table))])


def predicted(account: BatchAccount, table: pd.DataFrame) -> list[float]:
    """Returns what the model of the registry predicts on this machine."""
    folder = opened(account.version("model.tar.gz"), account.folder / "model")
    words = [str(environment() / "bin" / "python"), "-c", PREDICT, str(folder)]
    done = subprocess.run(words, input=table.to_csv(index=False), capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


@pytest.mark.requirement("BI-03", "BI-04.a", "BI-04.b", "BI-07.b", "BI-07.d", "AMB-09.a")
def test_the_arrivals_of_a_day_are_scored_and_returned_to_the_lake(account: BatchAccount) -> None:
    found = account.ended(DAY)
    reasons = [step["FailureReason"] for step in account.steps(DAY).values() if "FailureReason" in step]
    assert found["PipelineExecutionStatus"] == "Succeeded", reasons
    returned = account.object(LANDING, f"results/fraud-scores/fraud/production/{DAY}.csv")
    assert returned == account.object(BUCKET, f"scoring/{DAY}/ml-pipeline-outputs/results/data.csv")
    results = pd.read_csv(io.StringIO(returned))
    assert list(results.columns) == ["patient", "prediction"]
    assert list(results["patient"]) == list(arrivals()["patient"])
    assert results["prediction"].to_list() == pytest.approx(predicted(account, arrivals()))
    report = json.loads(account.object(BUCKET, f"scoring/{DAY}/ml-pipeline-outputs/reports/report.json"))
    assert report["dataset"]["item_count"] == len(results)
    assert set(account.steps(DAY)) == {"Prepare", "Score", "Report", "Drift", "Return", "Compare"}


@pytest.mark.requirement("BI-07.b")
def test_repeated_events_start_nothing(account: BatchAccount) -> None:
    account.ended(NEXT)
    account.mark(DAY)
    assert (account.count(DAY), account.count(NEXT)) == (1, 1)


@pytest.mark.requirement("BI-07.a", "INT-03", "INT-06.a", "INT-09.a")
def test_an_intake_copies_the_days_rows_of_the_lake_and_each_copy_is_predicted_once(account: BatchAccount) -> None:
    intake, event = BatchIntake(account, arrivals()), {"claim": "clock 2026-11-21T04:00:00Z", "gather": False}
    run = intake.run(event, "one")
    assert run.succeeded, run.asked[-1]
    build = run.output["location"].split("/")[4]
    found = account.ended(build)
    reasons = [step["FailureReason"] for step in account.steps(build).values() if "FailureReason" in step]
    assert found["PipelineExecutionStatus"] == "Succeeded", reasons
    results = pd.read_csv(io.StringIO(account.object(LANDING, f"results/fraud-scores/fraud/production/{build}.csv")))
    expected = dict(zip(arrivals()["patient"], predicted(account, arrivals()), strict=True))
    assert dict(zip(results["patient"], results["prediction"], strict=True)) == pytest.approx(expected)
    assert intake.run(event, "two").states[-1] == "NothingToDo"
    assert account.count(build) == 1


@pytest.mark.requirement("BI-05")
def test_an_input_unlike_the_training_data_is_reported_with_its_columns(account: BatchAccount) -> None:
    found = account.ended(NEXT)
    assert found["PipelineExecutionStatus"] == "Failed"
    failed = account.steps(NEXT)["Compare-found"]
    assert failed["FailureReason"] == "the input differs from the data of training: bmi"
    report = json.loads(account.object(BUCKET, f"scoring/{NEXT}/ml-pipeline-outputs/drift/report.json"))
    assert (report["verdict"], {finding["column"] for finding in report["findings"]}) == ("drift", {"bmi"})
    assert account.object(LANDING, f"results/fraud-scores/fraud/production/{NEXT}.csv")


@pytest.mark.requirement("BI-05", "MON-05.a")
def test_every_comparison_in_production_is_told_on_the_bus_that_starts_retrainings(account: BatchAccount) -> None:
    reports = {}
    for build in (DAY, NEXT):
        account.ended(build)
        event = account.comparison()
        assert event["source"] == "fraud.scoring"
        detail = event["detail"]
        assert (detail["environment"], detail["version"]) == ("production", VERSION_ARN)
        reports[detail["verdict"]] = detail["report"]
    bucket, _, key = reports["drift"].removeprefix("s3://").partition("/")
    assert f"/{NEXT}/" in reports["drift"]
    assert "bmi" in account.object(bucket, key)


@pytest.mark.requirement("BI-05", "INT-09.b")
def test_a_failed_run_is_told_with_its_input_its_reason_and_what_to_do(account: BatchAccount) -> None:
    account.ended(NEXT)
    run = account.executions()[NEXT]
    step = account.told("A step of batch inference of fraud--scoring in production failed.")
    assert (step["run"], step["step"]) == (run, "Compare-found")
    assert step["reason"] == "the input differs from the data of training: bmi"
    ended = account.told("A run of batch inference of fraud--scoring in production failed.")
    assert (ended["run"], ended["build_id"]) == (run, NEXT)
    assert "retry-pipeline-execution" in step["what_to_do"]


@pytest.mark.requirement("BI-06")
def test_a_serial_model_predicts_the_same_without_the_step_that_prepares(account: BatchAccount) -> None:
    found = account.ended(DAY)
    assert found["PipelineExecutionStatus"] == "Succeeded"
    results = pd.read_csv(io.StringIO(account.object(BUCKET, f"scoring/{DAY}/ml-pipeline-outputs/results/data.csv")))
    trained = pd.read_csv(SAMPLE).drop(columns="progression")
    assert list(arrivals()[trained.columns].index) == list(trained.index)
    assert account.transformed(trained.to_csv(index=False, header=False)) == results["prediction"].to_list()
