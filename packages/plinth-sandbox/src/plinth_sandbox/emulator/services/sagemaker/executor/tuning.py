"""Tuning jobs: training jobs with hyperparameters from the ranges, of which the best one counts.

SageMaker's Bayesian search is not documented, so ``Bayesian`` draws at random here, as ``Random`` does.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.executor import sampling
from plinth_sandbox.emulator.services.sagemaker.executor.jobs import (
    TRAINING,
    TUNING,
    check_instances,
    find,
    job_of,
    run_of,
    stop,
)
from plinth_sandbox.emulator.services.sagemaker.executor.search import (
    Search,
    objective_value,
    ranked,
    running,
    searches,
    summaries,
)
from plinth_sandbox.emulator.store.record import Record, now

OBJECTIVE = "_tuning_objective_metric"
"""Hyperparameter with which SageMaker tells a training job its objective."""
_UNSUPPORTED = (
    "Autotune",
    "MaxRuntimeInSeconds",
    "TrainingJobDefinitions",
    "TuningJobCompletionCriteria",
    "WarmStartConfig",
)
"""Members of a request, its configuration or its limits without which the sandbox tunes."""
_OF_TUNING = (
    "DefinitionName",
    "HyperParameterRanges",
    "HyperParameterTuningResourceConfig",
    "StaticHyperParameters",
    "TuningObjective",
)
"""Members of the definition that a training job does not have."""


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    search = _checked(call)
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    record = search.record(runtime)
    assert record is not None
    record.values[TUNING.status] = "InProgress"
    searches(runtime, call.account, call.region)[search.name] = search
    _advance(search, record, runtime)
    return answer


def _checked(call: Call) -> Search:
    """Returns the search that a request describes. Refuses what SageMaker refuses, and what does not run here."""
    asked, config = call.parameters, call.parameters["HyperParameterTuningJobConfig"]
    limits, ranges = config["ResourceLimits"], config.get("ParameterRanges", {})
    unsupported = [name for name in _UNSUPPORTED if any(name in given for given in (asked, config, limits))]
    if config["Strategy"] == "Hyperband":
        unsupported.append("Hyperband")
    if unsupported:
        raise AwsError("NotImplementedBySandbox", f"The sandbox tunes without {', '.join(unsupported)}.")
    definition = asked.get("TrainingJobDefinition")
    if definition is None:
        raise AwsError("ValidationException", "A tuning job needs a TrainingJobDefinition.")
    check_instances(definition.get("ResourceConfig", {}))
    if reason := sampling.problem(ranges, definition.get("StaticHyperParameters", {})) or _problem(config, definition):
        raise AwsError("ValidationException", reason)
    combinations = sampling.grid(ranges) if config["Strategy"] == "Grid" else []
    total = int(limits.get("MaxNumberOfTrainingJobs") or len(combinations))
    if combinations and total != len(combinations):
        raise AwsError("ValidationException", f"The grid has {len(combinations)} combinations, not {total}.")
    name = str(asked[TUNING.name])
    tags = list(asked.get("Tags", ()))
    return Search(name, call.account, call.region, config, definition, total, combinations, tags)


def _problem(config: Mapping[str, Any], definition: Mapping[str, Any]) -> str | None:
    objective = config.get("HyperParameterTuningJobObjective", {}).get("MetricName")
    metrics = {
        metric_definition["Name"]
        for metric_definition in definition["AlgorithmSpecification"].get("MetricDefinitions", [])
    }
    if objective not in metrics:
        return (
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            "definitions."
        )
    if config["Strategy"] == "Grid":
        return None if sampling.is_categorical(config["ParameterRanges"]) else "Grid search needs categorical ranges."
    return None if config["ResourceLimits"].get("MaxNumberOfTrainingJobs") else "MaxNumberOfTrainingJobs is required."


def _advance(search: Search, record: Record, runtime: Runtime) -> None:
    """Starts training jobs up to the limit, and ends the tuning job after the last one."""
    while record.values[TUNING.status] == "InProgress" and len(search.trials) < search.total:
        if len(running(search, runtime)) >= int(search.config["ResourceLimits"]["MaxParallelTrainingJobs"]):
            break
        try:
            _start_one(search, record, runtime)
        except ClientError as error:
            _end(record, "Failed", f"ClientError: {error}")
    if not running(search, runtime) and record.values[TUNING.status] in ("InProgress", "Stopping"):
        _end_search(search, record, runtime)
    _describe_progress(search, record, runtime)


def _start_one(search: Search, record: Record, runtime: Runtime) -> None:
    """Creates the next training job. Its name is that of the tuning job, a number and a suffix, as SageMaker's are."""
    values, definition = search.next_values(), search.definition
    name = f"{search.name}-{len(search.trials) + 1:03d}-{random.getrandbits(32):08x}"
    static = definition.get("StaticHyperParameters", {})
    request = {key: value for key, value in definition.items() if key not in _OF_TUNING}
    request |= {
        TRAINING.name: name,
        "HyperParameters": {**static, **values, OBJECTIVE: search.objective["MetricName"]},
        "Tags": search.tags,
    }
    role = str(definition["RoleArn"])
    sagemaker = runtime.client("sagemaker", role, search.region, "SageMaker", opened_by="sagemaker")
    sagemaker.create_training_job(**request)
    search.trials[name] = values
    started = find(TRAINING, search.account, search.region, name, runtime)
    assert started is not None
    started.values["TuningJobArn"] = record.arn


