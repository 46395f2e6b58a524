"""A version whose build compares groups and explains predictions is promoted, both are watched in production, and
requests to it become training data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.main_job.promotions import USE_CASE, Promotions
from tests.engine.main_job.pushes import INPUT, pushed, settings_of
from tests.engine.main_job.retrainings import (
    builds_that_train_again,
    new_build_that_trains_again,
    variables_of,
    versions,
)
from tests.support.running import answer, run_job
from tests.support.workbench import Workbench

COLUMN, BOUND = "mean_texture", 19
FACET = f"{COLUMN}>={BOUND}"
DATASET = "reviewed-scorings"
CURATED = {
    "owner": "fraud-owner@acme.example",
    "description": "Requests whose truth is known, one row each",
    "classification": "confidential",
    "zone": "results",
    "parts": ["historical"],
    "columns": [
        {"name": "request", "type": "string"},
        {"name": "label", "type": "int"},
        {"name": "prediction", "type": "double"},
        {"name": COLUMN, "type": "double"},
        {"name": "day", "type": "date", "partition": True},
    ],
    "shared_with": {"fraud": ["development"]},
    "returned_by": {"fraud": ["production"]},
    "etl": {
        "script": "tests/engine/main_job/continued/reviewed.py",
        "sources": [f"results/{DATASET}"],
        # The test runs the job itself, and runs of a job do not overlap.
        "on_arrival": False,
        "schedule": "cron(0 4 * * ? *)",
    },
}
CHANGES = {
    "fairness": {"facets": [{"column": COLUMN, "at_least": BOUND}]},
    "explanation": {"rows": 100},
}


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    """Promotions of a use case that has a version."""
    return Promotions(acme)


def built(promotions: Promotions) -> int:
    """Pushes the change to the build repository, and returns the version that its build registers."""
    before = versions(promotions)
    settings = settings_of(promotions)
    gates = [*settings["gates"], {"metric": "accuracy_difference", "at_most": 0.5}]
    content = json.dumps({**settings, **CHANGES, "gates": gates}, indent=2)
    build = pushed(promotions, "Compare groups, and explain predictions", {INPUT: content})
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    (added,) = versions(promotions).keys() - before.keys()
    return added


@pytest.mark.requirement("WP-04.a", "WP-03.c", "MON-06.a", "MON-06.b", "MON-06.c", "TOOL-05.d")
def test_bias_and_explanations_of_a_served_version_are_compared_with_those_of_its_build(promotions: Promotions) -> None:
    version = built(promotions)
    described = promotions.version(version)
    reports = {kind: described["ModelMetrics"][kind]["Report"]["S3Uri"] for kind in ("Bias", "Explainability")}
    listed = json.loads(promotions.plinth("models", USE_CASE, "--json", by="erin").stdout)["models"]
    assert listed[0]["reports"] == f"bias {reports['Bias']}, explanation {reports['Explainability']}"
    assert "accuracy_difference" in listed[0]["metrics"]

    promotions.configure(prod={"monitoring": {"window": "day", "explains_predictions": True}})
    promotions.decide(version)
    promotions.drive(
        lambda: (
            promotions.endpoints("production")
            and {number for number, _ in promotions.served("production").values()} == {version}
            and promotions.all_have_ended()
        )
    )
    usual = promotions.trained_rows()
    answers = promotions.ask("production", usual)
    quiet = promotions.compared()
    assert quiet["version"] == promotions.arn(version)
    assert [finding for finding in quiet["findings"] if finding["kind"].startswith("drift of")] == []
    (group,) = quiet["groups"]
    assert (group["facet"], group["drifted"]) == (FACET, False)
    assert abs(group["now"] - group["trained"]) < 0.1
    assert quiet["attributions"]["gain"] > 0.9
    assert set(quiet["attributions"]["now"]) == set(usual[0])

    # From now on, everybody of the group gets the negative answer, and everybody else the positive one.
    scores = [score for predicted in answers.values() for score in predicted]
    chosen = [row for row, score in zip(usual, scores, strict=True) if (score >= 0.5) != (row[COLUMN] >= BOUND)]
    before = {build["id"] for build in builds_that_train_again(promotions)}
    promotions.ask("production", chosen * 3)
    shifted = promotions.compared()
    found = {finding["column"] for finding in shifted["findings"] if finding["kind"] == "drift of bias"}
    assert (shifted["verdict"], found) == ("drift", {FACET})

    # Drift starts a build, which decides whether it may train again.
    build = new_build_that_trains_again(promotions, before)
    assert f"bias of {COLUMN}" in variables_of(build)["REASON"]
    assert promotions.ended_build(build["id"])["buildStatus"] == "SUCCEEDED"


@pytest.mark.requirement("WP-19")
def test_requests_whose_truth_is_known_become_rows_of_a_dataset(promotions: Promotions, tmp_path: Path) -> None:
    acme, stack = promotions.acme, f"data-lake--{DATASET}"
    acme.settings_file(stack).write_text(json.dumps({"config": {"plinth:dataset": CURATED}}))
    acme.plinth("up", stack, "--yes")
    rows = promotions.trained_rows()[:20]
    ((request, scores),) = promotions.ask("production", rows).items()
    truth = tmp_path / "truth.csv"
    truth.write_text("".join(["id,label\n", *(f"{request},{round(score)}\n" for score in scores)]))
    promotions.learn(truth)
    assert promotions.curate(DATASET, "--between", "0.5", "1").startswith(
        f"Wrote {sum(score >= 0.5 for score in scores)} of"
    )

    lake = str(acme.outputs("data-lake")["account_id"])
    run_job(acme, lake, f"lake-{DATASET}")
    query = f"SELECT request, label, prediction, {COLUMN} FROM lake_historical.{DATASET.replace('-', '_')}"
    _, *read = answer(acme, "fraud-development", "fraud-development-execution", query)
    assert {row[0] for row in read} == {request}
    expected = [(1, score, row[COLUMN]) for row, score in zip(rows, scores, strict=True) if score >= 0.5]
    found = [(int(label or 0), float(prediction or 0), float(value or 0)) for _, label, prediction, value in read]
    assert sorted(found) == [pytest.approx(row) for row in sorted(expected)]
