"""A use case that predicts in batches, from one command to results in the lake that another team reads."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.creation import add_images
from tests.support.running import answer, ended, run_job
from tests.support.workbench import Workbench

USE_CASE, DATASET = "fraud--chargebacks", "progressions"
PIPELINE, FUNCTION = f"{USE_CASE}-prod-inference", f"{USE_CASE}-prod-start-batch"
JOBS = "plinth/fraud-production-execution"
DAY, NEXT = "20260102T060000-1a2b3c4", "20260103T060000-1a2b3c4"
SETTINGS = {
    "owner": "fraud-owner@acme.example",
    "description": "Predictions of batch inference, one row each",
    "classification": "confidential",
    "zone": "results",
    "parts": ["historical"],
    "columns": [
        {"name": "id", "type": "string"},
        {"name": "prediction", "type": "double"},
        {"name": "environment", "type": "string", "partition": True},
    ],
    "shared_with": {"churn": ["development"]},
    "returned_by": {"fraud": ["preproduction", "production"]},
    "etl": {
        "script": "tests/engine/main_job/continued/progressions.py",
        "sources": ["results/progressions"],
        # The test runs the job itself, and runs of a job do not overlap.
        "on_arrival": False,
        "schedule": "cron(0 4 * * ? *)",
    },
}


class Batches:
    """The use case in production, after its first version was promoted."""

    def __init__(self, acme: Workbench) -> None:
        self.acme = acme
        self.tooling = str(acme.outputs("tooling")["account_id"])
        self.production = acme.outputs("fraud-production")
        self.account = str(self.production["account_id"])
        self.sagemaker = acme.client("sagemaker", self.account)

    def person(self, *words: str, by: str, check: bool = True) -> str:
        return self.acme.plinth(*words, variables=self.acme.session_of(by, self.tooling), check=check).stdout

    def promote(self) -> dict[str, Any]:
        """Promotes the registered version, and returns the promotion when it has ended."""
        self.person("approve", USE_CASE, "--version=newest", "--comment=The metrics are good", by="grace")
        for person in ("ben", "chloe"):
            self.person("approve", USE_CASE, "--wait", f"--comment=read by {person}", by=person, check=False)
        self.person("promotions", USE_CASE, "--watch", by="dan", check=False)
        found = json.loads(self.person("promotions", USE_CASE, "--json", by="dan"))
        return dict(found["use_cases"][0]["promotions"][0])

    def arrive(self, build: str, content: str) -> None:
        """Stores an input and its marker, as a job of the team does."""
        self._put(f"{build}/input/data.csv", content)
        self.mark(build)

    def mark(self, build: str) -> None:
        """Says that an input is complete. S3 sends an event each time."""
        self._put(f"{build}/input/_SUCCESS", "")

    def run(self, build: str) -> dict[str, Any]:
        """Returns the execution of an input when it has ended."""
        found = ended(lambda: {"found": self.executions(build)}, lambda told: "ENDED" if told["found"] else "WAITING")
        (arn,) = found["found"]
        return ended(
            lambda: dict(self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)),
            lambda told: "RUNNING" if told["PipelineExecutionStatus"] == "Executing" else "ENDED",
        )

    def executions(self, build: str) -> list[str]:
        listed = self.sagemaker.list_pipeline_executions(PipelineName=PIPELINE)["PipelineExecutionSummaries"]
        return [
            execution_summary["PipelineExecutionArn"]
            for execution_summary in listed
            if execution_summary["PipelineExecutionDisplayName"] == build
        ]

    def reasons(self, execution: str) -> dict[str, str]:
        """Returns the reason of each step that failed."""
        steps = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
        return {step["StepName"]: step["FailureReason"] for step in steps if "FailureReason" in step}

    def starts(self) -> int:
        """Returns how often the function that starts runs has ended."""
        group = f"/aws/lambda/{FUNCTION}"
        events = self.acme.client("logs", self.account).filter_log_events(logGroupName=group)["events"]
        return sum(event["message"].startswith("REPORT ") for event in events)

    def results(self, build: str) -> list[dict[str, str]]:
        key = f"chargebacks/{build}/ml-pipeline-outputs/results/data.csv"
        s3 = self.acme.client("s3", self.account)
        body: bytes = s3.get_object(Bucket=self.production["bucket_name"], Key=key)["Body"].read()
        return list(csv.DictReader(io.StringIO(body.decode())))

    def follow(self) -> str:
        """Subscribes a queue to the topic of the use case's alarms, and returns its URL."""
        sqs, sns = (self.acme.client(service, self.account) for service in ("sqs", "sns"))
        queue = str(sqs.create_queue(QueueName="follower")["QueueUrl"])
        address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = f"arn:aws:sns:{sns.meta.region_name}:{self.account}:{USE_CASE}-prod-alarms"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
        return queue

    def told(self, queue: str, count: int) -> list[dict[str, str]]:
        """Returns messages of the topic, when there are enough."""
        found: list[dict[str, str]] = []

        def look() -> bool:
            answer = self.acme.client("sqs", self.account).receive_message(QueueUrl=queue)
            found.extend(json.loads(json.loads(message["Body"])["Message"]) for message in answer.get("Messages", []))
            return len(found) >= count

        eventually(look)
        return found

    def _put(self, name: str, content: str) -> None:
        job = self.acme.client("s3", self.account, role=JOBS)
        job.put_object(Bucket=self.production["bucket_name"], Key=f"chargebacks/{name}", Body=content.encode())


