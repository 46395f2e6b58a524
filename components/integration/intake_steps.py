"""The state machine of an ingestion, in Amazon States Language.

It claims the event, waits for fresh features if the settings name some, copies the data, starts a pipeline or completes
the input of batch inference, and handles failures.

Expressions are JSONata, between ``{%`` and ``%}``. The input of an execution has ``claim``, which identifies the event,
and ``gather``, which tells whether further events may belong to the same batch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.integration.claim_table import EXPIRY, KEY

CLAIM_DAYS = 90
"""Retention of claims, longer than any event can be delayed: EventBridge retries for a day, and the dead-letter queue
keeps events for 14."""
GATHERING_MARGIN_SECONDS = 600
"""Seconds after which arrivals stop waiting for a gathering execution that was stopped."""
INPUT_PARAMETER = "InputUri"
"""Name of the pipeline parameter with the location of the copy."""
PARQUET = "format = 'PARQUET', compression = 'SNAPPY'"
JSON_LINES = "format = 'JSON', compression = 'GZIP'"
"""Format of inputs of batch inference, which jobs read without a library for Parquet."""

NOT_FRESH = "FeaturesNotFresh"
"""Error of a run that waited for features in vain."""

_CLAIM_EXISTS = "DynamoDB.ConditionalCheckFailedException"
_EXECUTION_ID = "{% $states.context.Execution.Id %}"
_FAILURE = {"failure": "{% $states.errorOutput %}"}
State = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureCheck:
    """The check whether a feature group has a record that is new enough."""

    database: str
    """Name of the database of offline stores in the environment's Glue Data Catalog."""
    table: str
    event_time: str
    """Name of the feature with the event time."""
    is_text: bool
    """Whether the event time is a string in ISO 8601. Otherwise, it is the seconds since 1970."""
    within_hours: int
    interval_seconds: int
    checks: int
    """Maximum number of checks, one or more."""

    @property
    def query(self) -> str:
        """Returns the SQL query for the number of new records, which is 1 if there is any."""
        moment = f'{"from_iso8601_timestamp" if self.is_text else "from_unixtime"}("{self.event_time}")'
        fresh = f"{moment} > current_timestamp - interval '{self.within_hours}' hour AND NOT is_deleted"
        return f'SELECT count(*) FROM (SELECT 1 FROM "{self.database}"."{self.table}" WHERE {fresh} LIMIT 1)'


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeSteps:
    """Values from which the state machine is built, all of them known."""

    label: str
    """Name of the ingestion in the account: ``fraud-production-intake-daily-cards``."""
    table: str
    """Name of the table of claims."""
    queue_url: str
    """URL of the queue for failure reports."""
    workgroup: str
    database: str
    """Name of the database in the environment's Glue Data Catalog."""
    dataset_table: str
    columns: Sequence[str]
    rows: str | None
    bucket: str
    """Name of the bucket that receives the copies."""
    location_prefix: str
    """Key prefix of the copy before the run's id: ``scoring/``."""
    location_suffix: str
    pipeline: str | None
    """Full name of the pipeline."""
    marker: str | None = None
    """Name of the object that completes a copy for batch inference. None without batch inference."""
    features: FeatureCheck | None = None
    """Check before the copy. None if the copy waits for no features."""
    settle_seconds: int | None
    """Seconds that an arrival waits for others. None if arrivals do not start the ingestion."""
    timeout_seconds: int

    @property
    def query(self) -> str:
        """Returns the SQL query for the copied rows and columns."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        where = f" WHERE ({self.rows})" if self.rows else ""
        return f'SELECT {columns} FROM "{self.database}"."{self.dataset_table}"{where}'


def definition(steps: IntakeSteps) -> str:
    """Returns the state machine's definition as JSON."""
    states: Mapping[str, State] = {
        "Prepare": _prepare(steps),
        "Claim": _claim(steps),
        **({} if steps.settle_seconds is None else _gathering(steps, steps.settle_seconds)),
        **({} if steps.features is None else _waiting(steps, steps.features)),
        "Copy": _copy(steps),
        **({} if steps.marker is None else {"Complete": _complete(steps)}),
        **({} if steps.pipeline is None else {"StartPipeline": _start(steps.pipeline)}),
        "Record": _record(steps),
        "Done": {"Type": "Succeed", "Output": {"location": "{% $location %}"}},
        "NothingToDo": {"Type": "Succeed", "Output": {"location": None}},
        "Release": _drop("{% $claim %}", steps, after="Tell", failing="Tell", assign=False),
        "Tell": _report(steps),
        "Failed": {"Type": "Fail", "Error": "IntakeFailed", "Cause": "Its input is in the dead-letter queue."},
    }
    machine = {"Comment": steps.label, "QueryLanguage": "JSONata", "StartAt": "Prepare", "States": states}
    return json.dumps(machine)


