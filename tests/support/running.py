"""Runs of jobs and queries on the sandbox, waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.waiting import eventually
from tests.support.workbench import Workbench

_UNDER_WAY = ("QUEUED", "RUNNING", "WAITING")


def run_job(workbench: Workbench, account_id: str, job: str) -> None:
    """Run a job of Glue to its end, as an arrival or the clock would start it at AWS."""
    told = end_of_job(workbench.client("glue", account_id), job)
    assert told["JobRunState"] == "SUCCEEDED", told.get("ErrorMessage")


def end_of_job(glue: Any, job: str, arguments: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A run of a job with these arguments, once it has ended."""
    run = glue.start_job_run(JobName=job, Arguments=arguments or {})["JobRunId"]
    return ended(lambda: glue.get_job_run(JobName=job, RunId=run)["JobRun"], lambda told: told["JobRunState"])


def ask(workbench: Workbench, environment: str, role: str, query: str) -> tuple[Any, dict[str, Any]]:
    """Ask Athena with a role of an environment, in its workgroup: the client, and the query once it has ended."""
    athena = workbench.client("athena", workbench.outputs(environment)["account_id"], role=f"plinth/{role}")
    run = athena.start_query_execution(QueryString=query, WorkGroup=environment)["QueryExecutionId"]
    return athena, ended(
        lambda: athena.get_query_execution(QueryExecutionId=run)["QueryExecution"], lambda told: told["Status"]["State"]
    )


def answer(workbench: Workbench, environment: str, role: str, query: str) -> list[list[str | None]]:
    """The rows of an answer, the names of its columns first."""
    athena, told = ask(workbench, environment, role, query)
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    rows = athena.get_query_results(QueryExecutionId=told["QueryExecutionId"])["ResultSet"]["Rows"]
    return [[value.get("VarCharValue") for value in row["Data"]] for row in rows]


def ended(look: Callable[[], dict[str, Any]], state: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """Waits until something is no longer in progress and returns its description."""

    def told_at_the_end() -> dict[str, Any]:
        return told if state(told := look()) not in _UNDER_WAY else {}

    return eventually(told_at_the_end, details=look)
