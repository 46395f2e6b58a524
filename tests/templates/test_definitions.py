"""The definition of a training pipeline follows from its Python file and from input.json, and from nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from selfservice.reports.model_versions import metrics_of
from tests.templates.projects import environment, generate

INPUT = "ml_pipelines/training/input.json"
PIPELINE = "ml_pipelines/training/ml-pipeline-training.py"
SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, "algorithms")
from plinth_project.build.local_runs.definition_run import LocalRun, StepFailedError
from plinth_project.build.rendering import render

TRENDS = [{}, {"TrendLimit": 0.79}, {"TrendLimit": 0.81}]
inputs, pipeline = Path("INPUT"), Path("PIPELINE")
settings = json.loads(inputs.read_text())

def rendered(**changed):
    inputs.write_text(json.dumps(settings | changed))
    return json.loads(render(Path.cwd(), "training"))

def named(steps):
    for step in steps:
        yield step["Name"], step
        for key in ("IfSteps", "ElseSteps"):
            yield from named(step["Arguments"].get(key, []))

def judged(step, comparison, parameters=(), **given):
    definition = {"Parameters": list(parameters), "Steps": [step]}
    run = LocalRun(definition=definition, folder=Path("local"), parameters=given)
    report = Path("evaluation.json")
    report.write_text(json.dumps({"metrics": {"f1": 0.8}, "comparison": comparison}))
    run._files["Evaluate", "Evaluation"] = report
    try:
        run.run()
    except StepFailedError as error:
        return str(error)
    return "passed"

default = settings["resources"]["default"]
larger = rendered(resources={"default": default, "train": {**default, "instance": "ml.m5.4xlarge", "minutes": 90}})
gate = dict(named(rendered(better_than_deployed="f1")["Steps"]))["BetterThanDeployed"]
gate["Arguments"]["IfSteps"] = []
plain = rendered()
trended = rendered(trend={"metric": "f1", "loss": 0.02})
limits = {"class_imbalance": {"at_most": 0.5}, "disparate_impact": {"at_least": 0.8}}
fair = rendered(
    fairness={"facets": [{"column": "mean_radius", "at_least": 15}], "reweigh": True},
    explanation={"rows": 20},
    gates=[*settings["gates"], *({"metric": metric, **limit} for metric, limit in limits.items())],
)
trend = dict(named(trended["Steps"]))["Trend-f1"]
trend["Arguments"]["IfSteps"] = []
Path("algorithms/preprocessing/split").rename("algorithms/preprocessing/a_first")
pipeline.write_text(pipeline.read_text().replace("preprocessing.split", "preprocessing.a_first"))
print(json.dumps({
    "larger": larger["Steps"],
    "plain": plain["Steps"],
    "fair": fair,
    "renamed": rendered()["Steps"],
    "worse": judged(gate, {"outcome": "not better", "deployed": 0.9}),
    "better": judged(gate, {"outcome": "better", "deployed": 0.7}),
    "trend": [judged(trend, {}, trended["Parameters"], BuildId="b", **limit) for limit in TRENDS],
}))
"""
"""Prints definitions of changed projects, and what the gate of a candidate says."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = generate(tmp_path_factory.mktemp("project"))
    script = SCRIPT.replace("INPUT", INPUT).replace("PIPELINE", PIPELINE)
    command = [environment() / "bin" / "python", "-c", script]
    variables = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return printed


def order(steps: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yields the steps of a definition, each with the steps whose results it reads."""
    names = [step["Name"] for step in steps]
    for step in steps:
        text = json.dumps(step)
        yield step["Name"], [name for name in names if f"Steps.{name}." in text or name in step.get("DependsOn", [])]


@pytest.mark.requirement("TR-13")
def test_a_candidate_has_to_beat_the_deployed_model_on_the_chosen_metric(found: dict[str, Any]) -> None:
    assert found["worse"] == "f1 0.8 is not better than 0.9 of the deployed model"
    assert found["better"] == "passed"


@pytest.mark.requirement("MON-07.b")
def test_a_candidate_may_not_leave_the_trend_of_the_last_versions(found: dict[str, Any]) -> None:
    few, above, below = found["trend"]
    assert (few, above) == ("passed", "passed")
    assert below == "f1 0.8 < 0.81 by the trend of the last versions"