def _prepare(steps: IntakeSteps) -> State:
    """Assigns variables for the following steps, among them the location of the copy.

    Each execution has a location of its own, because Athena does not write to an existing one. The location contains a
    build id: the execution's start time and a part of its hash.
    """
    began = "$fromMillis($toMillis($states.context.Execution.StartTime), '[Y0001][M01][D01]T[H01][m01][s01]')"
    prefix, suffix = _text(steps.location_prefix), _text(steps.location_suffix)
    itself = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 12)"
    key = f"{prefix} & {began} & '-' & {itself} & {suffix}"
    marker = {} if steps.marker is None else {"marker": f"{{% {key} & {_text(steps.marker)} %}}"}
    return {
        "Type": "Pass",
        "Assign": {
            "event": "{% $states.input %}",
            "claim": f"{{% {_text(steps.label)} & ' ' & $states.input.claim %}}",
            "gathering": f"{steps.label} gathering",
            "location": f"{{% {_text(f's3://{steps.bucket}/')} & {key} %}}",
            **marker,
            **({} if steps.features is None else {"checks": 0}),
        },
        "Next": "Claim",
    }


def _claim(steps: IntakeSteps) -> State:
    """Claims the event. If another execution holds the claim, this one ends; if its own call is repeated, it
    continues."""
    return _put(
        steps,
        "{% $claim %}",
        CLAIM_DAYS * 24 * 3600,
        {"ConditionExpression": f"attribute_not_exists({KEY}) OR holder = :me", **_values({})},
        after=_after_claim(steps) if steps.settle_seconds is None else "IsGathered",
    )


def _gathering(steps: IntakeSteps, seconds: int) -> dict[str, State]:
    """Returns the states that gather arrivals. Executions started by a schedule skip them."""
    return {
        "IsGathered": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $event.gather = true %}", "Next": "Gather"}],
            "Default": _after_claim(steps),
        },
        "Gather": _gather(steps, seconds),
        "Settle": {"Type": "Wait", "Seconds": seconds, "Next": "StopGathering"},
        "StopGathering": _drop("{% $gathering %}", steps, after=_after_claim(steps), failing="Release"),
    }


def _after_claim(steps: IntakeSteps) -> str:
    return "Copy" if steps.features is None else "CheckFeatures"


def _waiting(steps: IntakeSteps, features: FeatureCheck) -> dict[str, State]:
    """Returns the states that wait for a new record in an offline store."""
    found = "$number($states.result.ResultSet.Rows[1].Data[0].VarCharValue)"
    cause = f"{features.table} has no record of the last {features.within_hours} hours after {features.checks} checks"
    return {
        "CheckFeatures": {
            **_query(steps, features.query),
            "Assign": {"query": "{% $states.result.QueryExecution.QueryExecutionId %}"},
            "Next": "ReadCheck",
        },
        "ReadCheck": {
            "Type": "Task",
            "Resource": "arn:aws:states:::athena:getQueryResults",
            "Arguments": {"QueryExecutionId": "{% $query %}", "MaxResults": 2},
            "Assign": {"fresh": f"{{% {found} %}}", "checks": "{% $checks + 1 %}"},
            "Retry": _retries(),
            "Catch": [_catch("Release")],
            "Next": "HasFreshFeatures",
        },
        "HasFreshFeatures": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $fresh > 0 %}", "Next": "Copy"},
                {"Condition": f"{{% $checks >= {features.checks} %}}", "Next": "NotFresh"},
            ],
            "Default": "WaitForFeatures",
        },
        "WaitForFeatures": {"Type": "Wait", "Seconds": features.interval_seconds, "Next": "CheckFeatures"},
        "NotFresh": {
            "Type": "Pass",
            "Assign": {"failure": {"Error": NOT_FRESH, "Cause": cause}},
            "Next": "Release",
        },
    }


def _gather(steps: IntakeSteps, seconds: int) -> State:
    """Collects objects that arrive one by one into a batch: the first execution waits, and the others end."""
    now = {":now": {"N": "{% $string($floor($millis() / 1000)) %}"}}
    return _put(
        steps,
        "{% $gathering %}",
        seconds + GATHERING_MARGIN_SECONDS,
        {"ConditionExpression": f"attribute_not_exists({KEY}) OR {EXPIRY} < :now OR holder = :me", **_values(now)},
        after="Settle",
    )


