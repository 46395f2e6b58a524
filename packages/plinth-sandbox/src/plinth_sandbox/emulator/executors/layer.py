"""The executors as a layer above the patches. It starts the runs that a call requests."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.endpoints.metrics import record_metrics
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import SIGNED_AS, Outcome, outcome_of
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.process import CHARGES_PATH, METRICS_PATH

MODULES = {
    "apigateway": "apis.operations",
    "application-autoscaling": "scaling",
    "athena": "queries",
    "cloudwatch": "cloudwatch.operations",
    "codeartifact": "codeartifact.operations",
    "codebuild": "codebuild.operations",
    "codecommit": "codecommit.operations",
    "codeconnections": "codeconnections.operations",
    "codepipeline": "codepipeline.operations",
    "ecr": "ecr.scans",
    "eks": "eks.operations",
    "eks-auth": "eks.auth_operations",
    "glue": "glue_jobs",
    "lambda": "functions.operations",
    "rds": "rds.operations",
    "sagemaker": "sagemaker.operations",
    "sagemaker-runtime": "endpoints.runtime_operations",
    "sqs": "queues",
    "sso": "identity_center.portal_operations",
    "sso-oidc": "identity_center.oidc_operations",
    "sts": "tokens.web_identities",
}
"""Module by service. The service's name is also the name of the executor package."""


class Executor(Protocol):
    """The interface of a service's module."""

    @property
    def OPERATIONS(self) -> Mapping[str, Callable[[Exchange, Runtime], Answer]]:  # noqa: N802 (a constant there)
        """Operations that start a run or report about runs."""

    def record_outcome(self, outcome: Outcome, runtime: Runtime) -> None:
        """Stores the outcome of a run."""


@dataclass(frozen=True, slots=True)
class ExecutorsLayer:
    runtime: Runtime

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.signing_name == SIGNED_AS and call.request.path == METRICS_PATH:
            record_metrics(call.request, self.runtime)
            return Answer.of_json(200, {})
        if call.signing_name == SIGNED_AS and call.request.path == CHARGES_PATH:
            # Few sandboxes have charges.
            from plinth_sandbox.emulator.patches.organizations.cost_explorer import record_charges

            record_charges(json.loads(call.request.body)["charges"], self.runtime.memory)
            return Answer.of_json(200, {})
        if call.signing_name == SIGNED_AS:
            outcome = outcome_of(call.request)
            _executor(outcome.executor).record_outcome(outcome, self.runtime)
            self.runtime.runner.settle(outcome.run)
            return Answer.of_json(200, {})
        handle = _executor(call.service).OPERATIONS.get(call.name) if call.service in MODULES else None
        return handle(Exchange(call, self.runtime.memory, below), self.runtime) if handle else below(call)


@functools.cache
def _executor(service: str) -> Executor:
    """Returns the module of a service. It is imported with the service's first call, like the patches."""
    module: Any = importlib.import_module(f"plinth_sandbox.emulator.executors.{MODULES[service]}")
    return module  # type: ignore[no-any-return]
