"""The SageMaker pipelines that builds have created in the accounts of a team: their index, and their deletion.

No stack has them, so its destruction leaves them. SageMaker deletes the list of executions with a pipeline, and keeps
their jobs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from selfservice.catalog.evidence import Evidence
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError

_RUNNING = ("Executing", "Stopping")
_STOP_SECONDS = 300.0
_LOOK_SECONDS = 1.0


def pipelines_of(account: Account, prefix: str) -> Iterator[Evidence]:
    """Yields the pipelines whose name begins with ``prefix``, with the number of their executions by status."""
    for pipeline in _listed(account, prefix):
        executions: dict[str, int] = {}
        for status, _ in _executions(account, pipeline["PipelineName"]):
            executions[status] = executions.get(status, 0) + 1
        details = {
            "account": account.id,
            "created": pipeline["CreationTime"].isoformat(timespec="seconds"),
            "executions": executions,
        }
        yield Evidence(kind="pipeline", name=pipeline["PipelineName"], details=details)


def delete_pipelines(account: Account, prefix: str) -> int:
    """Stops and deletes the pipelines whose name begins with ``prefix``, and returns their number.

    Raises: RefusedError if an execution does not stop. SageMaker deletes no pipeline that runs.
    """
    client = account.client("sagemaker")
    names = [str(pipeline["PipelineName"]) for pipeline in _listed(account, prefix)]
    for name in names:
        for status, arn in _executions(account, name):
            if status == "Executing":
                client.stop_pipeline_execution(PipelineExecutionArn=arn)
        until = time.monotonic() + _STOP_SECONDS
        while any(status in _RUNNING for status, _ in _executions(account, name)):
            if time.monotonic() > until:
                place = f"the pipeline {name} of account {account.id}"
                raise RefusedError(f"{place} does not stop; stop it in SageMaker, and run this again")
            time.sleep(_LOOK_SECONDS)
        client.delete_pipeline(PipelineName=name)
    return len(names)


def _listed(account: Account, prefix: str) -> list[dict[str, Any]]:
    # The parameter has the pattern of a name, which does not end with a hyphen.
    given = {"PipelineNamePrefix": prefix.rstrip("-")}
    listed = account.every("sagemaker", "list_pipelines", "PipelineSummaries", **given)
    return [pipeline for pipeline in listed if pipeline["PipelineName"].startswith(prefix)]


def _executions(account: Account, name: str) -> Iterator[tuple[str, str]]:
    key = "PipelineExecutionSummaries"
    for pipeline_execution in account.every("sagemaker", "list_pipeline_executions", key, PipelineName=name):
        yield str(pipeline_execution["PipelineExecutionStatus"]), str(pipeline_execution["PipelineExecutionArn"])