@pytest.mark.requirement("WP-03.a", "WP-03.d")
def test_gates_of_the_data_stand_before_the_training(found: dict[str, Any]) -> None:
    split, gate = found["fair"]["Steps"]
    assert (split["Name"], gate["Name"]) == ("Split", "Gate-class-imbalance")
    assert split["Arguments"]["AppSpecification"]["ContainerArguments"][-2:] == ["--facet", "mean_radius>=15"]
    (condition,) = gate["Arguments"]["Conditions"]
    assert condition["LeftValue"]["Std:JsonGet"]["PropertyFile"] == {"Get": "Steps.Split.PropertyFiles.Split"}
    inner = gate["Arguments"]["IfSteps"]
    assert [step["Name"] for step in inner] == ["Train", "Evaluate", "Gate-f1"]
    train = inner[0]["Arguments"]
    assert train["HyperParameters"]["reweigh"] == "yes"
    assert [channel["ChannelName"] for channel in train["InputDataConfig"]] == ["code", "train", "validation", "facets"]
    later = [step["Name"] for step in every(inner)]
    assert later.count("Gate-class-imbalance") == 0
    assert {"Gate-disparate-impact", "Explain", "Register"} <= set(later)
    (version,) = [step["Arguments"] for step in every(inner) if step["Name"] == "Register"]
    assert {"Bias", "Explainability"} < set(version["ModelMetrics"])
    assert {"class_imbalance", "disparate_impact"} < set(metrics_of(version["CustomerMetadataProperties"]))


def every(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields steps with those in conditions."""
    for step in steps:
        yield step
        for key in ("IfSteps", "ElseSteps"):
            yield from every(step["Arguments"].get(key, []))


@pytest.mark.requirement("DEV-08.b", "TR-10.b")
def test_each_step_has_the_resources_of_the_settings(found: dict[str, Any]) -> None:
    def resources(steps: list[dict[str, Any]]) -> dict[str, tuple[str, int]]:
        by_name = {step["Name"]: step["Arguments"] for step in steps}
        split, train = by_name["Split"], by_name["Train"]
        return {
            "Split": (
                split["ProcessingResources"]["ClusterConfig"]["InstanceType"],
                split["StoppingCondition"]["MaxRuntimeInSeconds"],
            ),
            "Train": (
                train["ResourceConfig"]["InstanceType"],
                train["StoppingCondition"]["MaxRuntimeInSeconds"],
            ),
        }

    assert resources(found["plain"]) == {"Split": ("ml.m5.large", 3600), "Train": ("ml.m5.large", 3600)}
    assert resources(found["larger"]) == {"Split": ("ml.m5.large", 3600), "Train": ("ml.m5.4xlarge", 5400)}


@pytest.mark.requirement("REPO-21")
def test_steps_keep_their_order_whatever_their_folders_are_called(found: dict[str, Any]) -> None:
    before, after = dict(order(found["plain"])), dict(order(found["renamed"]))
    assert before == after
    assert before["Train"] == ["Split"]
    assert "preprocessing.a_first" in json.dumps(found["renamed"])


@pytest.mark.requirement("REPO-20")
def test_code_owners_divide_steps_from_delivery(tmp_path: Path) -> None:
    project = generate(tmp_path, code_owners="@acme/scientists", platform_owners="@acme/engineers")
    lines = (project / "CODEOWNERS").read_text().splitlines()
    owners = {words[0]: words[1:] for line in lines if not line.startswith("#") and (words := line.split())}
    assert owners == {
        "*": ["@acme/engineers"],
        "/algorithms/": ["@acme/scientists", "@acme/engineers"],
        "/algorithms/**/test/": ["@acme/scientists"],
        "/notebooks/": ["@acme/scientists"],
    }


@pytest.mark.requirement("CI-11.c", "CI-11.d", level="declared")
def test_every_job_has_the_variables_of_its_build_and_the_image_as_a_parameter(found: dict[str, Any]) -> None:
    jobs = [step["Arguments"] for step in every_step(found["plain"]) if step["Type"] in ("Processing", "Training")]
    assert len(jobs) == 5
    for job in jobs:
        known = job["Environment"]
        assert known["BUILD_ID"] == {"Get": "Parameters.BuildId"}
        assert known["REPOSITORY"] == "fraud--scoring-build"
        assert {"BRANCH", "COMMIT", "PARAMETERS"} <= known.keys()
        image = (job.get("AlgorithmSpecification") or {}).get("TrainingImage") or job["AppSpecification"]["ImageUri"]
        assert image == {"Get": "Parameters.Image"}


def test_the_metadata_of_a_version_are_its_origin_and_the_metrics_of_its_gates(found: dict[str, Any]) -> None:
    (register,) = (step for step in every_step(found["plain"]) if step["Type"] == "RegisterModel")
    metrics = metrics_of(register["Arguments"]["CustomerMetadataProperties"])
    assert metrics.keys() == {"f1", "recall"}


def every_step(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from every_step(step["Arguments"].get(branch, []))
