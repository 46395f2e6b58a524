"""The steps of an intake, in Amazon States Language: claim, copy, start the pipeline, and what happens instead.

Expressions are JSONata, between ``{%`` and ``%}``. An execution is given ``claim``, which says what it is about, and
``gather``, whether others are about the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.integration.claim_table import EXPIRY, KEY

CLAIM_DAYS = 90
"""Longer than any event is late: EventBridge gives up after a day, and whoever sends one again after 14."""
GATHERING_MARGIN_SECONDS = 600
"""After which arrivals no longer wait for an execution that was stopped while it gathered."""
INPUT_PARAMETER = "InputUri"
"""Parameter of the use case's pipeline: where the copy lies."""

_TAKEN = "DynamoDB.ConditionalCheckFailedException"
_ME = "{% $states.context.Execution.Id %}"
_FAILURE = {"failure": "{% $states.errorOutput %}"}
State = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeSteps:
    """What the steps are about, all of it known."""

    label: str
    """The intake among all: ``fraud-production-intake-daily-cards``."""
    table: str
    """Of claims."""
    queue_url: str
    """Where failures are told."""
    workgroup: str
    database: str
    """As the environment calls it."""
    dataset_table: str
    columns: Sequence[str]
    rows: str | None
    before: str
    """What stands before a run's id in where the copy goes: ``s3://…/scoring/``."""
    behind: str
    pipeline: str | None
    """Its whole name."""
    settle_seconds: int | None
    """How long an arrival waits for others; None where nothing arrives."""
    timeout_seconds: int

    @property
    def query(self) -> str:
        """What is copied, in SQL."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        where = f" WHERE ({self.rows})" if self.rows else ""
        return f'SELECT {columns} FROM "{self.database}"."{self.dataset_table}"{where}'


def definition(steps: IntakeSteps) -> str:
    """The state machine, as Step Functions takes it."""
    states: Mapping[str, State] = {
        "Prepare": _prepare(steps),
        "Claim": _claim(steps),
        **({} if steps.settle_seconds is None else _gathering(steps, steps.settle_seconds)),
        "Copy": _copy(steps),
        **({} if steps.pipeline is None else {"StartPipeline": _start(steps.pipeline)}),
        "Record": _record(steps),
        "Done": {"Type": "Succeed", "Output": {"location": "{% $location %}"}},
        "NothingToDo": {"Type": "Succeed", "Output": {"location": None}},
        "Release": _drop("{% $claim %}", steps, after="Tell", failing="Tell", assign=False),
        "Tell": _tell(steps),
        "Failed": {"Type": "Fail", "Error": "IntakeFailed", "Cause": "Its input is in the dead-letter queue."},
    }
    machine = {"Comment": steps.label, "QueryLanguage": "JSONata", "StartAt": "Prepare", "States": states}
    return json.dumps(machine)


def _prepare(steps: IntakeSteps) -> State:
    """Names for what follows. Each execution copies to a place of its own, since Athena writes to none that is taken.

    The place's id is a build's: when the execution began, and what tells it from others of that second.
    """
    began = "$fromMillis($toMillis($states.context.Execution.StartTime), '[Y0001][M01][D01]T[H01][m01][s01]')"
    itself = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 12)"
    return {
        "Type": "Pass",
        "Assign": {
            "event": "{% $states.input %}",
            "claim": f"{{% {_text(steps.label)} & ' ' & $states.input.claim %}}",
            "gathering": f"{steps.label} gathering",
            "location": f"{{% {_text(steps.before)} & {began} & '-' & {itself} & {_text(steps.behind)} %}}",
        },
        "Next": "Claim",
    }


def _claim(steps: IntakeSteps) -> State:
    """Whoever is second ends here. An execution that asks again, because it got no answer, is not second."""
    return _put(
        steps,
        "{% $claim %}",
        CLAIM_DAYS * 24 * 3600,
        {"ConditionExpression": f"attribute_not_exists({KEY}) OR holder = :me", **_values({})},
        after="Copy" if steps.settle_seconds is None else "IsGathered",
    )


def _gathering(steps: IntakeSteps, seconds: int) -> dict[str, State]:
    """What starts by the clock gathers nothing."""
    return {
        "IsGathered": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $event.gather = true %}", "Next": "Gather"}],
            "Default": "Copy",
        },
        "Gather": _gather(steps, seconds),
        "Settle": {"Type": "Wait", "Seconds": seconds, "Next": "StopGathering"},
        "StopGathering": _drop("{% $gathering %}", steps, after="Copy", failing="Release"),
    }


def _gather(steps: IntakeSteps, seconds: int) -> State:
    """Objects that are written together arrive one by one, and are one batch: the first waits for the others."""
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
        "holder": {"S": _ME},
        EXPIRY: {"N": f"{{% $string($floor($millis() / 1000) + {seconds}) %}}"},
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {"TableName": steps.table, "Item": item, **condition},
        "Retry": _tries(),
        "Catch": [{"ErrorEquals": [_TAKEN], "Next": "NothingToDo"}, _caught("Release")],
        "Next": after,
    }


def _drop(key: str, steps: IntakeSteps, *, after: str, failing: str, assign: bool = True) -> State:
    """Only what this execution holds."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:deleteItem",
        "Arguments": {
            "TableName": steps.table,
            "Key": {KEY: {"S": key}},
            "ConditionExpression": "holder = :me",
            **_values({}),
        },
        "Retry": _tries(),
        "Catch": [_caught(failing) if assign else {"ErrorEquals": ["States.ALL"], "Next": failing}],
        "Next": after,
    }


