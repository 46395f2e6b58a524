"""Glue: a job run executes the job's script with the job's role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.glue.models import FakeJob, FakeJobRun, glue_backends

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, Task, TaskRunner
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.glue.executor.data_catalog import DataCatalog


def _start(exchange: Exchange, runtime: Runtime) -> Answer:
    """Starts a run. Runs of one job wait for each other. On AWS they do so only if the job queues its runs."""
    answer = exchange.below()
    if answer.succeeded:
        job, run = _job(exchange), str(exchange.call.result(answer)["JobRunId"])
        started: FakeJobRun = job.job_runs[-1]
        call = exchange.call
        job_input = {
            "role": job.role,
            "job": f"arn:aws:glue:{call.region}:{call.account}:job/{job.name}",
            "subnets": list(_subnets(call, job)),
            "script": job.command["ScriptLocation"],
            "arguments": {"--JOB_NAME": job.name, **(started.arguments or {})},
            "bookmark": _bookmarks(exchange).get(job.name, {}),
            "tables": _tables(exchange, job),
        }
        minutes = float(started.timeout or job.timeout or 2880)
        lane = f"glue {call.account} {call.region} {job.name}"
        runtime.runner.submit(Task("glue", run, call.account, call.region, minutes * 60, job_input, lane))
    return answer


def _subnets(call: Call, job: FakeJob) -> Iterator[str]:
    """Yields the subnets of a job's connections."""
    known = glue_backends[call.account][call.region].connections
    for name in (job.connections or {}).get("Connections", []):
        if name in known:
            place = known[name].connection_input.get("PhysicalConnectionRequirements", {})
            if place.get("SubnetId"):
                yield str(place["SubnetId"])


def _tables(exchange: Exchange, job: FakeJob) -> list[dict[str, Any]]:
    """Returns the tables that a job finds by name, if its Spark uses the Glue Data Catalog."""
    if job.default_arguments.get("--enable-glue-datacatalog") != "true":
        return []
    call = exchange.call
    return list(DataCatalog(job.role, call.account, call.region, exchange.memory).readable())


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    runtime.memory.notes("glue-runs", outcome.account, outcome.region)[outcome.run] = outcome
    # A job that commits reports its bookmark. A job that does not commit reads the same objects again.
    if bookmark := outcome.left.get("bookmark"):
        runtime.memory.notes("glue-bookmarks", outcome.account, outcome.region)[outcome.left["job"]] = bookmark
    _publish(outcome)


def _publish(outcome: Outcome) -> None:
    """Publishes the end of a run (Glue Developer Guide, "Automating Glue with EventBridge", read 2026-11-22)."""
    jobs = glue_backends[outcome.account][outcome.region].jobs.values()
    name = next((job.name for job in jobs if outcome.run in [run.job_run_id for run in job.job_runs]), None)
    if name is None:
        return
    succeeded = outcome.state == "SUCCEEDED"
    detail = {
        "jobName": name,
        "severity": "INFO" if succeeded else "ERROR",
        "state": outcome.state,
        "jobRunId": outcome.run,
        "message": "Job run succeeded" if succeeded else outcome.message,
    }
    outbox.publish(outcome.account, outcome.region, "aws.glue", "Glue Job State Change", detail)


def _get_run(exchange: Exchange, runtime: Runtime) -> Answer:
    return exchange.amend(
        lambda result: result["JobRun"].update(_run_state(exchange, runtime.runner, result["JobRun"]))
    )


def _get_runs(exchange: Exchange, runtime: Runtime) -> Answer:
    def tell(result: dict[str, Any]) -> None:
        for run in result["JobRuns"]:
            run.update(_run_state(exchange, runtime.runner, run))

    return exchange.amend(tell)


def _reset_bookmark(exchange: Exchange, _runtime: Runtime) -> Answer:
    job = _job(exchange)
    _bookmarks(exchange).pop(job.name, None)
    return exchange.call.reply({"JobBookmarkEntry": {"JobName": job.name}})


def _run_state(exchange: Exchange, runner: TaskRunner, run: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the real state of a run. moto reports that every run succeeded after 123 seconds."""
    job: FakeJob = glue_backends[exchange.call.account][exchange.call.region].get_job(run["JobName"])
    known: Mapping[str, Any] = {"GlueVersion": job.glue_version, "LogGroupName": "/aws-glue/jobs"}
    outcome: Outcome | None = _runs(exchange).get(run["Id"])
    if outcome is not None:
        ended = datetime.fromtimestamp(run["StartedOn"].timestamp() + outcome.seconds, UTC)
        of_failure = {"ErrorMessage": outcome.message} if outcome.message else {}
        times = {"CompletedOn": ended, "LastModifiedOn": ended, "ExecutionTime": outcome.seconds}
        return {**known, **times, **of_failure, "JobRunState": outcome.state}
    return {**known, "ExecutionTime": 0, "JobRunState": "WAITING" if runner.waits(run["Id"]) else "RUNNING"}


def _job(exchange: Exchange) -> FakeJob:
    return glue_backends[exchange.call.account][exchange.call.region].get_job(exchange.call.parameters["JobName"])


def _runs(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("glue-runs", exchange.call.account, exchange.call.region)


def _bookmarks(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("glue-bookmarks", exchange.call.account, exchange.call.region)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetJobRun": _get_run,
    "GetJobRuns": _get_runs,
    "ResetJobBookmark": _reset_bookmark,
    "StartJobRun": _start,
}
