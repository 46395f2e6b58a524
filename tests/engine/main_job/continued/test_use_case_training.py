"""A person or new data trains the model of the use case again, and a person repeats the training of a version."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.engine.main_job.promotions import USE_CASE, Promotions
from tests.engine.main_job.retrainings import (
    builds_that_train_again,
    ended_retraining,
    new_build_that_trains_again,
    retrainings,
    variables_of,
    versions,
)
from tests.support.workbench import Workbench

OPERATOR = "erin"
EVALUATION = "ml-pipeline-outputs/evaluate/evaluation.json"


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    """Promotions of a use case that has a version."""
    return Promotions(acme)


def started(promotions: Promotions, *words: str) -> dict[str, Any]:
    """Runs ``plinth train`` as an operator, and returns the build once it has ended."""
    done = promotions.plinth("train", USE_CASE, *words, by=OPERATOR)
    (build,) = re.findall(r": ([0-9a-f-]{36})\.", done.stdout)
    return promotions.ended_build(f"{USE_CASE}-build:{build}")


def log(promotions: Promotions, build: dict[str, Any]) -> str:
    logs = promotions.acme.client("logs", promotions.tooling)
    place = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
    return "\n".join(event["message"] for event in logs.get_log_events(**place, startFromHead=True)["events"])


@pytest.mark.requirement("TR-12.e", "CI-12.a", "CI-12.b", "DEV-08.a", "TR-12.f")
def test_a_person_trains_a_version_that_waits_for_approval_and_names_them(promotions: Promotions) -> None:
    before, number, executions = versions(promotions), len(retrainings(promotions)) + 1, promotions.executions()
    build = started(promotions, "--reason", "new labels")
    code = promotions.acme.client("codecommit", promotions.tooling)
    main = code.get_branch(repositoryName=f"{USE_CASE}-build", branchName="main")["branch"]["commitId"]
    assert build["resolvedSourceVersion"] == main, "only what was merged is trained"
    record = ended_retraining(promotions, number)
    assert build["buildStatus"] == "SUCCEEDED", log(promotions, build)
    assert record["reason"] == f"on request of {OPERATOR}: new labels"
    assert record["outcome"] in ("registered", "not better")
    added = versions(promotions).keys() - before.keys()
    assert len(added) == (record["outcome"] == "registered")
    for version in added:
        assert promotions.version(version)["CustomerMetadataProperties"]["trigger"] == record["reason"]
        assert versions(promotions)[version] == "PendingManualApproval"
    assert promotions.executions() == executions, "training starts no promotion"


@pytest.mark.requirement("TR-14.a", "TR-14.b")
def test_a_version_is_reproduced_from_its_build_and_a_changed_result_is_noticed(promotions: Promotions) -> None:
    before = versions(promotions)
    build = started(promotions, "--repeat", "1")
    repeated = promotions.build()
    assert build["buildStatus"] == "SUCCEEDED", log(promotions, build)
    assert f"gives the results of {repeated}." in log(promotions, build)
    assert versions(promotions) == before, "a repetition registers nothing"

    # What the build recorded is replaced by something that its training does not give.
    s3 = promotions.client("s3", "development")
    bucket = promotions.version(1)["CustomerMetadataProperties"]["data_snapshot"].split("/")[2]
    key = f"scoring/{repeated}/{EVALUATION}"
    recorded = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    metric, value = next(iter(recorded["metrics"].items()))
    recorded["metrics"][metric] = value - 0.1
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(recorded).encode())
    again = started(promotions, "--repeat", repeated)
    assert again["buildStatus"] == "FAILED"
    assert f"Evaluation.metrics.{metric} is {value} instead of {value - 0.1}" in log(promotions, again)
    assert "is named by a tag, which may mean another image by now" in log(promotions, again)


def retrain(promotions: Promotions, **changes: Any) -> None:
    """Changes the settings of retraining and deploys them. None removes a setting."""
    acme = promotions.acme
    settings = yaml.safe_load(acme.settings_file("fraud").read_text())["config"]["plinth:team"]
    given = {**settings["use_cases"]["scoring"]["delivery"]["retraining"], **changes}
    settings["use_cases"]["scoring"]["delivery"]["retraining"] = {
        name: value for name, value in given.items() if value is not None
    }
    acme.change_team("fraud", use_cases=settings["use_cases"])
    acme.plinth("up", USE_CASE, "--yes")


@pytest.mark.requirement("TR-12.c", "WP-17.b", "CI-12.d")
def test_new_data_in_the_lake_starts_a_build_that_trains_again(promotions: Promotions) -> None:
    retrain(promotions, on_data=["card-payments"], schedule="rate(1 hour)")
    before = {build["id"] for build in builds_that_train_again(promotions)}
    glue = promotions.acme.client("glue", str(promotions.acme.outputs("data-lake")["account_id"]))
    glue.start_job_run(JobName="lake-card-payments")
    build = new_build_that_trains_again(promotions, before)
    assert variables_of(build)["REASON"] == "new data of the job lake-card-payments"
    # Whether it trains is decided by the cool-down of the settings.
    assert promotions.ended_build(build["id"])["buildStatus"] == "SUCCEEDED"


@pytest.mark.requirement("TR-12.b", "CI-12.c")
def test_a_schedule_starts_a_build_that_trains_again(promotions: Promotions) -> None:
    before = {build["id"] for build in builds_that_train_again(promotions)}
    promotions.advance("1h")
    build = new_build_that_trains_again(promotions, before)
    retrain(promotions, schedule=None)
    assert variables_of(build)["REASON"] == "schedule"
    assert promotions.ended_build(build["id"])["buildStatus"] == "SUCCEEDED"
