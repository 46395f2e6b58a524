"""Repetition of an earlier build: what it runs, and what it says about results that differ."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients import Aws
from generated import build_foundation
from plinth_project.build import submission
from plinth_project.build.repetition.command import repeat
from plinth_project.build.repetition.comparison import causes, differences
from plinth_project.build.repetition.definition import instances, repeated_definition, reports
from plinth_project.documents import ProjectError

FOUNDATION = build_foundation()
BUILD = "20261101T120000-1a2b3c4"
PREFIX = f"{FOUNDATION.use_case}/{BUILD}/"
AGAIN = f"{FOUNDATION.use_case}/20261127T120000-"
IMAGE = f"{FOUNDATION.registry.account_id}.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train@sha256:{'a' * 64}"
SPLIT, EVALUATION = "ml-pipeline-outputs/split/report/split.json", "ml-pipeline-outputs/evaluate/evaluation.json"


def output(name: str, folder: str) -> dict[str, Any]:
    uri = {"Std:Join": {"On": "", "Values": ["s3://ml/scoring/", {"Get": "Parameters.BuildId"}, f"/{folder}/"]}}
    return {"OutputName": name, "S3Output": {"S3Uri": uri}}


def processing(name: str, *outputs: dict[str, Any], **others: Any) -> dict[str, Any]:
    resources = {"ClusterConfig": {"InstanceType": "ml.m5.large"}}
    arguments = {"ProcessingOutputConfig": {"Outputs": list(outputs)}, "ProcessingResources": resources}
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **others}


DEFINITION: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "BuildId", "Type": "String"}],
    "Steps": [
        processing("GetData", output("output", "input")),
        processing(
            "Split",
            output("train", "ml-pipeline-outputs/split/train"),
            output("report", "ml-pipeline-outputs/split/report"),
            DependsOn=["GetData"],
            PropertyFiles=[{"PropertyFileName": "Split", "OutputName": "report", "FilePath": "split.json"}],
        ),
        processing(
            "Evaluate",
            output("output", "ml-pipeline-outputs/evaluate"),
            PropertyFiles=[{"PropertyFileName": "Evaluation", "OutputName": "output", "FilePath": "evaluation.json"}],
        ),
        {
            "Name": "Gate-f1",
            "Type": "Condition",
            "Arguments": {"IfSteps": [{"Name": "Register", "Type": "RegisterModel"}]},
        },
    ],
}


def test_a_repetition_reads_the_stored_input_and_registers_nothing() -> None:
    found = repeated_definition(DEFINITION)
    assert [step["Name"] for step in found["Steps"]] == ["Split", "Evaluate"]
    assert found["Steps"][0]["DependsOn"] == []
    assert found["Parameters"] == DEFINITION["Parameters"]
    assert dict(reports(found, "p/")) == {"Split": f"p/{SPLIT}", "Evaluation": f"p/{EVALUATION}"}
    assert instances(found) == "ml.m5.large"


def test_a_repetition_runs_what_a_gate_of_the_data_lets_through() -> None:
    get_data, split, evaluate, gate = DEFINITION["Steps"]
    trained = {"Name": "Train", "Type": "Training", "Arguments": {}}
    behind = {"IfSteps": [trained, evaluate, gate], "ElseSteps": [{"Name": "Missed", "Type": "Fail"}]}
    of_data = {"Name": "Gate-class-imbalance", "Type": "Condition", "Arguments": behind}
    found = repeated_definition({**DEFINITION, "Steps": [get_data, split, of_data]})
    assert [step["Name"] for step in found["Steps"]] == ["Split", "Train", "Evaluate"]
    assert dict(reports(found, "p/")) == {"Split": f"p/{SPLIT}", "Evaluation": f"p/{EVALUATION}"}


@pytest.mark.requirement("TR-14.b")
@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ({"metrics": {"f1": 0.9}}, {"metrics": {"f1": 0.9 + 1e-9}}, []),
        ({"metrics": {"f1": 0.9}}, {"metrics": {"f1": 0.91}}, ["E.metrics.f1 is 0.91 instead of 0.9"]),
        ({"rows": 10}, {"rows": 9}, ["E.rows is 9 instead of 10"]),
        ({"deciles": [1, 2]}, {"deciles": [1, 3]}, ["E.deciles.1 is 3 instead of 2"]),
        ({"deciles": [1, 2]}, {"deciles": [1]}, ["E.deciles is [1] instead of [1, 2]"]),
        ({"sha256": "a"}, {"sha256": "b"}, ["E.sha256 is b instead of a"]),
        ({"auc": math.nan}, {"auc": math.nan}, []),
        ({"auc": math.nan}, {"auc": 0.5}, ["E.auc is 0.5 instead of nan"]),
        ({"auc": 0.5}, {}, ["E.auc is None instead of 0.5"]),
        ({"better": True}, {"better": 1}, []),
    ],
)
def test_values_that_differ_by_more_than_the_tolerance_are_named(before: Any, now: Any, found: list[str]) -> None:
    assert list(map(str, differences(before, now, 1e-6, "E"))) == found


@pytest.mark.requirement("TR-14.b")
@pytest.mark.parametrize(
    ("field", "changed", "image", "named"),
    [
        ("sha256", [], IMAGE, ["data: the input of the build has been changed"]),
        ("f1", ["algorithms/a.py"], IMAGE, ["code: the stored files differ from the commit: algorithms/a.py"]),
        ("f1", [], "registry/train:latest", ["image: registry/train:latest is named by a tag"]),
        ("f1", [], IMAGE, ["seed: data, code, image and instance types are the same"]),
    ],
)
def test_a_difference_has_a_cause(field: str, changed: list[str], image: str, named: list[str]) -> None:
    found = list(differences({field: "a"}, {field: "b"}, 0, "Split"))
    given = causes(found, changed, {"Image": image, "BuildId": "registry/none:1"})
    assert [cause.startswith(start) for cause, start in zip(given, named, strict=True)] == [True]


class Repetition:
    """A repository with one commit, and a build of it that ran."""

    def __init__(self, root: Path) -> None:
        self.root = root
        code = root / "algorithms" / "train.py"
        configuration = root / "ml_pipelines" / "training" / "input.json"
        for file, text in ((code, "seed = 1\n"), (configuration, '{"repeat_tolerance": 0.01}')):
            file.parent.mkdir(parents=True)
            file.write_text(text)
        (root / "foundation.json").write_text(FOUNDATION.model_dump_json())
        for words in ("init --quiet", "add --all", "-c user.name=a -c user.email=a@b commit --quiet -m a"):
            subprocess.run(["git", *words.split()], cwd=root, check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
        self.commit = head.stdout.strip()
        self.registry = Aws(batch_get_image={"images": [{}]})
        self.development = Aws(
            start_pipeline_execution={"PipelineExecutionArn": "arn:again"},
            describe_pipeline={"PipelineDefinition": "{}"},
            describe_pipeline_definition_for_execution={"PipelineDefinition": json.dumps(DEFINITION)},
        )
        self.development.pages = {
            "list_pipeline_executions": {"PipelineExecutionSummaries": [self.run("other"), self.run(BUILD)]},
            "list_pipeline_parameters_for_execution": {
                "PipelineParameters": [
                    {"Name": name, "Value": value}
                    for name, value in {"BuildId": BUILD, "Image": IMAGE, "DeployedModel": "s3://m/1"}.items()
                ]
            },
        }
        self.objects = self.development.s3.objects
        stored = {
            "code/algorithms/train.py": code.read_text(),
            "code/ml_pipelines/training/input.json": configuration.read_text(),
            "code/definition.json": "{}",
            "input/data.csv": "x,y\n",
        }
        self.objects |= {PREFIX + path: text.encode() for path, text in stored.items()}
        self.report(PREFIX, 0.9)

    def run(self, build: str) -> dict[str, str]:
        return {
            "PipelineExecutionArn": f"arn:{build}",
            "PipelineExecutionDisplayName": build,
            "PipelineExecutionDescription": f"main at {self.commit}",
        }

    def report(self, prefix: str, f1: float) -> None:
        self.objects[prefix + SPLIT] = b'{"sha256": "1"}'
        self.objects[prefix + EVALUATION] = json.dumps({"metrics": {"f1": f1}}).encode()

    def __call__(self) -> None:
        repeat(self.root, "training", BUILD, (self.registry, self.development))


@pytest.fixture
def again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repetition:
    monkeypatch.setenv("CODEBUILD_START_TIME", "1795780800000")
    found = Repetition(tmp_path)
    ends(found, monkeypatch, 0.9001)
    return found


def ends(again: Repetition, monkeypatch: pytest.MonkeyPatch, f1: float, status: str = "Succeeded") -> None:
    """Lets the run of the repetition end with this metric."""
    again.report(f"{AGAIN}{again.commit[:7]}/", f1)
    result = {"status": status, "reasons": ["Train: out of memory"]}
    monkeypatch.setattr(submission.Submission, "wait", lambda *_: result)


@pytest.mark.requirement("TR-14.a")
def test_a_repetition_runs_the_same_code_data_image_and_parameters_as_a_build_of_its_own(
    again: Repetition, capsys: pytest.CaptureFixture[str]
) -> None:
    again()
    (started,) = again.development.started()
    own = f"20261127T120000-{again.commit[:7]}"
    assert started == {
        "BuildId": own,
        "Image": IMAGE,
        "DeployedModel": "s3://m/1",
        "Trigger": f"repetition of {BUILD}",
    }
    copied = {path: again.objects[f"{AGAIN}{again.commit[:7]}/{path}"] for path in ("input/data.csv",)}
    assert copied == {"input/data.csv": b"x,y\n"}
    (updated,) = [parameters for name, parameters in again.development.asked if name == "update_pipeline"]
    assert updated["PipelineName"] == f"{FOUNDATION.names('main').prefix}-training-repetition-main"
    assert "Register" not in updated["PipelineDefinition"]
    assert f"{own} gives the results of {BUILD}." in capsys.readouterr().out
    document = json.loads((again.root / "build" / "repetition.json").read_text())
    assert (document["repeats"], document["tolerance"], document["differences"]) == (BUILD, 0.01, [])


def test_a_result_that_differs_fails_and_names_metric_and_cause(
    again: Repetition, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(again, monkeypatch, 0.8)
    again.objects[f"{PREFIX}code/algorithms/train.py"] = b"seed = 2\n"
    with pytest.raises(ProjectError) as error:
        again()
    assert error.value.faults[1:] == (
        "Evaluation.metrics.f1 is 0.8 instead of 0.9",
        "code: the stored files differ from the commit: algorithms/train.py",
    )


def test_a_run_that_fails_says_why(again: Repetition, monkeypatch: pytest.MonkeyPatch) -> None:
    ends(again, monkeypatch, 0.9, status="Failed")
    with pytest.raises(ProjectError, match="Train: out of memory"):
        again()


def lacks_input(again: Repetition) -> None:
    del again.objects[f"{PREFIX}input/data.csv"]


def lacks_report(again: Repetition) -> None:
    del again.objects[PREFIX + EVALUATION]


def lacks_run(again: Repetition) -> None:
    again.development.pages["list_pipeline_executions"] = {"PipelineExecutionSummaries": []}


def lacks_image(again: Repetition) -> None:
    again.registry.answers["batch_get_image"] = {"images": []}


def lacks_commit(again: Repetition) -> None:
    again.commit = "0" * 40
    again.development.pages["list_pipeline_executions"] = {"PipelineExecutionSummaries": [again.run(BUILD)]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lacks_input, f"repeat: {BUILD}: its input has been deleted; train again instead"),
        (lacks_report, f"repeat: {BUILD}: its report Evaluation has been deleted; train again instead"),
        (lacks_run, "has no run of this build; `plinth models` lists the versions"),
        (lacks_image, "has been deleted; train again instead"),
        (lacks_commit, "is not in this repository"),
    ],
)
def test_a_build_that_lacks_something_starts_nothing(again: Repetition, change: Any, message: str) -> None:
    change(again)
    with pytest.raises(ProjectError, match=message):
        again()
    assert not list(again.development.started())
