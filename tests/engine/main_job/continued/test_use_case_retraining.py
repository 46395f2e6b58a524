"""The served model is trained again: a better candidate waits for approval."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.main_job.promotions import USE_CASE, Promotions
from tests.engine.main_job.retrainings import (
    ended_retraining,
    register_guess,
    register_weak_model,
    retrainings,
    versions,
)
from tests.support.workbench import Workbench

PROJECT = f"{USE_CASE}-build"
REPORT = "s3://ml/scoring/monitoring/results/00001/2026-11-27/report.html"


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    """Promotions of a use case that has a version."""
    return Promotions(acme)


def start(promotions: Promotions, **variables: str) -> dict[str, Any]:
    """Starts a build that trains again, as a rule does, and returns it once it has ended."""
    given = {"BRANCH": "main", "TASK": "retrain", **variables}
    codebuild = promotions.acme.client("codebuild", promotions.tooling)
    overridden = [{"name": name, "value": value} for name, value in given.items()]
    started = codebuild.start_build(projectName=PROJECT, sourceVersion="main", environmentVariablesOverride=overridden)[
        "build"
    ]["id"]
    return promotions.ended_build(started)


@pytest.mark.requirement("MON-05.b", "MON-09.a")
def test_a_candidate_that_beats_the_served_version_waits_for_approval_with_its_reason(promotions: Promotions) -> None:
    served = register_guess(promotions)
    before, number, executions = versions(promotions), len(retrainings(promotions)) + 1, promotions.executions()
    build = start(
        promotions,
        REASON="drift in production: radius",
        REPORT=REPORT,
        SERVED_VERSION=promotions.arn(served),
        RETRAINING_COOLDOWN_DAYS="0",
    )
    record = ended_retraining(promotions, number)
    assert build["buildStatus"] == "SUCCEEDED", record["reasons"]
    assert (record["outcome"], record["served_version"]) == ("registered", promotions.arn(served)), record["reasons"]
    (added,) = versions(promotions).keys() - before.keys()
    assert record["model_package"] == promotions.arn(added)
    assert versions(promotions)[added] == "PendingManualApproval"
    lineage = promotions.version(added)["CustomerMetadataProperties"]
    assert (lineage["trigger"], lineage["monitoring_report"]) == ("drift in production: radius", REPORT)
    assert promotions.executions() == executions, "nothing is promoted"

    # The cool-down of the settings: the next build ends without training.
    again = start(promotions, REASON="schedule")
    assert again["buildStatus"] == "SUCCEEDED"
    assert (len(retrainings(promotions)), versions(promotions).keys()) == (number, {*before, added})


@pytest.mark.requirement("MON-09.b")
def test_a_better_challenger_takes_over_after_drift_once_people_have_approved_it(promotions: Promotions) -> None:
    weak = register_weak_model(promotions)
    promote(promotions, weak)
    number, before = len(retrainings(promotions)) + 1, versions(promotions)
    start(
        promotions,
        REASON="drift in production: mean_compactness",
        SERVED_VERSION=promotions.arn(weak),
        RETRAINING_COOLDOWN_DAYS="0",
    )
    record = ended_retraining(promotions, number)
    assert record["outcome"] == "registered", record["reasons"]
    (challenger,) = versions(promotions).keys() - before.keys()
    promote(promotions, challenger)
    status = versions(promotions)
    assert (status[weak], status[challenger]) == ("Approved", "Approved")
    assert "production" in promotions.marks(challenger) - promotions.marks(weak)


def promote(promotions: Promotions, version: int) -> None:
    """Approves a version in every stage until both environments serve it."""
    promotions.decide(version)
    served = dict.fromkeys(("preproduction", "production"), version)
    promotions.drive(lambda: promotions.versions_served() == served and promotions.all_have_ended())