@pytest.fixture(scope="module")
def created(acme: Workbench) -> Path:
    """The use case as one command creates it, with a dataset for its results. Returns its deployment repository."""
    add_images(acme)
    stack = f"data-lake--{DATASET}"
    acme.settings_file(stack).write_text(json.dumps({"config": {"plinth:dataset": SETTINGS}}))
    acme.plinth("up", stack, "--yes")
    answers = ("--data=problem=regression", "--data=image=train:1")
    people = ("--approver=ben", "--approver=chloe")
    way = ("--inference=batch", f"--results={DATASET}", "--image=train")
    team, _, name = USE_CASE.partition("--")
    created = ("usecase", "create", f"--team={team}", f"--name={name}", *way, *people, *answers, "--wait", "--yes")
    acme.plinth(*created)
    return acme.project / f"{USE_CASE}-deployment"


@pytest.fixture(scope="module")
def promoted(acme: Workbench, created: Path) -> dict[str, Any]:
    """The promotion of the first version."""
    assert created.is_dir()
    return Batches(acme).promote()


@pytest.fixture(scope="module")
def batches(acme: Workbench, promoted: dict[str, Any]) -> Batches:
    assert promoted["status"] == "Succeeded", promoted
    return Batches(acme)


@pytest.fixture(scope="module")
def rows(created: Path) -> list[dict[str, str]]:
    """The rows of a day: an id, and the columns of the model without the label."""
    with (created / "tests" / "data" / "sample.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        {"id": f"p-{number}", **{k: v for k, v in row.items() if k != "progression"}}
        for number, row in enumerate(found)
    ]


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.requirement("BI-01", "PROM-05", "TPL-04.a")
def test_a_pipeline_that_passed_its_tests_in_preproduction_predicts_in_production(
    batches: Batches, promoted: dict[str, Any]
) -> None:
    assert {stage["stage"]: stage["status"] for stage in promoted["stages"]}["Preproduction"] == "Succeeded"
    registry = batches.acme.client("sagemaker", batches.tooling)
    for place, prefix in (("preproduction", f"{USE_CASE}-preprod"), ("production", f"{USE_CASE}-prod")):
        sagemaker = batches.acme.client("sagemaker", batches.acme.outputs(f"fraud-{place}")["account_id"])
        definition = json.loads(sagemaker.describe_pipeline(PipelineName=f"{prefix}-inference")["PipelineDefinition"])
        values = {parameter["Name"]: parameter.get("DefaultValue", "") for parameter in definition["Parameters"]}
        container = sagemaker.describe_model(ModelName=values["ModelName"])["PrimaryContainer"]
        version = container["ModelPackageName"]
        assert version.endswith(f":model-package/{USE_CASE}-main/1")
        registered = registry.describe_model_package(ModelPackageName=version)["InferenceSpecification"]
        archive = registered["Containers"][0]["ModelDataUrl"]
        assert values["VersionUri"] == archive.removesuffix("model.tar.gz")
    assert not batches.sagemaker.list_endpoints(NameContains=USE_CASE)["Endpoints"]


@pytest.mark.requirement("BI-03", "BI-04.b", "BI-07.b", "BI-07.d", "INT-03", "INT-08.b", "INT-09.a")
def test_a_days_arrivals_are_scored_once_and_read_by_another_team(batches: Batches, rows: list[dict[str, str]]) -> None:
    batches.arrive(DAY, as_csv(rows))
    run = batches.run(DAY)
    assert run["PipelineExecutionStatus"] == "Succeeded", batches.reasons(run["PipelineExecutionArn"])
    batches.mark(DAY)
    ended(lambda: {"starts": batches.starts()}, lambda told: "ENDED" if told["starts"] >= 2 else "WAITING")
    assert batches.executions(DAY) == [run["PipelineExecutionArn"]]
    results = batches.results(DAY)
    assert [result["id"] for result in results] == [row["id"] for row in rows]
    run_job(batches.acme, batches.acme.outputs("data-lake")["account_id"], f"lake-{DATASET}")
    query = f"SELECT id, prediction FROM lake_historical.{DATASET} WHERE environment = 'production'"
    _, *read = answer(batches.acme, "churn-development", "churn-development-execution", query)
    assert {key: float(value or "nan") for key, value in read} == pytest.approx(
        {result["id"]: float(result["prediction"]) for result in results}
    )


@pytest.mark.requirement("BI-05")
def test_an_input_unlike_the_training_data_is_reported_with_its_columns(
    batches: Batches, rows: list[dict[str, str]]
) -> None:
    follower = batches.follow()
    batches.arrive(NEXT, as_csv([{**row, "bmi": str(float(row["bmi"]) + 20)} for row in rows]))
    run = batches.run(NEXT)
    assert run["PipelineExecutionStatus"] == "Failed"
    reasons = batches.reasons(run["PipelineExecutionArn"])
    # Predictions follow the column.
    assert reasons == {"Compare-found": "the input differs from the data of training: bmi, prediction"}
    assert len(batches.results(NEXT)) == len(rows)
    step, ended_run = sorted(batches.told(follower, 2), key=lambda told: "build_id" in told)
    assert (step["step"], step["reason"]) == ("Compare-found", reasons["Compare-found"])
    assert (ended_run["build_id"], ended_run["run"]) == (NEXT, run["PipelineExecutionArn"])
