"""Checks the references of a request against the table.

A part of the table is imported with the first call to one of its services.
"""

from __future__ import annotations

import functools
import importlib

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.preconditions.references.dependents import DELETIONS
from plinth_sandbox.emulator.preconditions.references.reference import Question, Reference

TABLES = {
    "apigateway": ["apis"],
    "application-autoscaling": ["sagemaker"],
    "cloudtrail": ["encryption"],
    "codebuild": ["networks"],
    "codecommit": ["encryption"],
    "dynamodb": ["encryption"],
    "ec2": ["networks"],
    "ecr": ["encryption"],
    "lakeformation": ["lake_formation"],
    "lambda": ["objects", "targets"],
    "logs": ["encryption", "targets"],
    "s3": ["encryption"],
    "sagemaker": ["sagemaker", "objects"],
    "scheduler": ["targets"],
    "secretsmanager": ["encryption"],
    "sns": ["encryption"],
    "sqs": ["encryption"],
    "sso-admin": ["identity_center"],
    "stepfunctions": ["state_machines", "encryption"],
}
"""Modules by service. A module has ``REFERENCES``."""


def check_references(call: Call, memory: Memory) -> None:
    """Raises AwsError if the request refers to something that AWS would not find, or deletes what is still used."""
    question = Question(call, memory)
    for reference in _references(call.service, call.name):
        reference.check(question)
    if (uses := DELETIONS.get((call.service, call.name))) is not None:
        uses(question)


@functools.cache
def _references(service: str, operation: str) -> tuple[Reference, ...]:
    folder = __package__
    modules = [importlib.import_module(f"{folder}.{name}") for name in TABLES.get(service, [])]
    return tuple(reference for module in modules for reference in module.REFERENCES.get((service, operation), ()))
