"""``iam:PassRole``: roles that a call hands to a service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.authorization.permissions.needed import Needed
from plinth_sandbox.emulator.call import Call

_SERVICES: Mapping[str, str] = {
    "codebuild": "codebuild.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "events": "events.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "stepfunctions": "states.amazonaws.com",
}
"""Service to which the operations of a service pass roles."""
_VERBS = ("Create", "Update", "Put", "Start", "Run")
_MEMBERS = ("RoleArn", "ExecutionRoleArn", "Role", "roleArn", "serviceRole", "serviceRoleOverride", "executionRoleArn")


def passed_by(call: Call) -> Iterator[Needed]:
    """Yields the permission to pass each role that a call names."""
    service = _SERVICES.get(call.service)
    if service is None or not call.name.startswith(_VERBS):
        return
    for role in dict.fromkeys(_roles(call.parameters)):
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{call.account}:role/{role.lstrip('/')}"
        yield Needed("iam:PassRole", arn, {"iam:PassedToService": [service]})


def _roles(given: Any) -> Iterator[str]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            if name in _MEMBERS and isinstance(value, str):
                yield value
            else:
                yield from _roles(value)
    elif isinstance(given, list):
        for item in given:
            yield from _roles(item)
