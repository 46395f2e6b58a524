"""The preconditions as a layer above the patches.

Checks are imported with the first call to their service, because some of moto's modules take a second to import.
"""

from __future__ import annotations

import functools
import importlib

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.preconditions.check import Check
from plinth_sandbox.emulator.preconditions.references.check import check_references

MODULES = {
    "cloudtrail": ["notifications"],
    "ec2": ["networks"],
    "ecr": ["documents.stored"],
    "events": ["schedules"],
    "glue": ["schedules"],
    "iam": ["identities"],
    "kms": ["keys"],
    "lambda": ["functions"],
    "organizations": ["control_policies"],
    "s3": ["buckets", "lifecycles", "notifications", "replications"],
    "sagemaker": ["schedules", "documents.pipelines"],
    "scheduler": ["schedules"],
    "sns": ["notifications"],
    "sso-admin": ["documents.stored"],
    "stepfunctions": ["documents.state_machines"],
}
"""Modules by service. A module has ``CHECKS``, by service and operation."""


class Preconditions:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def answer(self, call: Call, below: Handler) -> Answer:
        for check in _checks(call.service, call.name):
            check(call)
        check_references(call, self._memory)
        if call.is_dry_run:  # moto knows the parameter in some operations, and performs the others
            raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        return below(call)


@functools.cache
def _checks(service: str, operation: str) -> tuple[Check, ...]:
    modules = [
        importlib.import_module(f"plinth_sandbox.emulator.preconditions.{name}") for name in MODULES.get(service, [])
    ]
    return tuple(module.CHECKS[service, operation] for module in modules if (service, operation) in module.CHECKS)
