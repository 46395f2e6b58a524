"""Functions for tests of Lambda and of what invokes it."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from typing import Any

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")


def archive(source: str, **more: str) -> bytes:
    """Returns a deployment package with the module ``index``, and others by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, text in {"index": source, **more}.items():
            opened.writestr(f"{name}.py", textwrap.dedent(text))
    return buffer.getvalue()


def role(aws: EmulatedAws, name: str, *statements: dict[str, Any], logs: bool = True) -> str:
    """Creates an execution role with the given statements, and with the permissions for logs."""
    iam = aws.client("iam")
    allowed = [{"Effect": "Allow", "Action": list(LOGS), "Resource": "*"}] if logs else []
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document([TRUST]))["Role"]
    if allowed or statements:
        policy = _document([*allowed, *statements])
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return str(created["Arn"])


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def create(aws: EmulatedAws, name: str, source: str, *, role_arn: str = "", **settings: Any) -> str:
    """Creates a function from the source of its module ``index`` and returns its ARN."""
    aws.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="index.handler",
        Role=role_arn or role(aws, f"{name}-role"),
        Code={"ZipFile": archive(source)},
        **{"Timeout": 900, **settings},
    )
    return f"arn:aws:lambda:{REGION}:{MANAGEMENT}:function:{name}"


def invoke(aws: EmulatedAws, name: str, payload: object = None, **how: Any) -> Any:
    """Invokes a function and returns the answer, whose payload is parsed."""
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload), **how)
    content = answer["Payload"].read()
    return {**answer, "Payload": json.loads(content) if content else None}


def messages(aws: EmulatedAws, name: str) -> list[str]:
    """Returns the log of a function."""
    events = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    return [event["message"] for event in events]
