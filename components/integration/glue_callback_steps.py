"""The steps behind a Callback step of a pipeline, in Amazon States Language: claim, run the job, tell the pipeline.

A pipeline that is stopped sends once more, and waits until it is answered: the run that has the claim is stopped then.

Expressions are JSONata, between ``{%`` and ``%}``. An execution is given what a pipe read from the queue: a list of one
message, whose body SageMaker wrote (SageMaker Developer Guide, "Callback step").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from components.integration.claim_table import EXPIRY, KEY
from components.integration.intake_steps import CLAIM_DAYS, State

OUTPUT_PARAMETER = "OutputUri"
"""Output of the Callback step: where the job wrote."""

_TAKEN = "DynamoDB.ConditionalCheckFailedException"
_UNREAD = "States.QueryEvaluationError"
"""An expression that has no value: of a message that is not JSON, or has no token."""
_STOPPING = "Stopping"
_STOPPED = "PipelineStopped"
_ME = "{% $states.context.Execution.Id %}"


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueCallbackSteps:
    """What the steps are about, all of it known."""

    label: str
    """The step among all: ``fraud-development-intake-join-history``."""
    table: str
    """Of claims."""
    queue_url: str
    """Where a message is kept that came to nothing, and of which nobody could be told."""
    job: str
    """Name of the Glue job."""
    before: str
    """What stands before a run's id in where the job writes: ``s3://…/scoring/``."""
    behind: str
    timeout_seconds: int


def definition(steps: GlueCallbackSteps) -> str:
    """The state machine, as Step Functions takes it."""
    states: dict[str, State] = {
        "Read": _read(steps),
        "Claim": _claim(steps),
        "Again": _again(),
        "Find": _find(steps),
        "Stop": _stop(),
        "Run": _run(steps),
        "TellSuccess": _tell(
            "sendPipelineExecutionStepSuccess",
            {"OutputParameters": [{"Name": OUTPUT_PARAMETER, "Value": "{% $location %}"}]},
            after="Done",
        ),
        "TellFailure": _tell(
            "sendPipelineExecutionStepFailure",
            {"FailureReason": f"{{% {json.dumps(f'{steps.label}: ')} & $failure %}}"},
            after="Failed",
        ),
        "Keep": _keep(steps),
        "Done": {"Type": "Succeed", "Output": {"location": "{% $location %}"}},
        "NothingToDo": {"Type": "Succeed", "Output": {"location": None}},
        "Failed": {
            "Type": "Fail",
            "Error": "GlueStepFailed",
            "Cause": "The job failed, or nobody could be told of it.",
        },
    }
    machine = {"Comment": steps.label, "QueryLanguage": "JSONata", "StartAt": "Read", "States": states}
    return json.dumps(machine)


def _read(steps: GlueCallbackSteps) -> State:
    """Each run writes to a place of its own, under the id of a build."""
    began = "$fromMillis($toMillis($states.context.Execution.StartTime), '[Y0001][M01][D01]T[H01][m01][s01]')"
    itself = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 12)"
    return {
        "Type": "Pass",
        "Assign": {
            "body": "{% $states.input[0].body %}",
            "location": f"{{% {json.dumps(steps.before)} & {began} & '-' & {itself} & {json.dumps(steps.behind)} %}}",
        },
        "Next": "Claim",
    }


def _claim(steps: GlueCallbackSteps) -> State:
    """A queue delivers at least once; a token is one run's. Nothing takes a claim back: whoever tries again does so in
    the pipeline, which then has another token."""
    item = {
        # Nothing beside it: with text in front, a message without a token would have a claim too.
        KEY: {"S": "{% $parse($body).token %}"},
        "holder": {"S": _ME},
        EXPIRY: {"N": f"{{% $string($floor($millis() / 1000) + {CLAIM_DAYS * 24 * 3600}) %}}"},
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": steps.table,
            "Item": item,
            "ConditionExpression": f"attribute_not_exists({KEY}) OR holder = :me",
            "ExpressionAttributeValues": {":me": {"S": _ME}},
        },
        "Retry": _tries(),
        "Assign": {"message": "{% $parse($body) %}"},
        "Catch": [
            {"ErrorEquals": [_TAKEN], "Assign": {"message": "{% $parse($body) %}"}, "Next": "Again"},
            {"ErrorEquals": [_UNREAD], "Next": "Keep"},
            # What could be read is told of, since its token is known.
            _caught({"message": "{% $parse($body) %}"}),
        ],
        "Next": "Run",
    }


