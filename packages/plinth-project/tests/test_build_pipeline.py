"""The pipeline of the repository, rendered and run on this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from generated import NEEDS_SDK, build_repository, with_problems
from plinth_project.build import git
from plinth_project.build.checks import CHECKS
from plinth_project.build.git import Revision
from plinth_project.build.local_runs import sample_run
from plinth_project.build.local_runs.definition_run import GateMissedError, LocalRun, StepFailedError
from plinth_project.build.local_runs.references import References
from plinth_project.build.rendering import pipelines, render
from plinth_project.definitions.offline import difference
from plinth_project.documents import ProjectError


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    rendered: dict[str, Any] = json.loads(
        render(build_repository(), "training", Revision(branch="main", commit="1a2b3c4" * 6))
    )
    return rendered


def steps(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns all steps by name, with those in conditions."""
    named = {}
    for step in found:
        named[step["Name"]] = step
        for key in ("IfSteps", "ElseSteps"):
            named |= steps(step["Arguments"].get(key, []))
    return named


@NEEDS_SDK
def test_jobs_are_confined_and_named_after_the_use_case(definition: dict[str, Any]) -> None:
    found = steps(definition["Steps"])
    jobs = [step["Arguments"] for step in found.values() if step["Type"] in ("Processing", "Training")]
    assert len(jobs) >= 5
    foundation = json.loads((build_repository() / "foundation.json").read_text())
    prefix = f"{foundation['team']}--{foundation['use_case']}-"
    for job in jobs:
        assert (job.get("ProcessingJobName") or job["TrainingJobName"]).startswith(prefix)
        network = job.get("NetworkConfig") or job
        assert network["VpcConfig"]["Subnets"]
        assert network["EnableInterContainerTrafficEncryption"]
        tags = {tag["Key"]: tag["Value"] for tag in job["Tags"]}
        assert tags["plinth:use-case"] == foundation["use_case"]
        assert foundation["tags"].items() <= tags.items()
    assert {"plinth:owner", "plinth:cost-centre"} <= foundation["tags"].keys()


@NEEDS_SDK
def test_a_step_with_a_dockerfile_runs_in_its_own_image(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".*", "build")
    root = shutil.copytree(build_repository(), tmp_path / "copy", ignore=ignored)
    file = root / "ml_pipelines" / "training" / "input.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "image": None}))
    (root / "algorithms" / "preprocessing" / "split" / "dockerfile").write_text("FROM scratch\n")
    rendered = json.loads(render(root, "training", Revision(branch="main", commit="1a2b3c4" * 6)))
    found = {step["Name"]: step["Arguments"] for step in rendered["Steps"]}
    assert found["Split"]["AppSpecification"]["ImageUri"] == {"Get": "Parameters.ImageSplit"}
    assert found["Train"]["AlgorithmSpecification"]["TrainingImage"] == {"Get": "Parameters.Image"}
    assert found["Evaluate"]["AppSpecification"]["ImageUri"] == {"Get": "Parameters.Image"}
    images = {
        parameter["Name"]: parameter["DefaultValue"]
        for parameter in rendered["Parameters"]
        if "Image" in parameter["Name"]
    }
    tag = f":{'1a2b3c4' * 6}"
    assert images == {
        "Image": f"{images['Image'].rpartition('/')[0]}/train{tag}",
        "ImageSplit": f"{images['Image'].rpartition('/')[0]}/split{tag}",
    }


def condition(name: str, inner: list[Any]) -> dict[str, Any]:
    left = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "metrics.f1"}}
    reason = {"Std:Join": {"On": " ", "Values": ["f1", left, "<", "0.8"]}}
    failed = {"Name": "Failed", "Type": "Fail", "Arguments": {"ErrorMessage": reason}}
    comparison = {"Type": "GreaterThanOrEqualTo", "LeftValue": left, "RightValue": 0.8}
    given = {"Conditions": [comparison], "IfSteps": inner, "ElseSteps": [failed]}
    return {"Name": name, "Type": "Condition", "Arguments": given}


def test_a_model_below_a_gate_ends_the_run_with_both_numbers(tmp_path: Path) -> None:
    run = LocalRun(definition={"Parameters": [], "Steps": [condition("Gate", [])]}, folder=tmp_path, parameters={})
    report = tmp_path / "evaluation.json"
    report.write_text('{"metrics": {"f1": 0.71}}')
    run._files["Evaluate", "Evaluation"] = report
    with pytest.raises(GateMissedError, match=r"^f1 0\.71 < 0\.8$"):
        run.run()