def _copy(steps: IntakeSteps) -> State:
    """In the environment's workgroup, whose settings say with which key (Athena User Guide, "UNLOAD")."""
    head, tail = f"UNLOAD ({steps.query}) TO '", "' WITH (format = 'PARQUET', compression = 'SNAPPY')"
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Arguments": {
            "QueryString": f"{{% {_text(head)} & $location & {_text(tail)} %}}",
            "WorkGroup": steps.workgroup,
        },
        "TimeoutSeconds": steps.timeout_seconds,
        # Not started for want of room. A query that failed may have left objects, so it is not repeated in its place.
        "Retry": [{"ErrorEquals": ["Athena.TooManyRequestsException"], "IntervalSeconds": 30, "MaxAttempts": 5}],
        "Catch": [_caught("Release")],
        "Next": "Record" if steps.pipeline is None else "StartPipeline",
    }


def _start(pipeline: str) -> State:
    """SageMaker starts a pipeline once for one token, and tells who asks again which execution it was."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sagemaker:startPipelineExecution",
        "Arguments": {
            "PipelineName": pipeline,
            "ClientRequestToken": "{% $hash($claim, 'SHA-256') %}",
            "PipelineParameters": [{"Name": INPUT_PARAMETER, "Value": "{% $location %}"}],
        },
        "Retry": _tries(),
        "Catch": [_caught("Release")],
        "Next": "Record",
    }


def _record(steps: IntakeSteps) -> State:
    """For people who ask what became of an event. The work is done, whether or not this succeeds."""
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
        "Retry": _tries(),
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
        "Next": "Done",
    }


def _tell(steps: IntakeSteps) -> State:
    """What it takes to run it again: the input."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {
            "QueueUrl": steps.queue_url,
            "MessageBody": {
                "intake": steps.label,
                "input": "{% $event %}",
                "failure": "{% $failure %}",
                "execution": _ME,
            },
        },
        "Retry": _tries(),
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        "Next": "Failed",
    }


def _values(further: Mapping[str, Any]) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {":me": {"S": _ME}, **further}}


def _caught(after: str) -> State:
    return {"ErrorEquals": ["States.ALL"], "Assign": _FAILURE, "Next": after}


def _tries() -> list[State]:
    """A refusal stays one, however often it is asked for."""
    return [
        {"ErrorEquals": [_TAKEN], "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 2,
            "MaxAttempts": 4,
            "BackoffRate": 2,
            "JitterStrategy": "FULL",
        },
    ]


def _text(value: str) -> str:
    """A string of JSONata, which writes them as JSON does."""
    return json.dumps(value)
