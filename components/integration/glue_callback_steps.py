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

_CLAIM_EXISTS = "DynamoDB.ConditionalCheckFailedException"
_NO_VALUE = "States.QueryEvaluationError"
"""Error of an expression without a value, for messages that are not JSON or have no token."""
_STOPPING = "Stopping"
_STOPPED = "PipelineStopped"
_EXECUTION_ID = "{% $states.context.Execution.Id %}"


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
    location_prefix: str
    """Output location before the run's id: ``s3://…/scoring/``."""
    location_suffix: str
    timeout_seconds: int


def definition(steps: GlueCallbackSteps) -> str:
    """Returns the state machine's definition as JSON."""
    states: dict[str, State] = {
        "Read": _read(steps),
        "Claim": _claim(steps),
        "Again": _repeated(),
        "Find": _find(steps),
        "Stop": _stop(),
        "Run": _run(steps),
        "TellSuccess": _report(
            "sendPipelineExecutionStepSuccess",
            {"OutputParameters": [{"Name": OUTPUT_PARAMETER, "Value": "{% $location %}"}]},
            after="Done",
        ),
        "TellFailure": _report(
            "sendPipelineExecutionStepFailure",
            {"FailureReason": f"{{% {json.dumps(f'{steps.label}: ')} & $failure %}}"},
            after="Failed",
        ),
        "Keep": _dead_letter(steps),
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
    prefix, suffix = json.dumps(steps.location_prefix), json.dumps(steps.location_suffix)
    itself = "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 12)"
    return {
        "Type": "Pass",
        "Assign": {
            "body": "{% $states.input[0].body %}",
            "location": f"{{% {prefix} & {began} & '-' & {itself} & {suffix} %}}",
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
        "holder": {"S": _EXECUTION_ID},
        EXPIRY: {"N": f"{{% $string($floor($millis() / 1000) + {CLAIM_DAYS * 24 * 3600}) %}}"},
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {
            "TableName": steps.table,
            "Item": item,
            "ConditionExpression": f"attribute_not_exists({KEY}) OR holder = :me",
            "ExpressionAttributeValues": {":me": {"S": _EXECUTION_ID}},
        },
        "Retry": _retries(),
        "Assign": {"message": "{% $parse($body) %}"},
        "Catch": [
            {"ErrorEquals": [_CLAIM_EXISTS], "Assign": {"message": "{% $parse($body) %}"}, "Next": "Again"},
            {"ErrorEquals": [_NO_VALUE], "Next": "Keep"},
            # After the message has been read its token is known, so failures are reported.
            _report_catch({"message": "{% $parse($body) %}"}),
        ],
        "Next": "Run",
    }


def _repeated() -> State:
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
        "Retry": _retries(),
        "Assign": {"holder": "{% $states.result.Item.holder.S %}"},
        "Catch": [_dead_letter_catch()],
        "Next": "Stop",
    }


def _stop() -> State:
    """Stops the execution that holds the claim. Step Functions then stops its job."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution",
        "Arguments": {"ExecutionArn": "{% $holder %}", "Error": _STOPPED},
        "Retry": _retries(),
        "Assign": {"failure": _STOPPED},
        "Catch": [_dead_letter_catch()],
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
        "Catch": [_report_catch()],
        "Next": "TellSuccess",
    }


def _report(operation: str, arguments: dict[str, Any], *, after: str) -> State:
    """Reports to the pipeline. The request token makes repeated calls safe, because SageMaker accepts a response once
    per token."""
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:sagemaker:{operation}",
        "Arguments": {
            "CallbackToken": "{% $message.token %}",
            "ClientRequestToken": "{% $hash($message.token, 'SHA-256') %}",
            **arguments,
        },
        "Retry": _retries(),
        "Catch": [_dead_letter_catch()],
        "Next": after,
    }


def _dead_letter(steps: GlueCallbackSteps) -> State:
    """Sends a message to the dead-letter queue if its failure cannot be reported: it has no token, or SageMaker rejects
    the response."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": steps.queue_url, "MessageBody": "{% $body %}"},
        "Retry": _retries(),
        "Next": "Failed",
    }


def _report_catch(further: dict[str, str] | None = None) -> State:
    """Catches all errors and keeps only the error's name: a cause may be too long for a reason, or quote data of the
    job."""
    return {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"failure": "{% $states.errorOutput.Error %}", **(further or {})},
        "Next": "TellFailure",
    }


def _dead_letter_catch() -> State:
    return {"ErrorEquals": ["States.ALL"], "Next": "Keep"}


def _retries() -> list[State]:
    """Retries all errors except those that would occur again."""
    return [
        {"ErrorEquals": [_CLAIM_EXISTS, _NO_VALUE], "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 2,
            "MaxAttempts": 4,
            "BackoffRate": 2,
            "JitterStrategy": "FULL",
        },
    ]
