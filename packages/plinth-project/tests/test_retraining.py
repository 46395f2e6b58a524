"""Retraining: when it may start, what it compares, and what its record says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clients import Aws
from generated import build_foundation, build_repository, with_problems
from plinth_project.build import submission
from plinth_project.build.branches.records import Bucket
from plinth_project.build.git import Revision
from plinth_project.build.report.comment import report
from plinth_project.build.retraining import command
from plinth_project.build.retraining.command import retrain, train
from plinth_project.build.retraining.records import Limits, Records, Retraining, running
from plinth_project.documents import ProjectError

AT = Revision(branch="main", commit="1a2b3c4d" * 5)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LIMITS = Limits(cooldown_days=7, runs_per_month=2)
GROUP = build_foundation().names("main").group
SERVED = f"arn:aws:sagemaker:eu-west-1:111122223333:model-package/{GROUP}/3"
VARIABLES = {
    "RETRAINING_COOLDOWN_DAYS": "7",
    "RETRAINING_RUNS_PER_MONTH": "4",
    "REASON": "drift in production: amount",
    "REPORT": "s3://ml/report.html",
    "SERVED_VERSION": SERVED,
}


def earlier(*started: str, **fields: Any) -> list[Retraining]:
    """Returns retrainings that started on these days."""
    common = {"build_id": "b", "reason": "schedule", "report": "", "served_version": "", "outcome": "registered"}
    return [
        Retraining(number=number, started=f"{day}T12:00:00+00:00", **{**common, **fields})
        for number, day in enumerate(started, 1)
    ]


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ((), ""),
        (("2026-11-20",), ""),
        (("2026-11-21",), "the last one started on 2026-11-21T12:00:00+00:00, and none starts before 2026-11-28T12:00"),
        (("2026-11-01", "2026-11-10"), "2026-11 has had 2 of 2"),
        (("2025-11-01", "2026-10-30", "2026-11-10"), ""),
    ],
)
def test_a_cooldown_and_a_number_for_each_month_limit_retraining(days: tuple[str, ...], refusal: str) -> None:
    found = LIMITS.refusal(earlier(*days), NOW)
    assert found.startswith(refusal)
    assert bool(found) == bool(refusal)


def test_no_retraining_starts_while_another_one_runs() -> None:
    started_one = earlier("2026-11-01", outcome="started", execution="arn:1")
    assert running(started_one, lambda arn: arn == "arn:1") == "the retraining of b still runs"
    assert running(started_one, lambda _: False) == running([], lambda _: True) == ""


def ended(*, registered: str = "", reason: str = "") -> dict[str, Any]:
    """Returns the result of a run."""
    status = "Succeeded" if registered else "Failed"
    return {
        "commit": AT.commit,
        "build_id": "b",
        "trigger": "drift",
        "status": status,
        "model_package": registered or None,
        "reasons": [reason] if reason else [],
    }


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose runs register version 4."""
    (tmp_path / "foundation.json").write_text(build_foundation().model_dump_json())
    configuration = Path("ml_pipelines") / "training" / "input.json"
    (with_problems(tmp_path) / configuration).parent.mkdir(parents=True)
    (tmp_path / configuration).write_text((build_repository() / configuration).read_text())
    monkeypatch.setattr(command, "render", lambda *_: '{"Parameters": []}')
    for name in ("store", "update_pipeline"):
        monkeypatch.setattr(submission.Submission, name, lambda _: None)
    monkeypatch.setattr(command, "started", lambda _: NOW)
    run_ends_with(monkeypatch, ended(registered="arn:4"))
    return tmp_path


def run_ends_with(monkeypatch: pytest.MonkeyPatch, result: dict[str, Any]) -> None:
    monkeypatch.setattr(submission.Submission, "wait", lambda *_: result)


def sessions() -> tuple[Aws, Aws]:
    archive = {"InferenceSpecification": {"Containers": [{"ModelDataUrl": "s3://models/3/model.tar.gz"}]}}
    registry = Aws(describe_model_package=archive, list_model_packages={"ModelPackageSummaryList": []})
    return registry, Aws(start_pipeline_execution={"PipelineExecutionArn": "arn:run"})


def records(registry: Aws) -> list[Retraining]:
    return Records(Bucket(registry.s3, "b", "key"), build_foundation().names("main").retrainings).all()


def test_a_retraining_has_to_beat_the_served_version_and_its_run_names_the_report(root: Path) -> None:
    registry, development = sessions()
    retrain(root, "training", AT, (registry, development), VARIABLES)
    assert list(development.started()) == [
        {
            "BuildId": "20261127T120000-1a2b3c4",
            "DeployedModel": "s3://models/3/model.tar.gz",
            "Trigger": "drift in production: amount",
            "MonitoringReport": "s3://ml/report.html",
        }
    ]
    (described,) = [parameters for name, parameters in registry.asked if name == "describe_model_package"]
    assert described == {"ModelPackageName": SERVED}
    (record,) = records(registry)
    assert (record.number, record.execution, record.outcome, record.model_package) == (
        1,
        "arn:run",
        "registered",
        "arn:4",
    )
    given = {"REASON": record.reason, "REPORT": record.report, "SERVED_VERSION": record.served_version}
    assert given == {name: VARIABLES[name] for name in given}


def test_a_second_retraining_within_the_cooldown_trains_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = sessions()
    for _ in range(2):
        retrain(root, "training", AT, both, VARIABLES)
    assert len(list(both[1].started())) == len(records(both[0])) == 1
    assert "No retraining: the last one started on 2026-11-27T12:00:00+00:00" in capsys.readouterr().out


