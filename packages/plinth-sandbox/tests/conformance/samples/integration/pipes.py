"""Samples of Amazon EventBridge Pipes."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _pipe(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("pipes").describe_pipe(Name=it.id)
    return {
        "from": found["Source"],
        "to": found["Target"],
        "as": found["RoleArn"],
        "at once": found["SourceParameters"]["SqsQueueParameters"]["BatchSize"],
        "waits": found["TargetParameters"]["StepFunctionStateMachineParameters"]["InvocationType"],
        "says": found["TargetParameters"]["InputTemplate"],
        "under": found["KmsKeyIdentifier"],
        "level": found["LogConfiguration"]["Level"],
        "told": found["LogConfiguration"]["CloudwatchLogsLogDestination"]["LogGroupArn"],
        "about": found["Description"],
        "state": found["DesiredState"],
        "tags": aws("pipes").list_tags_for_resource(resourceArn=found["Arn"])["tags"],
    }


def _inputs(when: str, batch_size: int) -> dict[str, Any]:
    return {
        "target": f"arn:aws:states:eu-west-1:123456789012:stateMachine:{when}",
        "roleArn": f"arn:aws:iam::123456789012:role/{when}",
        "description": when,
        "kmsKeyIdentifier": "{key.outputs.arn}",
        "sourceParameters": {"sqsQueueParameters": {"batchSize": batch_size}},
        "targetParameters": {
            "inputTemplate": f'{{"{when}": <$.body>}}',
            "stepFunctionStateMachineParameters": {"invocationType": "FIRE_AND_FORGET"},
        },
        "logConfiguration": {
            "level": "ERROR" if when == "before" else "INFO",
            "cloudwatchLogsLogDestination": {"logGroupArn": f"arn:aws:logs:eu-west-1:123456789012:log-group:{when}"},
        },
        "desiredState": "RUNNING" if when == "before" else "STOPPED",
        "tags": {"own": when},
    }


def _seen(when: str, batch_size: int) -> dict[str, Any]:
    return {
        "from": "{queue.outputs.arn}",
        "to": f"arn:aws:states:eu-west-1:123456789012:stateMachine:{when}",
        "as": f"arn:aws:iam::123456789012:role/{when}",
        "at once": batch_size,
        "waits": "FIRE_AND_FORGET",
        "says": f'{{"{when}": <$.body>}}',
        "under": "{key.outputs.arn}",
        "level": "ERROR" if when == "before" else "INFO",
        "told": f"arn:aws:logs:eu-west-1:123456789012:log-group:{when}",
        "about": when,
        "state": "RUNNING" if when == "before" else "STOPPED",
        "tags": {"from": "provider", "own": when},
    }


SAMPLES = [
    Sample(
        type="aws:pipes/pipe:Pipe",
        needs={
            "key": ("aws:kms/key:Key", {"deletionWindowInDays": 7}),
            "queue": ("aws:sqs/queue:Queue", {"name": "source-{n}"}),
        },
        inputs={"name": "pipe-{n}", "source": "{queue.outputs.arn}", **_inputs("before", 1)},
        look=_pipe,
        seen=_seen("before", 1),
        change=_inputs("after", 10),
        seen_changed=_seen("after", 10),
        replace={"name": "pipe-{n}-renamed"},
        drift=lambda aws, it: aws("pipes").update_pipe(Name=it.id, RoleArn="arn:aws:iam::123456789012:role/drifted"),
        drifts="roleArn",
        remove=lambda aws, it: aws("pipes").delete_pipe(Name=it.id),
    ),
]