@pytest.mark.parametrize("source", ["sample", "athena"])
def test_a_missed_gate_fails_the_check_if_the_sample_is_the_data(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def miss(*_: object) -> None:
        raise GateMissedError("f1 0.71 < 0.8")

    monkeypatch.setattr(sample_run, "run_with_sample", miss)
    folder = with_problems(tmp_path) / "ml_pipelines" / "training"
    folder.mkdir(parents=True)
    (folder / "ml-pipeline-training.py").touch()
    settings = json.loads((build_repository() / "ml_pipelines" / "training" / "input.json").read_text())
    data = {"source": source, "target": "x", "database": "d", "query": "SELECT 1", "file": "a.csv"}
    (folder / "input.json").write_text(json.dumps({**settings, "data": data}))
    if source == "sample":
        with pytest.raises(ProjectError, match=r"^gate of the pipeline training: f1 0\.71 < 0\.8$"):
            CHECKS["pipeline"](tmp_path)
    else:
        assert "training: f1 0.71 < 0.8" in (CHECKS["pipeline"](tmp_path) or "")


def test_a_step_that_fails_is_no_missed_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StepFailedError("Split: ValueError: no such day")

    monkeypatch.setattr(sample_run, "run_with_sample", fail)
    folder = with_problems(tmp_path) / "ml_pipelines" / "training"
    folder.mkdir(parents=True)
    (folder / "ml-pipeline-training.py").touch()
    with pytest.raises(ProjectError, match=r"^pipeline training: Split: ValueError: no such day$"):
        CHECKS["pipeline"](tmp_path)


def test_a_run_keeps_outputs_of_jobs_and_the_request_of_the_registration(tmp_path: Path) -> None:
    script = "import pathlib, sys; pathlib.Path(sys.argv[1], 'rows.csv').write_text('7')"
    training = "import os, shutil; shutil.copy(os.environ['TRAIN'] + '/rows.csv', os.environ['MODEL'])"
    place = "s3://data/parts/train"
    output = {"OutputName": "train", "S3Output": {"S3Uri": place, "LocalPath": "/opt/ml/processing/train"}}
    request = {
        "AppSpecification": {
            "ContainerEntrypoint": ["python", "-c", script],
            "ContainerArguments": ["/opt/ml/processing/train"],
        },
        "Environment": {},
        "ProcessingInputs": [],
        "ProcessingOutputConfig": {"Outputs": [output]},
    }
    split = {"Name": "Split", "Type": "Processing", "Arguments": request}
    uri = {"Get": "Steps.Split.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
    train = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {
                "MetricDefinitions": [],
                "ContainerEntrypoint": ["python", "-c", training],
            },
            "Environment": {"TRAIN": "/opt/ml/input/data/train", "MODEL": "/opt/ml/model"},
            "HyperParameters": {},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": uri}}}],
            "OutputDataConfig": {"S3OutputPath": "s3://models"},
        },
    }
    model = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    register = {"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelDataUrl": model}}
    run = LocalRun(definition={"Parameters": [], "Steps": [register, train, split]}, folder=tmp_path, parameters={})
    run.run()
    assert run.registered == {"ModelDataUrl": "s3://models/Train/output/model.tar.gz"}
    assert (run.store(place) / "rows.csv").read_text() == "7"


def test_a_failed_command_is_the_reason_of_the_run(tmp_path: Path) -> None:
    specification = {"ContainerEntrypoint": ["python", "-c", "raise ValueError('no such day')"]}
    request = {
        "AppSpecification": specification,
        "Environment": {},
        "ProcessingInputs": [],
        "ProcessingOutputConfig": {"Outputs": []},
    }
    step = {"Name": "Split", "Type": "Processing", "Arguments": request}
    run = LocalRun(definition={"Parameters": [], "Steps": [step]}, folder=tmp_path, parameters={})
    with pytest.raises(StepFailedError, match="Split: ValueError: no such day"):
        run.run()


