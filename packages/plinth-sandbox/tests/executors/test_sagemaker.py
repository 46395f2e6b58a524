"""SageMaker jobs run their container's command as their role, and pipelines run their definition."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/train:1"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/fraud-pipeline"
RESOURCES = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
TRAIN = """
import json, os, pathlib
root = pathlib.Path("/opt/ml")
numbers = [float(line) for line in (root / "input/data/train/numbers.csv").read_text().split()]
power = json.loads((root / "input/config/hyperparameters.json").read_text())["power"]
(root / "model/model.json").write_text(json.dumps(sum(n ** int(power) for n in numbers)))
print("sum:", len(numbers), "of", os.environ["TRAINING_JOB_NAME"])
"""
EVALUATE = """
import json, pathlib, tarfile
with tarfile.open("/opt/ml/processing/model/model.tar.gz") as packed:
    value = json.load(packed.extractfile("model.json"))
pathlib.Path("/opt/ml/processing/evaluation/metrics.json").write_text(json.dumps({"quality": {"value": value}}))
"""


class Workshop:
    """An account with a role, buckets, data and the environment that stands for the image."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.sagemaker, self.s3 = aws.client("sagemaker"), aws.client("s3")
        aws.role("fraud-pipeline", "sagemaker")
        for bucket in ("data", "results"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_object(Bucket="data", Key="numbers/numbers.csv", Body=b"1\n2\n3\n")
        (aws.directory / "images.json").write_text(json.dumps({"*/fraud/*": sys.prefix}))

    def training(self, name: str = "sum", script: str = TRAIN, **changes: Any) -> dict[str, Any]:
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python", "/opt/ml/input/data/code/main.py"],
                "MetricDefinitions": [{"Name": "rows", "Regex": r"sum: (\d+)"}],
            },
            "HyperParameters": {"power": "2"},
            "InputDataConfig": [channel("train", "s3://data/numbers/"), channel("code", self.code(script))],
            "OutputDataConfig": {"S3OutputPath": "s3://results/models/"},
            "ResourceConfig": RESOURCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": LONGEST_SECONDS},
            **changes,
        }

    def code(self, script: str) -> str:
        """Uploads a script and returns the folder that contains it as ``main.py``."""
        folder = f"code/{hashlib.sha256(script.encode()).hexdigest()[:8]}"
        self.s3.put_object(Bucket="data", Key=f"{folder}/main.py", Body=script.encode())
        return f"s3://data/{folder}/"

    def ended(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
            return found if found["TrainingJobStatus"] not in ("InProgress", "Stopping") else None

        return eventually(look)

    def run(self, **parameters: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Starts the pipeline and returns its execution and steps when it has ended."""
        given = [{"Name": name, "Value": value} for name, value in parameters.items()]
        started = self.sagemaker.start_pipeline_execution(PipelineName="fraud", PipelineParameters=given)
        return self.execution(started["PipelineExecutionArn"])

    def execution(self, arn: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            return found if found["PipelineExecutionStatus"] not in ("Executing", "Stopping") else None

        found = eventually(look)
        return found, self.steps(arn)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        listed = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in listed}

    def object(self, bucket: str, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


def channel(name: str, location: str) -> dict[str, Any]:
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": location}}}


@pytest.fixture(scope="module")
def shop(server: EmulatedAws) -> Workshop:
    return Workshop(server)


def test_a_training_job_leaves_its_model_its_metrics_and_its_log(shop: Workshop) -> None:
    shop.sagemaker.create_training_job(**shop.training())
    found = shop.ended("sum")
    assert found["TrainingJobStatus"] == "Completed", found.get("FailureReason")
    assert [(metric["MetricName"], metric["Value"]) for metric in found["FinalMetricDataList"]] == [("rows", 3.0)]
    model = shop.object("results", found["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://results/"))
    with tarfile.open(fileobj=io.BytesIO(model)) as packed:
        assert packed.extractfile("model.json").read() == b"14.0"  # type: ignore[union-attr] # a file
    logs = shop.aws.client("logs")
    events = logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="sum/")["events"]
    assert [event["message"] for event in events] == ["sum: 3 of sum"]


def test_a_failed_job_states_its_reason_and_exit_code(shop: Workshop) -> None:
    script = "import pathlib, sys\npathlib.Path('/opt/ml/output/failure').write_text('no such day')\nsys.exit(3)"
    shop.sagemaker.create_training_job(**shop.training("failing", script))
    found = shop.ended("failing")
    assert found["TrainingJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: no such day, exit code: 3"


def test_a_job_acts_as_its_role_and_an_isolated_one_has_no_credentials(shop: Workshop) -> None:
    script = (
        "import boto3\n"
        "who = boto3.client('sts').get_caller_identity()['Arn']\n"
        "boto3.client('s3').put_object(Bucket='results', Key='who', Body=who.encode())"
    )
    shop.sagemaker.create_training_job(**shop.training("who", script))
    assert shop.ended("who")["TrainingJobStatus"] == "Completed"
    assert shop.object("results", "who").decode().endswith("assumed-role/fraud-pipeline/SageMaker")
    shop.sagemaker.create_training_job(**shop.training("isolated", script, EnableNetworkIsolation=True))
    assert "Unable to locate credentials" in shop.ended("isolated")["FailureReason"]


def test_a_job_is_stopped_and_ends_at_its_time_limit(shop: Workshop) -> None:
    sleeping = "import time\ntime.sleep(600)"
    shop.sagemaker.create_training_job(**shop.training("stopped", sleeping))
    busy = {"TrainingJobName": "stopped"}
    assert refusal(shop.sagemaker.delete_training_job, **busy) == "ResourceInUse"
    shop.sagemaker.stop_training_job(**busy)
    assert shop.ended("stopped")["TrainingJobStatus"] == "Stopped"
    assert refusal(shop.sagemaker.stop_training_job, **busy) == "ValidationException"
    limit = {"MaxRuntimeInSeconds": 1}
    shop.sagemaker.create_training_job(**shop.training("slow", sleeping, StoppingCondition=limit))
    assert shop.ended("slow")["SecondaryStatus"] == "MaxRuntimeExceeded"


def test_a_stopped_job_has_time_to_save_its_model(shop: Workshop, tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f"""
import pathlib, signal, sys, time
def save(*_):
    pathlib.Path("/opt/ml/model/saved").write_text("half")
    sys.exit()
signal.signal(signal.SIGTERM, save)
pathlib.Path({str(started)!r}).touch()
time.sleep(600)
"""
    shop.sagemaker.create_training_job(**shop.training("saved", script))
    eventually(lambda: started.exists())
    shop.sagemaker.stop_training_job(TrainingJobName="saved")
    found = shop.ended("saved")
    assert found["TrainingJobStatus"] == "Stopped"
    model = shop.object("results", found["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://results/"))
    with tarfile.open(fileobj=io.BytesIO(model)) as packed:
        assert packed.getnames() == ["saved"]


def test_jobs_that_sagemaker_or_the_sandbox_cannot_run_are_refused(shop: Workshop) -> None:
    create = shop.sagemaker.create_training_job
    unknown = f"arn:aws:iam::{MANAGEMENT}:role/nobody"
    assert refusal(create, **shop.training("x", RoleArn=unknown)) == "ValidationException"
    two = {**RESOURCES, "InstanceCount": 2}
    assert refusal(create, **shop.training("x", ResourceConfig=two)) == "NotImplementedBySandbox"
    other = shop.training("unmapped")
    other["AlgorithmSpecification"]["TrainingImage"] = IMAGE.replace("fraud", "churn")
    create(**other)
    assert "plinth sandbox image" in shop.ended("unmapped")["FailureReason"]
    missing = shop.training("missing")
    missing["InputDataConfig"][0] = channel("train", "s3://data/none/")
    create(**missing)
    assert "No S3 objects found under S3 URL s3://data/none/" in shop.ended("missing")["FailureReason"]


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def definition(shop: Workshop) -> str:
    """Returns a pipeline that trains, evaluates, and registers the model if it is good enough."""
    training = {key: value for key, value in shop.training().items() if key != "TrainingJobName"}
    training["HyperParameters"] = {"power": get("Parameters.Power")}
    folder = {"Std:Join": {"On": "/", "Values": ["s3://results/evaluations", get("Execution.PipelineExecutionId")]}}
    model = get("Steps.Train.ModelArtifacts.S3ModelArtifacts")
    evaluation = {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python", "/opt/ml/processing/code/main.py"]},
        "ProcessingResources": {"ClusterConfig": RESOURCES},
        "ProcessingInputs": [
            {
                "InputName": name,
                "S3Input": {"S3Uri": location, "LocalPath": f"/opt/ml/processing/{name}", "S3DataType": "S3Prefix"},
            }
            for name, location in (("model", model), ("code", shop.code(EVALUATE)))
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "evaluation",
                    "S3Output": {
                        "S3Uri": folder,
                        "LocalPath": "/opt/ml/processing/evaluation",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    }
    metrics = {"PropertyFileName": "Metrics", "OutputName": "evaluation", "FilePath": "metrics.json"}
    reached = {"Std:JsonGet": {"PropertyFile": get("Steps.Evaluate.PropertyFiles.Metrics"), "Path": "quality.value"}}
    registration = {
        "ModelPackageGroupName": "fraud",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": model}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        "ModelMetrics": {
            "ModelQuality": {
                "Statistics": {
                    "ContentType": "application/json",
                    "S3Uri": get("Steps.Evaluate.ProcessingOutputConfig.Outputs['evaluation'].S3Output.S3Uri"),
                }
            }
        },
    }
    why = {"Std:Join": {"On": " < ", "Values": [reached, get("Parameters.Threshold")]}}
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [
                {"Name": "Power", "Type": "String", "DefaultValue": "2"},
                {"Name": "Threshold", "Type": "Float", "DefaultValue": 10.0},
            ],
            "Steps": [
                {"Name": "Train", "Type": "Training", "Arguments": training},
                {"Name": "Evaluate", "Type": "Processing", "Arguments": evaluation, "PropertyFiles": [metrics]},
                {
                    "Name": "GoodEnough",
                    "Type": "Condition",
                    "Arguments": {
                        "Conditions": [
                            {
                                "Type": "GreaterThanOrEqualTo",
                                "LeftValue": reached,
                                "RightValue": get("Parameters.Threshold"),
                            }
                        ],
                        "IfSteps": [{"Name": "Register", "Type": "RegisterModel", "Arguments": registration}],
                        "ElseSteps": [{"Name": "TooBad", "Type": "Fail", "Arguments": {"ErrorMessage": why}}],
                    },
                },
            ],
        }
    )


@pytest.fixture(scope="module")
def pipeline(shop: Workshop) -> None:
    shop.sagemaker.create_model_package_group(ModelPackageGroupName="fraud")
    shop.sagemaker.create_pipeline(
        PipelineName="fraud", RoleArn=ROLE, PipelineDefinition=definition(shop), ClientRequestToken="f" * 32
    )


def started(shop: Workshop, name: str, script: str) -> str:
    """Creates a pipeline that trains with another script, starts it, and returns the ARN of the execution."""
    text = json.loads(definition(shop))
    text["Steps"][0]["Arguments"]["InputDataConfig"][1] = channel("code", shop.code(script))
    shop.sagemaker.create_pipeline(
        PipelineName=name, RoleArn=ROLE, PipelineDefinition=json.dumps(text), ClientRequestToken=name.ljust(32, "-")
    )
    return str(shop.sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"])


@pytest.mark.usefixtures("pipeline")
def test_a_pipeline_registers_a_model_that_is_good_enough(shop: Workshop) -> None:
    found, steps = shop.run()
    assert found["PipelineExecutionStatus"] == "Succeeded", steps
    assert set(steps) == {"Train", "Evaluate", "GoodEnough", "Register"}
    registered = steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    model = shop.sagemaker.describe_model_package(ModelPackageName=registered)
    assert model["ModelApprovalStatus"] == "PendingManualApproval"
    (container,) = model["InferenceSpecification"]["Containers"]
    trained = shop.sagemaker.describe_training_job(
        TrainingJobName=steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    )
    assert container["ModelDataUrl"] == trained["ModelArtifacts"]["S3ModelArtifacts"]


@pytest.mark.usefixtures("pipeline")
def test_a_pipeline_fails_with_the_reason_if_the_model_is_not_good_enough(shop: Workshop) -> None:
    found, steps = shop.run(Power="1")
    assert found["PipelineExecutionStatus"] == "Failed"
    assert set(steps) == {"Train", "Evaluate", "GoodEnough", "TooBad"}
    assert steps["TooBad"]["FailureReason"] == "6.0 < 10.0"


@pytest.mark.usefixtures("pipeline")
def test_unknown_parameters_and_pipelines_are_refused(shop: Workshop) -> None:
    start = shop.sagemaker.start_pipeline_execution
    unknown = [{"Name": "Depth", "Value": "6"}]
    assert refusal(start, PipelineName="fraud", PipelineParameters=unknown) == "ValidationException"
    wrong = [{"Name": "Threshold", "Value": "high"}]
    assert refusal(start, PipelineName="fraud", PipelineParameters=wrong) == "ValidationException"
    assert refusal(start, PipelineName="churn") == "ResourceNotFound"


def test_a_client_ends_a_callback_step(shop: Workshop) -> None:
    queue = shop.aws.client("sqs").create_queue(QueueName="steps")["QueueUrl"]
    step = {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": queue,
        "Arguments": {"day": "2026-01-01"},
        "OutputParameters": [{"OutputName": "rows", "OutputType": "String"}],
    }
    fails = {"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": get("Steps.Ask.OutputParameters['rows']")}}
    text = json.dumps({"Version": "2020-12-01", "Steps": [step, fails]})
    shop.sagemaker.create_pipeline(
        PipelineName="asking", RoleArn=ROLE, PipelineDefinition=text, ClientRequestToken="a" * 32
    )
    arn = shop.sagemaker.start_pipeline_execution(PipelineName="asking")["PipelineExecutionArn"]
    (message,) = shop.aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    asked = json.loads(message["Body"])
    assert asked["arguments"] == {"day": "2026-01-01"}
    assert asked["pipelineExecutionArn"] == arn
    outputs = [{"Name": "rows", "Value": "42"}]
    shop.sagemaker.send_pipeline_execution_step_success(CallbackToken=asked["token"], OutputParameters=outputs)
    found, steps = shop.execution(arn)
    assert found["PipelineExecutionStatus"] == "Failed"
    assert steps["Tell"]["FailureReason"] == "42"


@pytest.mark.nightly
@pytest.mark.usefixtures("pipeline")
def test_a_killed_sandbox_continues_an_execution_and_runs_no_step_twice(shop: Workshop, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    counting = f"""
import pathlib, time
pathlib.Path({str(tmp_path)!r}, "starts").open("a").write("x")
while not pathlib.Path({str(gate)!r}).exists():
    time.sleep(0.05)
"""
    arn = started(shop, "counted", counting + TRAIN)
    eventually(lambda: (tmp_path / "starts").exists() and (tmp_path / "starts").read_text() == "x")
    shop.aws.restart()
    eventually(lambda: (tmp_path / "starts").read_text() == "xx")
    gate.touch()
    found, steps = shop.execution(arn)
    assert found["PipelineExecutionStatus"] == "Succeeded"
    shop.aws.restart()
    assert shop.steps(arn) == steps
    assert (tmp_path / "starts").read_text() == "xx"


@pytest.mark.usefixtures("pipeline")
def test_an_execution_is_stopped_and_retried(shop: Workshop) -> None:
    arn = started(shop, "stopped", "import time; time.sleep(600)")
    shop.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    found, steps = shop.execution(arn)
    assert found["PipelineExecutionStatus"] == "Stopped"
    assert steps["Train"]["StepStatus"] == "Stopped"
    shop.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert shop.steps(arn)["Train"]["StepStatus"] == "Executing"
    shop.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    shop.execution(arn)
