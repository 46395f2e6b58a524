"""SageMaker tuning jobs search hyperparameters by training jobs, alone and in a pipeline."""

from __future__ import annotations

import json
import math
import random
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.emulator.services.sagemaker.executor import sampling
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/train:1"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/fraud-pipeline"
TRAIN = f"""#!{sys.executable}
import json, pathlib
given = json.loads(pathlib.Path("/opt/ml/input/config/hyperparameters.json").read_text())
depth = int(given["depth"])
if depth == int(given.get("broken", -1)):
    raise SystemExit("broken")
pathlib.Path("/opt/ml/model/depth").write_text(str(depth))
print(f"auc={{depth / 10}}" if "silent" not in given else "no metric")
"""
TAGS = [{"Key": "use-case", "Value": "scoring"}]
DEPTHS = {"CategoricalParameterRanges": [{"Name": "depth", "Values": ["2", "4", "8", "6"]}]}


class Workshop:
    """An account with a role and an environment whose program ``train`` scores the depth."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws, self.sagemaker = aws, aws.client("sagemaker")
        aws.role("fraud-pipeline", "sagemaker")
        aws.client("s3").create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": REGION})
        program = aws.directory / "image" / "bin" / "train"
        program.parent.mkdir(parents=True)
        program.write_text(TRAIN)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (aws.directory / "images.json").write_text(json.dumps({"*/fraud/*": str(program.parents[1])}))

    def request(self, strategy: str = "Grid", ranges: Any = DEPTHS, **static: str) -> dict[str, Any]:
        return {
            "HyperParameterTuningJobConfig": {
                "Strategy": strategy,
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": ranges,
            },
            "TrainingJobDefinition": {
                "StaticHyperParameters": static,
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "auc", "Regex": "auc=(.*)"}],
                },
                "RoleArn": ROLE,
                "OutputDataConfig": {"S3OutputPath": "s3://models"},
                "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
                "StoppingCondition": {"MaxRuntimeInSeconds": LONGEST_SECONDS},
            },
        }

    def tune(self, name: str, **request: Any) -> dict[str, Any]:
        self.sagemaker.create_hyper_parameter_tuning_job(HyperParameterTuningJobName=name, **request)
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            return found if found["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping") else None

        return eventually(look)

    def trials(self, name: str, **order: str) -> list[dict[str, Any]]:
        list_jobs = self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job
        found: list[dict[str, Any]] = list_jobs(HyperParameterTuningJobName=name, **order)["TrainingJobSummaries"]
        return found


@pytest.fixture(scope="module")
def shop(server: EmulatedAws) -> Workshop:
    return Workshop(server)


@pytest.fixture(scope="module")
def grid(shop: Workshop) -> dict[str, Any]:
    return shop.tune("grid", **shop.request(broken="4"), Tags=TAGS)


def test_a_tuning_job_names_the_best_of_its_training_jobs(shop: Workshop, grid: dict[str, Any]) -> None:
    assert grid["HyperParameterTuningJobStatus"] == "Completed", grid.get("FailureReason")
    best = grid["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"depth": "8"}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == pytest.approx(0.8)
    assert grid["TrainingJobStatusCounters"] == {
        "Completed": 3, "InProgress": 0, "NonRetryableError": 1, "RetryableError": 0, "Stopped": 0,
    }  # fmt: skip
    assert grid["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 1}
    ranked = shop.trials("grid", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert [trial["TunedHyperParameters"]["depth"] for trial in ranked] == ["8", "6", "2"]
    assert [trial["TunedHyperParameters"]["depth"] for trial in shop.trials("grid")] == ["2", "4", "8", "6"]


def test_its_training_jobs_are_training_jobs(shop: Workshop, grid: dict[str, Any]) -> None:
    found = shop.sagemaker.describe_training_job(TrainingJobName=grid["BestTrainingJob"]["TrainingJobName"])
    assert found["TuningJobArn"] == grid["HyperParameterTuningJobArn"]
    assert shop.sagemaker.list_tags(ResourceArn=found["TrainingJobArn"])["Tags"] == TAGS
    assert found["HyperParameters"] == {"depth": "8", "broken": "4", "_tuning_objective_metric": "auc"}
    assert shop.aws.client("s3").head_object(
        Bucket="models", Key=found["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://models/")
    )


def test_a_restart_runs_no_training_job_again(shop: Workshop, grid: dict[str, Any]) -> None:
    before = shop.trials("grid")
    shop.aws.restart()
    assert shop.ended("grid")["BestTrainingJob"] == grid["BestTrainingJob"]
    assert shop.trials("grid") == before


def test_without_a_metric_it_fails_and_says_so(shop: Workshop) -> None:
    found = shop.tune("silent", **shop.request(silent="yes"))
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert "No objective metrics found after running 4 training jobs" in found["FailureReason"]


def test_what_sagemaker_refuses_or_the_sandbox_cannot_run_is_refused(shop: Workshop) -> None:
    def refused(request: dict[str, Any]) -> str | None:
        return refusal(
            shop.sagemaker.create_hyper_parameter_tuning_job, HyperParameterTuningJobName="refused", **request
        )

    between = {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]}
    backwards = {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "9", "MaxValue": "1"}]}
    unmeasured = shop.request()
    unmeasured["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"] = "f1"
    for request in (
        shop.request(ranges=between),
        shop.request("Random", backwards),
        shop.request(depth="3"),
        shop.request(ranges={}),
        unmeasured,
    ):
        assert refused(request) == "ValidationException"
    assert refused(shop.request("Hyperband", between)) == "NotImplementedBySandbox"
    listed = shop.sagemaker.list_hyper_parameter_tuning_jobs(NameContains="refused")
    assert listed["HyperParameterTuningJobSummaries"] == []


def test_a_pipeline_waits_for_its_tuning_step_and_uses_the_best_model(shop: Workshop) -> None:
    best = {"Get": "Steps.Tune.TrainingJobSummaries[0].TrainingJobName"}
    location = {"Std:Join": {"On": "/", "Values": ["s3://models", best, "output/model.tar.gz"]}}
    steps = [
        {"Name": "Tune", "Type": "Tuning", "Arguments": shop.request()},
        {"Name": "Say", "Type": "Fail", "Arguments": {"ErrorMessage": location}},
    ]
    shop.sagemaker.create_pipeline(
        PipelineName="tuned",
        RoleArn=ROLE,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
        ClientRequestToken="t" * 32,
    )
    arn = shop.sagemaker.start_pipeline_execution(PipelineName="tuned")["PipelineExecutionArn"]

    def look() -> list[dict[str, Any]] | None:
        status = shop.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        listed: list[dict[str, Any]] = shop.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
            "PipelineExecutionSteps"
        ]
        return None if status == "Executing" else listed

    ended = {step["StepName"]: step for step in eventually(look)}
    assert ended["Tune"]["StepStatus"] == "Succeeded", ended
    name = ended["Tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    best_job = shop.ended(name)["BestTrainingJob"]["TrainingJobName"]
    assert ended["Say"]["FailureReason"] == f"s3://models/{best_job}/output/model.tar.gz"


@pytest.fixture
def waiting_image(shop: Workshop, tmp_path: Path) -> Iterator[None]:
    """Training takes ten minutes, for the jobs of one test."""
    waiting = tmp_path / "bin" / "train"
    waiting.parent.mkdir()
    waiting.write_text("#!/bin/sh\nsleep 600\n")
    waiting.chmod(0o700)
    images = shop.aws.directory / "images.json"
    others = images.read_text()
    images.write_text(json.dumps({"*/fraud/*": str(tmp_path)}))
    yield
    images.write_text(others)


@pytest.mark.usefixtures("waiting_image")
def test_a_stopped_tuning_job_stops_its_training_jobs(shop: Workshop) -> None:
    shop.sagemaker.create_hyper_parameter_tuning_job(HyperParameterTuningJobName="stopped", **shop.request())
    shop.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stopped")
    found = shop.ended("stopped")
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert {trial["TrainingJobStatus"] for trial in shop.trials("stopped")} == {"Stopped"}
    assert len(shop.trials("stopped")) == 2
    again = refusal(shop.sagemaker.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName="stopped")
    assert again == "ValidationException"


@pytest.mark.parametrize("scaling", ["Auto", "Linear", "Logarithmic"])
def test_values_are_drawn_from_their_ranges(scaling: str) -> None:
    source = random.Random(1)
    ranges: sampling.Ranges = {
        "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9", "ScalingType": scaling}],
        "ContinuousParameterRanges": [
            {"Name": "rate", "MinValue": "0.001", "MaxValue": "0.1", "ScalingType": scaling},
            {"Name": "kept", "MinValue": "0.5", "MaxValue": "0.999", "ScalingType": "ReverseLogarithmic"},
        ],
    }
    found = [sampling.drawn(ranges, source) for _ in range(500)]
    assert {draw["depth"] for draw in found} <= {str(number) for number in range(1, 10)}
    rates = sorted(float(draw["rate"]) for draw in found)
    assert 0.001 <= rates[0] < rates[-1] <= 0.1
    middle = 0.01 if scaling == "Logarithmic" else 0.05
    assert math.isclose(rates[250], middle, rel_tol=0.3)
    assert all(0.5 <= float(draw["kept"]) <= 0.999 for draw in found)