def test_of_two_builds_that_start_at_the_same_time_one_trains(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = sessions()
    retrain(root, "training", AT, both, VARIABLES)
    monkeypatch.setattr(Records, "all", lambda _: [])
    retrain(root, "training", AT, both, VARIABLES)
    assert len(list(both[1].started())) == 1
    assert "No retraining: another one has just started." in capsys.readouterr().out


def test_a_candidate_that_is_not_better_is_no_failure_and_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "BetterThanDeployed-failed: f1 0.94 is not better than 0.95 of the deployed model"
    run_ends_with(monkeypatch, ended(reason=reason))
    registry, development = sessions()
    retrain(root, "training", AT, (registry, development), VARIABLES)
    (record,) = records(registry)
    assert (record.outcome, record.model_package, record.reasons) == ("not better", None, [reason])


@pytest.mark.parametrize("broken", [False, True])
def test_a_failed_run_fails_the_build_and_its_record_has_the_reason(
    root: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    def breaks(*_: Any) -> None:
        raise ProjectError("the image does not exist")

    run_ends_with(monkeypatch, ended(reason="Train: out of memory"))
    if broken:
        monkeypatch.setattr(submission.Submission, "start", breaks)
    registry, development = sessions()
    with pytest.raises(ProjectError) as error:
        retrain(root, "training", AT, (registry, development), VARIABLES)
    (record,) = records(registry)
    assert (record.outcome, record.reasons) == ("failed", [str(error.value)])


@pytest.mark.parametrize(
    ("branch", "changes", "message"),
    [
        ("feature/x", {}, "the branch is feature/x; only the model of main is trained again"),
        ("main", {"SERVED_VERSION": "arn:aws:sagemaker:eu-west-1:1:model-package/other/3"}, "is no version of"),
        ("main", {"RETRAINING_COOLDOWN_DAYS": ""}, "RETRAINING_COOLDOWN_DAYS not set; builds have them if"),
    ],
)
def test_what_may_not_be_trained_again_is_refused_before_anything_is_written(
    root: Path, branch: str, changes: dict[str, str], message: str
) -> None:
    registry, development = sessions()
    at = Revision(branch=branch, commit=AT.commit)
    with pytest.raises(ProjectError, match=message):
        retrain(root, "training", at, (registry, development), {**VARIABLES, **changes})
    assert records(registry) == list(development.started()) == []


REQUEST = {"REASON": "new labels", "CODEBUILD_INITIATOR": "AWSReservedSSO_LeadScientist-tooling_1a/chloe"}


@pytest.mark.requirement("TR-12.e")
def test_a_person_trains_whatever_the_limits_say_and_the_version_names_them(root: Path) -> None:
    both = sessions()
    retrain(root, "training", AT, both, VARIABLES)
    train(root, "training", AT, both, REQUEST)
    automatic, asked = records(both[0])
    assert (automatic.number, asked.number, asked.outcome) == (1, 2, "registered")
    assert asked.reason == "on request of chloe: new labels"
    assert [parameters["Trigger"] for parameters in both[1].started()][1] == asked.reason
    assert LIMITS.refusal(records(both[0]), NOW).startswith("the last one started"), "the limits count it"


def test_a_person_is_told_that_another_training_runs(root: Path) -> None:
    registry, development = sessions()
    retrain(root, "training", AT, (registry, development), VARIABLES)
    (record,) = records(registry)
    Records(Bucket(registry.s3, "b", "key"), build_foundation().names("main").retrainings).update(
        record.model_copy(update={"outcome": "started"})
    )
    development.answers["describe_pipeline_execution"] = {"PipelineExecutionStatus": "Executing"}
    with pytest.raises(ProjectError, match=f"train: the retraining of {record.build_id} still runs; try again when"):
        train(root, "training", AT, (registry, development), REQUEST)
    assert len(records(registry)) == 1


def test_a_push_to_another_branch_is_never_trained_on_request(root: Path) -> None:
    with pytest.raises(ProjectError, match="the branch is feature/x; only the model of main is trained again"):
        train(root, "training", Revision(branch="feature/x", commit=AT.commit), sessions(), REQUEST)


def test_without_a_served_version_the_latest_approved_one_is_to_beat(root: Path) -> None:
    registry, development = sessions()
    registry.answers["list_model_packages"] = {"ModelPackageSummaryList": [{"ModelPackageArn": SERVED}]}
    retrain(root, "training", AT, (registry, development), {**VARIABLES, "SERVED_VERSION": "", "REASON": "schedule"})
    (parameters,) = development.started()
    assert (parameters["DeployedModel"], parameters["Trigger"]) == ("s3://models/3/model.tar.gz", "schedule")


def test_a_build_that_trained_nothing_comments_nothing(tmp_path: Path) -> None:
    variables = {"TASK": "retrain", "CODEBUILD_SOURCE_REPO_URL": "https://git-codecommit.eu-west-1.amazonaws.com/x"}
    codecommit = Aws()
    assert report(tmp_path, AT, codecommit, variables) == "Nothing was trained."
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "result.json").write_text(json.dumps(ended(reason="BetterThanDeployed-failed: f1 0.9")))
    text = report(tmp_path, AT, codecommit, variables)
    assert "Pipeline run of build b (drift): Failed." in text
    assert "BetterThanDeployed-failed: f1 0.9" in text
    assert [operation for operation, _ in codecommit.asked] == ["post_comment_for_compared_commit"]
