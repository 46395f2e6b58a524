"""The state machine of an intake, executed with an emulated table of claims."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from components.integration.claim_table import EXPIRY, KEY
from components.integration.intake_steps import (
    CLAIM_DAYS,
    INPUT_PARAMETER,
    NOT_FRESH,
    FeatureCheck,
    IntakeSteps,
    definition,
)
from settings.data.ml_layout import COMPLETE, Build, build_input_affixes, parse_key
from tests.support.state_machine import NOW, Execution, TaskError, execute

BEFORE, BEHIND = build_input_affixes("scoring")
STEPS = IntakeSteps(
    label="fraud-production-intake-daily",
    table="claims",
    queue_url="https://queue",
    workgroup="fraud-production",
    database="lake_inference",
    dataset_table="card_payments",
    columns=["amount", "day"],
    rows="day = current_date AND country <> 'LI'",
    bucket="bucket",
    location_prefix=BEFORE,
    location_suffix=BEHIND,
    pipeline="fraud--scoring-batch",
    settle_seconds=300,
    timeout_seconds=1800,
)
PREDICTED = replace(STEPS, pipeline=None, marker=COMPLETE)
CHECK = FeatureCheck(
    database="lake_features",
    table="card_activity",
    event_time="observed_at",
    is_text=True,
    within_hours=6,
    interval_seconds=300,
    checks=3,
)
WAITING = replace(PREDICTED, features=CHECK)
CLOCK = {"claim": "clock 2026-11-21T04:00:00Z", "gather": False}
OBJECT = {"claim": "object curated/card-payments/inference/a.parquet version 1", "gather": True}
ANOTHER = {**OBJECT, "claim": "object curated/card-payments/inference/b.parquet version 1"}


class Aws:
    """AWS as the tasks see it: an emulated table, and recorded queries, pipeline executions and messages."""

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name="eu-west-1")
        self.client.create_table(
            TableName="claims",
            KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.fails: dict[str, str] = {}
        """Errors to return, by resource."""
        self.before: dict[str, Any] = {}
        """Functions to call before returning, by resource."""
        self.fresh = [1]
        """Number of new records at each check. The last one repeats."""

    def run(self, given: dict[str, Any], name: str = "run", steps: IntakeSteps = STEPS) -> Execution:
        operations = ("putItem", "deleteItem", "updateItem", "startQueryExecution.sync", "sendMessage", "putObject")
        operations += ("getQueryResults",)
        tasks = {operation: self._task(operation) for operation in (*operations, "startPipelineExecution")}
        return execute(definition(steps), given, tasks, name=name)

    def claims(self) -> dict[str, dict[str, Any]]:
        return {item[KEY]["S"]: item for item in self.client.scan(TableName="claims")["Items"]}

    def _task(self, name: str) -> Any:
        def call(arguments: Any) -> Any:
            if name in self.before:
                self.before.pop(name)()
            if name in self.fails:
                raise TaskError(self.fails[name])
            if name.endswith("Item"):
                return self._on_the_table(name, arguments)
            if name == "startQueryExecution.sync":
                return {"QueryExecution": {"QueryExecutionId": "q-1"}}
            if name == "getQueryResults":
                count = self.fresh.pop(0) if len(self.fresh) > 1 else self.fresh[0]
                rows = [{"Data": [{"VarCharValue": value}]} for value in ("_col0", str(count))]
                return {"ResultSet": {"Rows": rows}}
            return {}

        return call

    def _on_the_table(self, name: str, arguments: Any) -> Any:
        operation = {"putItem": "put_item", "deleteItem": "delete_item", "updateItem": "update_item"}[name]
        try:
            getattr(self.client, operation)(**arguments)
        except ClientError as error:
            raise TaskError(f"DynamoDB.{error.response['Error']['Code']}") from error
        return {}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Aws()


@pytest.mark.requirement("INT-03")
@pytest.mark.requirement("INT-06.a")
def test_an_event_copies_the_selected_data_and_starts_the_pipeline_on_the_copy(aws: Aws):
    run = aws.run(CLOCK)
    assert run.succeeded
    (query,), (started,) = run.of("startQueryExecution.sync"), run.of("startPipelineExecution")
    place = run.output["location"]
    assert query["WorkGroup"] == "fraud-production"
    assert query["QueryString"] == (
        'UNLOAD (SELECT "amount", "day" FROM "lake_inference"."card_payments" '
        f"WHERE (day = current_date AND country <> 'LI')) TO '{place}' "
        "WITH (format = 'PARQUET', compression = 'SNAPPY')"
    )
    assert started["PipelineName"] == "fraud--scoring-batch"
    assert started["PipelineParameters"] == [{"Name": INPUT_PARAMETER, "Value": place}]
    assert run.states.index("Copy") < run.states.index("StartPipeline")


@pytest.mark.requirement("INT-03", "BI-07.b")
def test_a_copy_for_batch_inference_is_json_lines_and_completed_after_the_query(aws: Aws):
    run = aws.run(CLOCK, steps=PREDICTED)
    assert run.succeeded
    (query,), (completed,) = run.of("startQueryExecution.sync"), run.of("aws-sdk:s3:putObject")
    place = run.output["location"]
    assert query["QueryString"].endswith(f"TO '{place}' WITH (format = 'JSON', compression = 'GZIP')")
    assert completed == {"Bucket": "bucket", "Key": place.removeprefix("s3://bucket/") + COMPLETE}
    assert run.states.index("Copy") < run.states.index("Complete") < run.states.index("Record")
    assert not run.of("startPipelineExecution")


@pytest.mark.requirement("INT-09.a")
def test_only_a_complete_copy_is_predicted_and_each_event_once(aws: Aws):
    aws.fails["startQueryExecution.sync"] = "States.TaskFailed"
    assert not aws.run(CLOCK, "one", PREDICTED).of("putObject")
    aws.fails = {"putObject": "S3.S3Exception"}
    (message,) = aws.run(CLOCK, "two", PREDICTED).of("sendMessage")
    assert message["MessageBody"]["failure"] == {"Error": "S3.S3Exception"}
    aws.fails.clear()
    assert aws.run(message["MessageBody"]["input"], "three", PREDICTED).of("putObject")
    assert not aws.run(CLOCK, "four", PREDICTED).of("putObject")


@pytest.mark.requirement("S3-08")
def test_a_copy_is_at_the_input_location_of_a_build(aws: Aws):
    place = aws.run(CLOCK).output["location"].removeprefix("s3://bucket/")
    found = parse_key(f"{place}part.parquet").folder
    build = found.build
    assert found == Build(use_case="scoring", build_id=build.build_id).input()
    assert build.build_id.startswith(f"{NOW:%Y%m%dT%H%M%S}-")


def test_each_attempt_copies_to_a_location_of_its_own(aws: Aws):
    aws.fails["startQueryExecution.sync"] = "States.TaskFailed"
    first = aws.run(CLOCK, "one").of("startQueryExecution.sync")
    aws.fails.clear()
    second = aws.run(CLOCK, "two").of("startQueryExecution.sync")
    assert first != second


@pytest.mark.requirement("INT-09.a")
@pytest.mark.parametrize("event", [CLOCK, OBJECT], ids=["clock", "arrival"])
def test_a_repeated_event_ends_without_a_query(aws: Aws, event: dict[str, Any]):
    assert aws.run(event, "one").of("startQueryExecution.sync")
    again = aws.run(event, "two")
    assert again.succeeded
    assert again.states[-1] == "NothingToDo"
    assert not again.of("startQueryExecution.sync")
    assert not again.of("startPipelineExecution")


@pytest.mark.requirement("INT-09.a")
def test_a_claim_expires_after_the_longest_delay_of_an_event(aws: Aws):
    aws.run(CLOCK)
    (claim,) = aws.claims().values()
    assert int(claim[EXPIRY]["N"]) == int(NOW.timestamp()) + CLAIM_DAYS * 24 * 3600
    assert claim["copied_to"]["S"].startswith("s3://bucket/scoring/")


def test_each_scheduled_time_has_its_own_claim(aws: Aws):
    aws.run(CLOCK, "one")
    assert aws.run({**CLOCK, "claim": "clock 2026-11-22T04:00:00Z"}, "two").of("startQueryExecution.sync")


def test_an_execution_that_repeats_its_claim_continues(aws: Aws):
    aws.run(CLOCK, "one")
    assert aws.run(CLOCK, "one").of("startQueryExecution.sync")


@pytest.mark.requirement("INT-09.b")
@pytest.mark.parametrize("failing", ["startQueryExecution.sync", "startPipelineExecution"])
def test_a_failure_is_reported_with_its_input_and_can_be_retried(aws: Aws, failing: str):
    aws.fails[failing] = "States.TaskFailed"
    failed = aws.run(CLOCK, "one")
    assert not failed.succeeded
    (message,) = failed.of("sendMessage")
    assert message["QueueUrl"] == STEPS.queue_url
    assert message["MessageBody"]["input"] == CLOCK
    assert message["MessageBody"]["failure"] == {"Error": "States.TaskFailed"}
    assert aws.claims() == {}
    aws.fails.clear()
    assert aws.run(message["MessageBody"]["input"], "two").succeeded


@pytest.mark.requirement("INT-09.b")
def test_a_claim_that_cannot_be_released_does_not_hide_the_failure(aws: Aws):
    aws.fails = {"startQueryExecution.sync": "Athena.InternalServerException", "deleteItem": "States.Timeout"}
    (message,) = aws.run(CLOCK).of("sendMessage")
    assert message["MessageBody"]["failure"] == {"Error": "Athena.InternalServerException"}


@pytest.mark.requirement("INT-09.a")
def test_a_pipeline_is_started_under_one_token_for_one_event(aws: Aws):
    aws.fails["startPipelineExecution"] = "States.TaskFailed"
    first = aws.run(CLOCK, "one").of("startPipelineExecution")
    aws.fails.clear()
    second = aws.run(CLOCK, "two").of("startPipelineExecution")
    tokens = {started["ClientRequestToken"] for started in (*first, *second)}
    assert len(tokens) == 1
    assert all(32 <= len(token) <= 128 for token in tokens)
    other = aws.run({**CLOCK, "claim": "clock later"}, "three").of("startPipelineExecution")
    assert other[0]["ClientRequestToken"] not in tokens


def test_an_event_that_cannot_be_claimed_is_reported_and_not_copied(aws: Aws):
    aws.fails["putItem"] = "DynamoDB.InternalServerError"
    failed = aws.run(CLOCK)
    assert not failed.succeeded
    assert failed.of("sendMessage")
    assert not failed.of("startQueryExecution.sync")


@pytest.mark.requirement("INT-05")
def test_data_that_arrives_while_gathering_is_copied_in_the_same_batch(aws: Aws):
    joining: list[Execution] = []
    aws.before["deleteItem"] = lambda: joining.append(aws.run(ANOTHER, "two"))
    first = aws.run(OBJECT, "one")
    assert first.waited_seconds == 300
    assert len(first.of("startQueryExecution.sync")) == 1
    assert [(run.succeeded, run.of("startQueryExecution.sync")) for run in joining] == [(True, [])]


@pytest.mark.requirement("INT-05")
def test_data_that_arrives_after_the_copy_started_is_copied_separately(aws: Aws):
    late: list[Execution] = []
    aws.before["startQueryExecution.sync"] = lambda: late.append(aws.run(ANOTHER, "two"))
    aws.run(OBJECT, "one")
    assert [len(run.of("startQueryExecution.sync")) for run in late] == [1]


def test_an_execution_stopped_while_gathering_delays_others_only_temporarily(aws: Aws):
    item = {KEY: {"S": f"{STEPS.label} gathering"}, "holder": {"S": "gone"}, EXPIRY: {"N": str(int(NOW.timestamp()))}}
    aws.client.put_item(TableName="claims", Item=item)
    assert not aws.run(OBJECT, "one").of("startQueryExecution.sync")
    item[EXPIRY] = {"N": str(int(NOW.timestamp()) - 1)}
    aws.client.put_item(TableName="claims", Item=item)
    assert aws.run(ANOTHER, "two").of("startQueryExecution.sync")


def test_scheduled_executions_do_not_gather(aws: Aws):
    assert aws.run(CLOCK).waited_seconds == 0


def test_without_a_pipeline_or_arrivals_it_only_copies(aws: Aws):
    run = aws.run(CLOCK, steps=replace(STEPS, pipeline=None, settle_seconds=None))
    assert run.succeeded
    assert "Gather" not in json.loads(definition(replace(STEPS, settle_seconds=None)))["States"]
    assert not run.of("startPipelineExecution")


@pytest.mark.requirement("BI-08.b")
@pytest.mark.parametrize("event", [CLOCK, OBJECT], ids=["clock", "arrival"])
def test_a_copy_waits_until_the_features_are_fresh(aws: Aws, event: dict[str, Any]):
    aws.fresh = [0, 0, 1]
    run = aws.run(event, steps=WAITING)
    assert run.succeeded
    assert run.waited_seconds == 2 * CHECK.interval_seconds + (300 if event["gather"] else 0)
    *checks, copy = [query["QueryString"] for query in run.of("startQueryExecution.sync")]
    assert len(checks) == len(run.of("getQueryResults")) == 3
    assert set(checks) == {
        'SELECT count(*) FROM (SELECT 1 FROM "lake_features"."card_activity" '
        "WHERE from_iso8601_timestamp(\"observed_at\") > current_timestamp - interval '6' hour AND NOT is_deleted "
        "LIMIT 1)"
    }
    assert copy.startswith("UNLOAD")
    assert run.of("putObject"), "the copy is complete, so batch inference predicts it"
    assert 'from_unixtime("observed_at")' in replace(CHECK, is_text=False).query


@pytest.mark.requirement("BI-08.b")
def test_without_fresh_features_nothing_is_copied_or_predicted_and_the_event_can_be_retried(aws: Aws):
    aws.fresh = [0]
    run = aws.run(CLOCK, "one", WAITING)
    assert not run.succeeded
    assert len(run.of("startQueryExecution.sync")) == CHECK.checks
    assert not run.of("putObject")
    (message,) = run.of("sendMessage")
    failure = message["MessageBody"]["failure"]
    assert (failure["Error"], "card_activity" in failure["Cause"]) == (NOT_FRESH, True)
    aws.fresh = [1]
    assert aws.run(message["MessageBody"]["input"], "two", WAITING).of("putObject")


@pytest.mark.parametrize("failing", ["startQueryExecution.sync", "getQueryResults"])
def test_a_check_that_fails_is_reported_and_copies_nothing(aws: Aws, failing: str):
    aws.fails[failing] = "Athena.InvalidRequestException"
    run = aws.run(CLOCK, steps=WAITING)
    assert [message["MessageBody"]["failure"]["Error"] for message in run.of("sendMessage")] == [aws.fails[failing]]
    assert not run.of("putObject")


def test_every_referenced_state_exists():
    for steps in (STEPS, replace(STEPS, pipeline=None), replace(STEPS, settle_seconds=None), WAITING):
        machine = json.loads(definition(steps))
        led_to = {machine["StartAt"]}
        for state in machine["States"].values():
            led_to |= {state[key] for key in ("Next", "Default") if key in state}
            led_to |= {transition["Next"] for key in ("Catch", "Choices") for transition in state.get(key, [])}
        assert led_to == set(machine["States"])