def _put(steps: IntakeSteps, key: str, seconds: int, condition: Mapping[str, Any], *, after: str) -> State:
    item = {
        KEY: {"S": key},
        "holder": {"S": _EXECUTION_ID},
        EXPIRY: {"N": f"{{% $string($floor($millis() / 1000) + {seconds}) %}}"},
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {"TableName": steps.table, "Item": item, **condition},
        "Retry": _retries(),
        "Catch": [{"ErrorEquals": [_CLAIM_EXISTS], "Next": "NothingToDo"}, _catch("Release")],
        "Next": after,
    }


def _drop(key: str, steps: IntakeSteps, *, after: str, failing: str, assign: bool = True) -> State:
    """Deletes an item only if this execution holds it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:deleteItem",
        "Arguments": {
            "TableName": steps.table,
            "Key": {KEY: {"S": key}},
            "ConditionExpression": "holder = :me",
            **_values({}),
        },
        "Retry": _retries(),
        "Catch": [_catch(failing) if assign else {"ErrorEquals": ["States.ALL"], "Next": failing}],
        "Next": after,
    }


def _copy(steps: IntakeSteps) -> State:
    """Copies in the environment's workgroup, whose settings determine the KMS key (Athena User Guide, "UNLOAD")."""
    form = PARQUET if steps.marker is None else JSON_LINES
    head, tail = f"UNLOAD ({steps.query}) TO '", f"' WITH ({form})"
    return {**_query(steps, f"{{% {_text(head)} & $location & {_text(tail)} %}}"), "Next": _after_copy(steps)}


def _query(steps: IntakeSteps, query: str) -> State:
    """Returns a task that runs a query to its end."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Arguments": {"QueryString": query, "WorkGroup": steps.workgroup},
        "TimeoutSeconds": steps.timeout_seconds,
        # Retried only if it did not start for lack of capacity. A failed query may leave objects, so it is not repeated
        # in place.
        "Retry": [{"ErrorEquals": ["Athena.TooManyRequestsException"], "IntervalSeconds": 30, "MaxAttempts": 5}],
        "Catch": [_catch("Release")],
    }


def _after_copy(steps: IntakeSteps) -> str:
    if steps.marker is not None:
        return "Complete"
    return "Record" if steps.pipeline is None else "StartPipeline"


def _complete(steps: IntakeSteps) -> State:
    """Writes the empty object that completes the copy, whose event starts batch inference. A repeated call writes the
    same object, and batch inference starts once for it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": steps.bucket, "Key": "{% $marker %}"},
        "Retry": _retries(),
        "Catch": [_catch("Release")],
        "Next": "Record",
    }


def _start(pipeline: str) -> State:
    """Starts the pipeline once per request token. Repeated calls return the same execution."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sagemaker:startPipelineExecution",
        "Arguments": {
            "PipelineName": pipeline,
            "ClientRequestToken": "{% $hash($claim, 'SHA-256') %}",
            "PipelineParameters": [{"Name": INPUT_PARAMETER, "Value": "{% $location %}"}],
        },
        "Retry": _retries(),
        "Catch": [_catch("Release")],
        "Next": "Record",
    }


def _record(steps: IntakeSteps) -> State:
    """Records the location of the copy for people who look up an event. The copy is complete even if this step
    fails."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Arguments": {
            "TableName": steps.table,
            "Key": {KEY: {"S": "{% $claim %}"}},
            "UpdateExpression": "SET copied_to = :location",
            "ConditionExpression": "holder = :me",
            **_values({":location": {"S": "{% $location %}"}}),
        },
        "Retry": _retries(),
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
        "Next": "Done",
    }


def _report(steps: IntakeSteps) -> State:
    """Reports the failure with the input, which is sufficient to run the ingestion again."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {
            "QueueUrl": steps.queue_url,
            "MessageBody": {
                "intake": steps.label,
                "input": "{% $event %}",
                "failure": "{% $failure %}",
                "execution": _EXECUTION_ID,
            },
        },
        "Retry": _retries(),
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        "Next": "Failed",
    }


def _values(further: Mapping[str, Any]) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {":me": {"S": _EXECUTION_ID}, **further}}


def _catch(after: str) -> State:
    return {"ErrorEquals": ["States.ALL"], "Assign": _FAILURE, "Next": after}


def _retries() -> list[State]:
    """Retries all errors except those that would occur again."""
    return [
        {"ErrorEquals": [_CLAIM_EXISTS], "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 2,
            "MaxAttempts": 4,
            "BackoffRate": 2,
            "JitterStrategy": "FULL",
        },
    ]


def _text(value: str) -> str:
    """Returns a JSONata string literal, which has JSON's syntax."""
    return json.dumps(value)
