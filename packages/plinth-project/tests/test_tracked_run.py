"""Data of a pipeline run that are sent to the tracking server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clients import Aws
from generated import build_foundation, build_repository
from plinth_project.build.configuration import Configuration, read_configuration
from plinth_project.build.git import Revision
from plinth_project.build.repetition.recorded import RecordedBuild
from plinth_project.build.report.tracked_run import ADDRESS, track, tracked_run
from plinth_project.definitions.offline import write
from plinth_project.documents import ProjectError

RESULT = {
    "build_id": "20261101T120000-1a2b3c4",
    "pipeline": "training",
    "branch": "main",
    "commit": "1a2b3c4",
    "trigger": "push",
    "execution": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p/execution/1",
    "started": "2026-11-01T12:00:00+00:00",
    "ended": "2026-11-01T12:30:00.5+00:00",
    "status": "Failed",
    "reasons": ["Gate-f1-failed: f1 0.7 < 0.8"],
    "model_package": None,
}
"""The file that ``submit`` writes."""
FOUNDATION = build_foundation()
PREFIX = f"{FOUNDATION.names('develop').builds}{RESULT['build_id']}/"
IMAGE = "train@sha256:1"


def report_of(step: str, folder: str, file: str) -> dict[str, Any]:
    """Returns a step of a definition with a report."""
    uri = {"Std:Join": {"On": "", "Values": ["s3://ml/scoring/", {"Get": "Parameters.BuildId"}, f"/{folder}/"]}}
    return {
        "Name": step,
        "Type": "Processing",
        "Arguments": {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "o", "S3Output": {"S3Uri": uri}}]}},
        "PropertyFiles": [{"PropertyFileName": step, "OutputName": "o", "FilePath": file}],
    }


@pytest.fixture
def build() -> RecordedBuild:
    """A build whose evaluation did not run, because a gate of the data was missed before."""
    evaluate = report_of("Evaluation", "outputs/evaluate", "evaluation.json")
    gate = {"Name": "Gate", "Type": "Condition", "Arguments": {"IfSteps": [evaluate]}}
    definition = {"Steps": [report_of("Split", "outputs/split", "split.json"), gate]}
    run = {"PipelineExecutionArn": RESULT["execution"], "PipelineExecutionDisplayName": RESULT["build_id"]}
    aws = Aws(describe_pipeline_definition_for_execution={"PipelineDefinition": json.dumps(definition)})
    aws.pages = {
        "list_pipeline_executions": {"PipelineExecutionSummaries": [run]},
        "list_pipeline_parameters_for_execution": {"PipelineParameters": [{"Name": "Image", "Value": IMAGE}]},
    }
    split = {"sha256": "abc", "metrics": {"class_imbalance": 0.9, "not_computed": None}}
    aws.s3.objects[f"{PREFIX}outputs/split/split.json"] = json.dumps(split).encode()
    return RecordedBuild(
        foundation=FOUNDATION, pipeline="training", build_id=str(RESULT["build_id"]), development=aws, branch="develop"
    )


@pytest.fixture
def configuration() -> Configuration:
    root = build_repository()
    return read_configuration(root / "ml_pipelines" / "training" / "input.json", root)


def test_a_run_that_ended_early_has_the_reports_of_the_steps_that_ran(
    build: RecordedBuild, configuration: Configuration
) -> None:
    run = tracked_run(build, configuration, RESULT)
    assert (run.experiment, run.succeeded, run.ended - run.started) == ("scoring/training", False, 1_800_500)
    assert run.metrics == {"class_imbalance": 0.9}
    assert sorted(run.documents) == ["Split.json", "input.json"]
    assert run.parameters.items() >= {"seed": configuration.split.seed, **configuration.hyperparameters}.items()
    expected = {
        "branch": "develop",
        "data_sha256": "abc",
        "image": IMAGE,
        "model_package": "none",
        "reasons": "Gate-f1-failed: f1 0.7 < 0.8",
    }
    assert run.tags.items() >= expected.items()


@pytest.mark.parametrize("changed", [{"commit": "another"}, {"pipeline": "training-repetition"}])
def test_a_build_without_a_run_of_its_commit_records_nothing(
    changed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, "https://mlflow.acme.example")
    write(tmp_path, "result", json.dumps(RESULT | changed))
    said = track(tmp_path, Revision(branch="main", commit=str(RESULT["commit"])), None)
    assert said == "No pipeline of this commit ran, so there is nothing to record."


def test_the_address_of_the_server_is_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    with pytest.raises(ProjectError, match=f"{ADDRESS} is missing; builds have it if"):
        track(tmp_path, Revision(branch="main", commit="1a2b3c4"), None)
