"""Training jobs: updates of their instances, and their deletion."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

LOOK_SECONDS = 0.5
"""Seconds between two checks whether the job has stopped."""


def with_warm_pool_alone(request: dict[str, Any]) -> dict[str, Any]:
    """Reduces the request to the warm pool. Only the retention time of instances can change, and AWS requires it if the
    request names instances (SageMaker API, ResourceConfigForUpdate)."""
    return {name: said for name, said in request.items() if name != "ResourceConfig" or said}


def delete_training_job(caller: Caller, known: Properties) -> None:
    """Stops a running job, waits for its end, and deletes it."""
    name = known["trainingJobName"]
    if _status(caller, name) == "InProgress":
        caller.aws("stop_training_job", TrainingJobName=name)
    while _status(caller, name) in ("InProgress", "Stopping"):
        caller.pause(LOOK_SECONDS)
    caller.aws("delete_training_job", TrainingJobName=name)


def _status(caller: Caller, name: str) -> str:
    return str(caller.aws("describe_training_job", TrainingJobName=name)["TrainingJobStatus"])