def _again() -> State:
    """The same message, or word that the pipeline is being stopped: its ``Status`` (SageMaker API Reference,
    "StopPipelineExecution"); the first message has a field of that name in small letters."""
    stopping = [f"{{% $message.{field} = '{_STOPPING}' %}}" for field in ("Status", "status")]
    return {
        "Type": "Choice",
        "Choices": [{"Condition": condition, "Next": "Find"} for condition in stopping],
        "Default": "NothingToDo",
    }


def _find(steps: GlueCallbackSteps) -> State:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Arguments": {
            "TableName": steps.table,
            "Key": {KEY: {"S": "{% $message.token %}"}},
            "ConsistentRead": True,
        },
        "Retry": _tries(),
        "Assign": {"holder": "{% $states.result.Item.holder.S %}"},
        "Catch": [_kept()],
        "Next": "Stop",
    }


def _stop() -> State:
    """Step Functions stops the job of an execution that is stopped."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution",
        "Arguments": {"ExecutionArn": "{% $holder %}", "Error": _STOPPED},
        "Retry": _tries(),
        "Assign": {"failure": _STOPPED},
        "Catch": [_kept()],
        "Next": "TellFailure",
    }


def _run(steps: GlueCallbackSteps) -> State:
    """The author's arguments are one argument of the job: as arguments of their own they could name further code, which
    would then run as the job's role (AWS Glue Developer Guide, "Job parameters")."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Arguments": {
            "JobName": steps.job,
            "Arguments": {"--output": "{% $location %}", "--arguments": "{% $string($message.arguments) %}"},
        },
        "TimeoutSeconds": steps.timeout_seconds,
        # Not started for want of room. A job that ran may have written, so it is not repeated in its place.
        "Retry": [
            {
                "ErrorEquals": ["Glue.ConcurrentRunsExceededException", "Glue.ThrottlingException"],
                "IntervalSeconds": 60,
                "MaxAttempts": 5,
            }
        ],
        "Catch": [_caught()],
        "Next": "TellSuccess",
    }


def _tell(operation: str, said: dict[str, Any], *, after: str) -> State:
    """SageMaker takes an answer once for one request token, so that it may be repeated."""
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:sagemaker:{operation}",
        "Arguments": {
            "CallbackToken": "{% $message.token %}",
            "ClientRequestToken": "{% $hash($message.token, 'SHA-256') %}",
            **said,
        },
        "Retry": _tries(),
        "Catch": [_kept()],
        "Next": after,
    }


def _keep(steps: GlueCallbackSteps) -> State:
    """A message of which nobody could be told: it has no token, or SageMaker does not take the answer."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": steps.queue_url, "MessageBody": "{% $body %}"},
        "Retry": _tries(),
        "Next": "Failed",
    }


def _caught(further: dict[str, str] | None = None) -> State:
    """Its name alone: a cause is longer than a reason may be, and may quote what the job worked on."""
    return {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"failure": "{% $states.errorOutput.Error %}", **(further or {})},
        "Next": "TellFailure",
    }


def _kept() -> State:
    return {"ErrorEquals": ["States.ALL"], "Next": "Keep"}


def _tries() -> list[State]:
    """A refusal stays one, however often it is asked for."""
    return [
        {"ErrorEquals": [_TAKEN, _UNREAD], "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 2,
            "MaxAttempts": 4,
            "BackoffRate": 2,
            "JitterStrategy": "FULL",
        },
    ]
