"""The state machine behind a pipeline's Callback step, in Amazon States Language: claim, run the job, report to the
pipeline.

When a pipeline is stopped, SageMaker sends a second message and waits for a response. The run that holds the claim is
then stopped.

Expressions are JSONata, between ``{%`` and ``%}``. The input of an execution is what the pipe received from the queue:
a list of one message, whose body is written by SageMaker (SageMaker Developer Guide, "Callback step").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from components.integration.claim_table import EXPIRY, KEY
from components.integration.intake_steps import CLAIM_DAYS, State

OUTPUT_PARAMETER = "OutputUri"
"""Name of the Callback step's output parameter: the location to which the job wrote."""

_TAKEN = "DynamoDB.ConditionalCheckFailedException"
_UNREAD = "States.QueryEvaluationError"
"""Error of an expression without a value, for messages that are not JSON or have no token."""
_STOPPING = "Stopping"
_STOPPED = "PipelineStopped"
_ME = "{% $states.context.Execution.Id %}"


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueCallbackSteps:
    """Values from which the state machine is built, all of them known."""

    label: str
    """Name of the step in the account: ``fraud-development-intake-join-history``."""
    table: str
    """Name of the table of claims."""
    queue_url: str
    """URL of the dead-letter queue for messages that failed and whose failure could not be reported."""
    job: str
    """Name of the Glue job."""
    before: str
    """Output location before the run's id: ``s3://…/scoring/``."""
    behind: str
    timeout_seconds: int


def definition(steps: GlueCallbackSteps) -> str:
    """Returns the state machine's definition as JSON."""
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
    """Assigns the output location of the run, which contains a build id of its own."""
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
    """Claims the message's token for one run, because a queue may deliver a message more than once.

    Claims are never released: retries are made by the pipeline, with a new token.
    """
    item = {
        # The key is the token alone: with a prefix, a message without a token would have a valid claim too.
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
            # After the message has been read its token is known, so failures are reported.
            _caught({"message": "{% $parse($body) %}"}),
        ],
        "Next": "Run",
    }


def _again() -> State:
    """Distinguishes a repeated message from the message that the pipeline is being stopped.

    The latter has a ``Status`` (SageMaker API Reference, "StopPipelineExecution"); the first message has ``status`` in
    lower case.
    """
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
    """Stops the execution that holds the claim. Step Functions then stops its job."""
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
    """Runs the job. The author's arguments are passed as a single argument of the job.

    As separate arguments they could name additional code, which would run with the job's role (AWS Glue Developer
    Guide, "Job parameters").
    """
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Arguments": {
            "JobName": steps.job,
            "Arguments": {"--output": "{% $location %}", "--arguments": "{% $string($message.arguments) %}"},
        },
        "TimeoutSeconds": steps.timeout_seconds,
        # Retried only if it did not start for lack of capacity. A started job may have written, so it is not repeated
        # in place.
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
    """Reports to the pipeline. The request token makes repeated calls safe, because SageMaker accepts a response once
    per token."""
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
    """Sends a message to the dead-letter queue if its failure cannot be reported: it has no token, or SageMaker rejects
    the response."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": steps.queue_url, "MessageBody": "{% $body %}"},
        "Retry": _tries(),
        "Next": "Failed",
    }


def _caught(further: dict[str, str] | None = None) -> State:
    """Catches all errors and keeps only the error's name: a cause may be too long for a reason, or quote data of the
    job."""
    return {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"failure": "{% $states.errorOutput.Error %}", **(further or {})},
        "Next": "TellFailure",
    }


def _kept() -> State:
    return {"ErrorEquals": ["States.ALL"], "Next": "Keep"}


def _tries() -> list[State]:
    """Retries all errors except those that would occur again."""
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
