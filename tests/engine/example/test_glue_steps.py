"""A step of a pipeline that Glue does, from the message of its Callback step to what the pipeline is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError

from settings.data.ml_layout import BuildPart, parse_key
from tests.support.running import end_of_job, run_job
from tests.support.state_machine import Execution, Task, TaskError, execute
from tests.support.workbench import ACCESS_ROLE, REPOSITORY, Workbench

ENVIRONMENT, STACK = "fraud-development", "fraud-development-intake"
STEP = f"{STACK}-spent-by-card"
PIPELINE = "plinth/fraud--scoring-dev-pipeline"
SUCCESS, FAILURE = "sendPipelineExecutionStepSuccess", "sendPipelineExecutionStepFailure"


@pytest.fixture(scope="module")
def development(acme: Workbench) -> dict[str, Any]:
    return acme.outputs(ENVIRONMENT)


@pytest.fixture(scope="module")
def payments(acme: Workbench) -> None:
    """Two payments of one card today, in the lake."""
    lake, now = acme.outputs("data-lake"), datetime.now(UTC)
    rows = [
        {
            "payment_id": f"step-{number}", "card_number": "c-step", "holder": "h", "amount": "2.50", "merchant": "m",
            "country": "es", "fraudulent": "false", "taken_at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "day": f"{now:%F}",
        }
        for number in range(2)
    ]  # fmt: skip
    body = "\n".join(map(json.dumps, rows)).encode()
    landing = lake["zone_buckets"]["landing"]
    acme.client("s3", lake["account_id"]).put_object(Bucket=landing, Key="cards/for-a-step.json", Body=body)
    run_job(acme, lake["account_id"], "lake-card-payments")


@dataclass(frozen=True, slots=True)
class Steps:
    """The pipe and the state machine behind the queue, executed as AWS would execute them, with their own roles."""

    acme: Workbench
    account: str
    queue: str

    def ask(self, message: str) -> Execution:
        """A message sent as the pipeline sends it, taken as the pipe takes it, and worked on."""
        self._client("sqs", PIPELINE).send_message(QueueUrl=self.queue, MessageBody=message)
        (taken,) = self.messages(self.queue, f"plinth/{STACK}-pipes")
        pipe = self.acme.client("pipes", self.account).describe_pipe(Name=STEP)
        steps = self.acme.client("stepfunctions", self.account)
        definition = steps.describe_state_machine(stateMachineArn=pipe["Target"])["definition"]
        return execute(definition, [{"body": taken["Body"]}], self._tasks(), name=taken["MessageId"])

    def messages(self, queue: str, role: str) -> list[dict[str, Any]]:
        """Returns the messages of a queue, and deletes them from it."""
        taker = self._client("sqs", role)
        taken: list[dict[str, Any]] = taker.receive_message(QueueUrl=queue).get("Messages", [])
        for message in taken:
            taker.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def _tasks(self) -> Mapping[str, Task]:
        return {
            "putItem": self._claim,
            "startJobRun.sync": self._run,
            "sendMessage": lambda given: self._own("sqs").send_message(**given),
            # The sandbox runs no pipelines, so none of them there has given a token to tell it anything with.
            SUCCESS: lambda _: None,
            FAILURE: lambda _: None,
        }

    def _claim(self, given: Any) -> None:
        try:
            self._own("dynamodb").put_item(**given)
        except ClientError as error:
            raise TaskError(f"DynamoDB.{error.response['Error']['Code']}") from None

    def _run(self, given: Any) -> None:
        told = end_of_job(self._own("glue"), given["JobName"], given["Arguments"])
        if told["JobRunState"] != "SUCCEEDED":
            raise TaskError("States.TaskFailed")

    def _own(self, service: str) -> Any:
        return self._client(service, f"plinth/{STACK}-steps")

    def _client(self, service: str, role: str) -> Any:
        return self.acme.client(service, self.account, role=role)


@pytest.fixture(scope="module")
def steps(acme: Workbench, development: dict[str, Any], payments: None) -> Steps:
    return Steps(acme, development["account_id"], acme.outputs(STACK)["queues"]["spent-by-card"])


def message(token: str, **arguments: str) -> str:
    return json.dumps({"token": token, "arguments": arguments, "status": "Executing"})


def written(acme: Workbench, account: str, location: str) -> list[dict[str, Any]]:
    """The rows of a folder of Parquet files."""
    s3, (bucket, _, prefix) = acme.client("s3", account), location.removeprefix("s3://").partition("/")
    keys = [object_["Key"] for object_ in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys if key.endswith(".parquet")]
    return [row for body in bodies for row in pyarrow.parquet.read_table(BytesIO(body)).to_pylist()]


@pytest.mark.requirement("INT-02.a", "DL-09.b", "TR-02.c")
def test_the_pipeline_hears_where_its_job_wrote_what_it_read_of_the_lake(
    acme: Workbench, development: dict[str, Any], steps: Steps
) -> None:
    run = steps.ask(message("abcdefghij", days="7"))
    assert run.succeeded
    (told,) = run.of(SUCCESS)
    assert told["CallbackToken"] == "abcdefghij"
    (where,) = told["OutputParameters"]
    assert where["Name"] == "OutputUri"
    place = parse_key(where["Value"].removeprefix(f"s3://{development['bucket_name']}/") + "a.parquet").folder
    assert isinstance(place, BuildPart)
    assert (place.build.use_case, place.part) == ("scoring", "input")
    (of_card,) = [row for row in written(acme, steps.account, where["Value"]) if row["card_number"] == "c-step"]
    assert (of_card["payments"], of_card["spent"]) == (2, Decimal("5.00"))


@pytest.mark.requirement("INT-02.a")
def test_a_message_that_comes_twice_runs_one_job(steps: Steps) -> None:
    assert steps.ask(message("klmnopqrst")).of("startJobRun.sync")
    again = steps.ask(message("klmnopqrst"))
    assert again.succeeded
    assert not again.of("startJobRun.sync") + again.of(SUCCESS) + again.of(FAILURE)


@pytest.mark.requirement("INT-02.b")
def test_the_pipeline_fails_with_its_job(steps: Steps) -> None:
    run = steps.ask(message("uvwxyz0123", days="a week"))
    (told,) = run.of(FAILURE)
    assert not run.succeeded
    assert (told["CallbackToken"], told["FailureReason"]) == ("uvwxyz0123", f"{STEP}: States.TaskFailed")


def test_what_nobody_can_be_told_of_is_a_dead_letter(acme: Workbench, steps: Steps) -> None:
    assert not steps.ask("no JSON").succeeded
    bodies: list[str] = []
    # The queue also contains events of arrivals, because the sandbox runs no state machine.
    while found := steps.messages(acme.outputs(STACK)["dead_letter_queue_url"], ACCESS_ROLE):
        bodies += [message["Body"] for message in found]
    assert bodies.count("no JSON") == 1


@pytest.mark.requirement("INT-02.a")
def test_queue_pipe_and_job_are_the_environments(acme: Workbench, development: dict[str, Any], steps: Steps) -> None:
    attributes = acme.client("sqs", steps.account).get_queue_attributes(QueueUrl=steps.queue, AttributeNames=["All"])
    queue = attributes["Attributes"]
    assert queue["KmsMasterKeyId"] == development["key_arn"]
    refused = {s["Sid"]: s for s in json.loads(queue["Policy"])["Statement"]}["RefuseOthersThanItsPipelines"]
    senders = refused["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert senders == f"arn:aws:iam::{steps.account}:role/{PIPELINE}"
    pipe = acme.client("pipes", steps.account).describe_pipe(Name=STEP)
    assert (pipe["Source"], pipe["CurrentState"]) == (queue["QueueArn"], "RUNNING")
    job = acme.client("glue", steps.account).get_job(JobName=STEP)["Job"]
    assert job["SecurityConfiguration"] == STACK
    bucket, _, key = job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    script = acme.client("s3", steps.account).get_object(Bucket=bucket, Key=key)["Body"].read()
    assert script == (REPOSITORY / "etl" / "steps" / "card_history.py").read_bytes()
