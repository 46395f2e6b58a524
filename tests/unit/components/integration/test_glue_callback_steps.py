"""The state machine behind a Callback step, executed with a simulated table of claims."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.integration.claim_table import KEY
from components.integration.glue_callback_steps import OUTPUT_PARAMETER, GlueCallbackSteps, definition
from settings.data.ml_layout import Build, build_input_affixes, parse_key
from tests.support.state_machine import Execution, TaskError, execute

BEFORE, BEHIND = build_input_affixes("scoring")
STEPS = GlueCallbackSteps(
    label="fraud-development-intake-join",
    table="claims",
    queue_url="https://dead",
    job="fraud-development-intake-join",
    location_prefix=f"s3://bucket/{BEFORE}",
    location_suffix=BEHIND,
    timeout_seconds=3600,
)
SUCCESS, FAILURE = "sendPipelineExecutionStepSuccess", "sendPipelineExecutionStepFailure"
AWKWARD = {"days": "7", "--extra-py-files": "s3://elsewhere/code.py"}


class Aws:
    def __init__(self) -> None:
        self.claims: dict[str, str] = {}
        self.fails: dict[str, str] = {}

    def run(self, token: str = "abcdefghij", name: str = "run", body: str | None = None) -> Execution:
        body = body or json.dumps({"token": token, "arguments": AWKWARD, "pipelineExecutionArn": "arn"})
        tasks = {
            operation: self._task(operation)
            for operation in ("startJobRun.sync", "sendMessage", "stopExecution", SUCCESS, FAILURE)
        }
        claims = {"putItem": self._put, "getItem": self._get}
        return execute(definition(STEPS), [{"body": body}], {**claims, **tasks}, name=name)

    def _put(self, given: Any) -> None:
        if "putItem" in self.fails:
            raise TaskError(self.fails["putItem"])
        claim, holder = given["Item"][KEY]["S"], given["Item"]["holder"]["S"]
        if self.claims.setdefault(claim, holder) != holder:
            raise TaskError("DynamoDB.ConditionalCheckFailedException")

    def _get(self, given: Any) -> Any:
        return {"Item": {"holder": {"S": self.claims[given["Key"][KEY]["S"]]}}}

    def _task(self, resource: str) -> Any:
        def answer(_arguments: Any) -> None:
            if resource in self.fails:
                raise TaskError(self.fails[resource])

        return answer


def test_success_is_reported_with_the_output_location() -> None:
    run = Aws().run()
    (job,), (told,) = run.of("startJobRun.sync"), run.of(SUCCESS)
    where = job["Arguments"]["--output"]
    assert run.succeeded
    assert told["CallbackToken"] == "abcdefghij"
    assert not run.of(FAILURE)
    assert told["OutputParameters"] == [{"Name": OUTPUT_PARAMETER, "Value": where}]
    found = parse_key(f"{where.removeprefix('s3://bucket/')}a.parquet").folder
    assert found.prefix.endswith("/input/")
    assert isinstance(getattr(found, "build", None), Build)


@pytest.mark.parametrize(
    ("resource", "error"),
    [("startJobRun.sync", "States.TaskFailed"), ("startJobRun.sync", "States.Timeout"), ("putItem", "DynamoDB.Broken")],
)
def test_failures_and_timeouts_are_reported_to_the_pipeline(resource: str, error: str) -> None:
    aws = Aws()
    aws.fails[resource] = error
    run = aws.run()
    (told,) = run.of(FAILURE)
    assert not run.succeeded
    assert not run.of(SUCCESS)
    assert (told["CallbackToken"], told["FailureReason"]) == ("abcdefghij", f"{STEPS.label}: {error}")


@pytest.mark.parametrize("body", ["no JSON", "{}", '{"arguments": {}}'])
def test_a_message_without_a_token_goes_to_the_dead_letter_queue(body: str) -> None:
    run = Aws().run(body=body)
    assert not run.succeeded
    assert run.of("sendMessage") == [{"QueueUrl": "https://dead", "MessageBody": body}]
    assert not run.of("startJobRun.sync")
    assert not run.of(FAILURE)


def test_a_message_whose_response_is_rejected_goes_to_the_dead_letter_queue() -> None:
    aws = Aws()
    aws.fails[SUCCESS] = "SageMaker.ResourceNotFoundException"
    assert [kept["QueueUrl"] for kept in aws.run().of("sendMessage")] == ["https://dead"]


def test_a_repeated_message_runs_nothing_and_reports_nothing() -> None:
    aws = Aws()
    aws.run(name="first")
    again, another = aws.run(name="second"), aws.run("klmnopqrst", name="third")
    assert again.succeeded
    assert not again.of("startJobRun.sync")
    assert not again.of(SUCCESS) + again.of(FAILURE)
    assert another.of("startJobRun.sync")


@pytest.mark.parametrize("field", ["Status", "status"])
def test_stopping_a_pipeline_stops_its_job_and_is_reported(field: str) -> None:
    aws = Aws()
    aws.run(name="first")
    run = aws.run(name="second", body=json.dumps({"token": "abcdefghij", field: "Stopping"}))
    assert run.of("stopExecution") == [{"ExecutionArn": "arn:aws:states:::execution:first", "Error": "PipelineStopped"}]
    (told,) = run.of(FAILURE)
    assert (told["CallbackToken"], told["FailureReason"]) == ("abcdefghij", f"{STEPS.label}: PipelineStopped")
    assert not run.of("startJobRun.sync")


def test_a_stop_message_that_fails_goes_to_the_dead_letter_queue() -> None:
    aws = Aws()
    aws.run(name="first")
    aws.fails["stopExecution"] = "Sfn.AccessDeniedException"
    body = json.dumps({"token": "abcdefghij", "Status": "Stopping"})
    assert aws.run(name="second", body=body).of("sendMessage") == [{"QueueUrl": "https://dead", "MessageBody": body}]


def test_arguments_of_the_author_are_passed_as_one_argument() -> None:
    (job,) = Aws().run().of("startJobRun.sync")
    assert job["Arguments"].keys() == {"--output", "--arguments"}
    assert json.loads(job["Arguments"]["--arguments"]) == AWKWARD


def test_a_run_that_exceeds_its_timeout_fails() -> None:
    assert json.loads(definition(STEPS))["States"]["Run"]["TimeoutSeconds"] == STEPS.timeout_seconds