def _end_search(search: Search, record: Record, runtime: Runtime) -> None:
    if record.values[TUNING.status] == "Stopping":
        _end(record, "Stopped")
    elif any(summary["ObjectiveStatus"] == "Succeeded" for summary in summaries(search, runtime)):
        _end(record, "Completed")
    else:
        _end(
            record,
            "Failed",
            f"No objective metrics found after running {len(search.trials)} training jobs. Please ensure that the "
            "custom algorithm is emitting the objective metric as defined by the regular expression provided.",
        )


def _end(record: Record, status: str, reason: str = "") -> None:
    record.values |= {TUNING.status: status, TUNING.ended: now()}
    if reason:
        record.values["FailureReason"] = reason


def _describe_progress(search: Search, record: Record, runtime: Runtime) -> None:
    jobs = summaries(search, runtime)
    statuses = Counter(job[TRAINING.status] for job in jobs)
    objectives = Counter(job["ObjectiveStatus"] for job in jobs)
    record.values |= {
        "TrainingJobStatusCounters": {
            "Completed": statuses["Completed"],
            "InProgress": statuses["InProgress"] + statuses["Stopping"],
            "NonRetryableError": statuses["Failed"],
            "RetryableError": 0,
            "Stopped": statuses["Stopped"],
        },
        "ObjectiveStatusCounters": {name: objectives[name] for name in ("Succeeded", "Pending", "Failed")},
    }
    if best := ranked(search, jobs)[:1]:
        record.values["BestTrainingJob"] = best[0]
    record.changed = now()


def ended_by(account: str, region: str, run: str, runtime: Runtime) -> Iterator[str]:
    """Continues the tuning job to which a run belongs, and yields the tuning job's own run if it has ended."""
    _, name = job_of(run)
    for search in searches(runtime, account, region).values():
        record = search.record(runtime)
        if name in search.trials and record is not None:
            _advance(search, record, runtime)
            if record.values[TUNING.status] not in ("InProgress", "Stopping"):
                yield run_of(TUNING, account, region, search.name)


def stop_tuning(account: str, region: str, name: str, runtime: Runtime) -> None:
    """Stops a tuning job and its training jobs. Raises the errors of StopHyperParameterTuningJob."""
    record = find(TUNING, account, region, name, runtime)
    if record is None:
        raise AwsError("ResourceNotFound", "Requested resource not found.")
    status = record.values[TUNING.status]
    if status != "InProgress":
        reason = f"The request was rejected because the HyperParameterTuningJob is in status {status}."
        raise AwsError("ValidationException", reason)
    record.values[TUNING.status] = "Stopping"
    search = searches(runtime, account, region)[name]
    for trial in running(search, runtime):
        stop(TRAINING, account, region, trial, runtime)


def _stop(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    stop_tuning(call.account, call.region, str(call.parameters[TUNING.name]), runtime)
    return call.reply({})


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a tuning job. Its training jobs stay, also those that run."""
    call = exchange.call
    name = str(call.parameters[TUNING.name])
    if find(TUNING, call.account, call.region, name, runtime) is None:
        raise AwsError("ResourceNotFound", "Requested resource not found.")
    searches(runtime, call.account, call.region).pop(name, None)
    return exchange.below()


def _list_training_jobs(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    search = searches(runtime, call.account, call.region).get(call.parameters[TUNING.name])
    if search is None:
        raise AwsError("ResourceNotFound", "Requested resource not found.")
    found = _sorted(search, summaries(search, runtime), call.parameters)
    if status := call.parameters.get("StatusEquals"):
        found = [summary for summary in found if summary[TRAINING.status] == status]
    items, further = page(found, call.parameters, 10)
    return call.reply({"TrainingJobSummaries": items, **further})


def _sorted(search: Search, found: list[dict[str, Any]], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Sorts as the request says. Training jobs without an objective are not in an order by it."""
    falling = asked.get("SortOrder") == "Descending"
    match asked.get("SortBy", "Name"):
        case "FinalObjectiveMetricValue":
            return sorted(ranked(search, found), key=objective_value, reverse=falling)
        case "Status":
            return sorted(found, key=lambda summary: str(summary[TRAINING.status]), reverse=falling)
        case "CreationTime":
            return sorted(found, key=lambda summary: str(summary["CreationTime"]), reverse=falling)
    return sorted(found, key=lambda summary: str(summary[TRAINING.name]), reverse=falling)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateHyperParameterTuningJob": _create,
    "DeleteHyperParameterTuningJob": _delete,
    "ListTrainingJobsForHyperParameterTuningJob": _list_training_jobs,
    "StopHyperParameterTuningJob": _stop,
}