def test_the_best_trial_of_a_search_counts(tmp_path: Path) -> None:
    script = (
        "import json, os, pathlib; path = pathlib.Path(os.environ['HYPERPARAMETERS_PATH']);"
        "depth = json.loads(path.read_text())['depth'];"
        "pathlib.Path(os.environ['MODEL_PATH'], 'depth').write_text(depth); print(f'validation:f1={depth};')"
    )
    metric = {"Name": "validation:f1", "Regex": "validation:f1=([0-9.]+);"}
    variables = {"HYPERPARAMETERS_PATH": "/opt/ml/input/config/hyperparameters.json", "MODEL_PATH": "/opt/ml/model"}
    config = {
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:f1"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3},
        "ParameterRanges": {
            "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "99"}],
            "ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0.1", "MaxValue": "0.2"}],
        },
    }
    training = {
        "AlgorithmSpecification": {"MetricDefinitions": [metric], "ContainerEntrypoint": ["python", "-c", script]},
        "Environment": variables,
        "InputDataConfig": [],
        "OutputDataConfig": {"S3OutputPath": "s3://models/train"},
        "StaticHyperParameters": {},
    }
    request = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": training}
    best = {"Get": "Steps.Tune.TrainingJobSummaries[0].TrainingJobName"}
    registration = {"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": best}}
    tune = {"Name": "Tune", "Type": "Tuning", "Arguments": request}
    run = LocalRun(definition={"Parameters": [], "Steps": [registration, tune]}, folder=tmp_path, parameters={})
    run.run()
    trials = {folder.name: float((folder / "model" / "depth").read_text()) for folder in tmp_path.glob("containers/*")}
    assert run.registered["ModelPackageGroupName"] == max(trials, key=lambda name: trials[name])


def test_references_to_lists_parameters_and_conditions() -> None:
    references = References(
        parameters={"BuildId": "7"},
        variables={},
        properties={"Split": {"Outputs": [{"OutputName": "train", "Uri": "s3://x"}]}},
        report=lambda step, name: {"outcome": f"{step}-{name}"},
    )
    assert references.resolve({"Get": "Steps.Split.Outputs['train'].Uri"}) == "s3://x"
    assert references.resolve([{"Std:Join": {"On": "/", "Values": ["a", {"Get": "Parameters.BuildId"}]}}]) == ["a/7"]
    outcome = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.A.PropertyFiles.B"}, "Path": "outcome"}}
    assert references.holds({"Type": "In", "QueryValue": outcome, "Values": ["A-B"]})
    assert not references.holds({"Type": "LessThanOrEqualTo", "LeftValue": 2, "RightValue": 1.5})


@NEEDS_SDK
def test_a_definition_does_not_depend_on_aws(tmp_path: Path) -> None:
    folder = with_problems(tmp_path) / "ml_pipelines" / "asking"
    folder.mkdir(parents=True)
    for name in ("foundation.json", "ml_pipelines/training/input.json"):
        (tmp_path / name.replace("training", "asking")).write_text((build_repository() / name).read_text())
    (folder / "ml-pipeline-asking.py").write_text(
        "import boto3\ndef steps(jobs): boto3.client('sts').get_caller_identity()"
    )
    assert pipelines(tmp_path) == ["asking"]
    with pytest.raises(Exception, match=r"rendering sent a request|Unable to locate credentials"):
        render(tmp_path, "asking", Revision(branch="main", commit="1" * 40))
    with pytest.raises(ProjectError, match=r"ml-pipeline-other\.py: missing"):
        render(tmp_path, "other", Revision(branch="main", commit="1" * 40))


def test_a_difference_names_the_changed_lines() -> None:
    assert difference("a\nb\n", "a\nb\n", "training") == ""
    assert "-b\n+c" in difference("a\nb\n", "a\nc\n", "training")


def test_the_branch_comes_from_ci_or_from_git(tmp_path: Path) -> None:
    assert git.revision(tmp_path, {}) == Revision(branch="local", commit="0" * 40)
    assert git._git(tmp_path, "init", "--initial-branch", "feature/x") is not None
    assert git.revision(tmp_path, {}).branch == "feature/x"
    assert git.revision(tmp_path, {"BRANCH": "develop"}).branch == "develop"
    assert not git.revision(tmp_path, {}).is_committed
    (tmp_path / "new").touch()
    assert git.changed_files(tmp_path) == ["new"]
