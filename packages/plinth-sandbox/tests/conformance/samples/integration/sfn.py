"""Samples of AWS Step Functions."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
_ROLE: Need = (
    "aws:iam/role:Role",
    {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})},
)


def _definition(when: str) -> str:
    return json.dumps({"StartAt": when, "States": {when: {"Type": "Succeed"}}})


def _machine(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("stepfunctions")
    found = client.describe_state_machine(stateMachineArn=it.id)
    tags = client.list_tags_for_resource(resourceArn=it.id)["tags"]
    return {
        "starts at": json.loads(found["definition"])["StartAt"],
        "role": found["roleArn"],
        "traced": found["tracingConfiguration"]["enabled"],
        "level": found["loggingConfiguration"]["level"],
        "data": found["loggingConfiguration"].get("includeExecutionData"),
        "under": found["encryptionConfiguration"]["kmsKeyId"],
        "key for": found["encryptionConfiguration"]["kmsDataKeyReusePeriodSeconds"],
        "tags": {tag["key"]: tag["value"] for tag in tags},
    }


def _inputs(when: str, level: str) -> dict[str, Any]:
    return {
        "definition": _definition(when),
        "roleArn": f"{{{when}.outputs.arn}}",
        "tracingConfiguration": {"enabled": level == "ALL"},
        "loggingConfiguration": {
            "level": level,
            "includeExecutionData": level != "ALL",
            "logDestination": f"arn:aws:logs:eu-west-1:123456789012:log-group:{when}:*",
        },
        "encryptionConfiguration": {
            "type": "CUSTOMER_MANAGED_KMS_KEY",
            "kmsKeyId": "{key.outputs.arn}",
            "kmsDataKeyReusePeriodSeconds": 300 if level == "ALL" else 600,
        },
        "tags": {"own": when},
    }


def _seen(when: str, level: str) -> dict[str, Any]:
    return {
        "starts at": when,
        "role": f"{{{when}.outputs.arn}}",
        "traced": level == "ALL",
        "level": level,
        "data": level != "ALL",
        "under": "{key.outputs.arn}",
        "key for": 300 if level == "ALL" else 600,
        "tags": {"from": "provider", "own": when},
    }


SAMPLES = [
    Sample(
        type="aws:sfn/stateMachine:StateMachine",
        needs={"key": ("aws:kms/key:Key", {"deletionWindowInDays": 7}), "before": _ROLE, "after": _ROLE},
        inputs={"name": "machine-{n}", **_inputs("before", "ALL")},
        look=_machine,
        seen=_seen("before", "ALL"),
        change=_inputs("after", "ERROR"),
        seen_changed=_seen("after", "ERROR"),
        replace={"name": "machine-{n}-renamed"},
        drift=lambda aws, it: aws("stepfunctions").update_state_machine(
            stateMachineArn=it.id, definition=_definition("drifted")
        ),
        drifts="definition",
        remove=lambda aws, it: aws("stepfunctions").delete_state_machine(stateMachineArn=it.id),
    ),
]
