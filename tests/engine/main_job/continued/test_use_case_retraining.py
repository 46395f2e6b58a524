"""The served model is trained again: a better candidate waits for approval, and nobody else starts a retraining."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engine.main_job.promotions import USE_CASE, Promotions
from tests.engine.main_job.retrainings import (
    builds_that_train_again,
    ended_retraining,
    register_guess,
    retrainings,
    versions,
)
from tests.support.workbench import Workbench

PROJECT, BUS = f"{USE_CASE}-build", f"{USE_CASE}-monitoring"
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


@pytest.mark.requirement("MON-05.b", "MON-09.a", "TR-12.e", "CI-12.b")
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
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    record = ended_retraining(promotions, number)
    assert (record["outcome"], record["served_version"]) == ("registered", promotions.arn(served)), record
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


@pytest.mark.requirement("MON-05.a")
def test_events_of_others_start_no_retraining(promotions: Promotions) -> None:
    builds = [one["id"] for one in builds_that_train_again(promotions)]
    bus = f"arn:aws:events:eu-west-1:{promotions.tooling}:event-bus/{BUS}"
    detail = {"environment": "production", "verdict": "drift", "reason": "x", "report": "x", "version": "x"}
    entry = {"Source": "fraud.scoring", "DetailType": "Model Comparison", "Detail": json.dumps(detail)}
    for environment in ("production", "preproduction"):
        events = promotions.client("events", environment)
        with pytest.raises(ClientError) as refused:
            events.put_events(Entries=[{**entry, "EventBusName": bus}])
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert [one["id"] for one in builds_that_train_again(promotions)] == builds
